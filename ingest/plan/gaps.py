"""Days that no run will look at any more though they are not closed, or were never fetched: one gap each range.

Days that were never fetched are only counted: a gap of ten years costs no more than one of a week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.snapshots.completeness.state import state_of
from dailypapers.snapshots.store.layout import Series

from .revisit import DayHistory, first_in_reach, is_beyond_run, next_look
from .waived import Waiver

_NEVER = "never fetched"


class Gap(NamedTuple):
    """Adjacent days of a series, whatever keeps each of them from being closed."""

    series: Series
    period: Period
    since: date
    """Its first day."""
    until: date
    """The day that names its last listing."""
    known: Sequence[DayHistory]
    """Those of its listings of which something is known, in order; the others were never fetched."""

    @property
    def size(self) -> int:
        """The number of its listings."""
        return self.period.count(self.since, self.until)

    @property
    def command(self) -> tuple[str, ...]:
        """What fetches its days: the words after `dailypapers`."""
        query = ("--query", self.series.query) if self.series.query else ()
        return ("backfill", self.series.source, *query, "--since", f"{self.since}", "--until", f"{self.until}")

    def listings(self) -> Iterator[date]:
        """The day that names each of its listings, in order."""
        day = self.since
        while day <= self.until:
            yield day
            day = self.period.after(day)

    def describe(self, now: datetime) -> str:
        """What is wrong, and from when on its command has something to do."""
        states = Counter({_NEVER: self.size - len(self.known)})
        states.update(_state(day, now) for day in self.known)
        counts = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        days = f"{self.size} days are" if self.size > 1 else "the day is"
        due = self.next_look(now)
        later = f"; the next look is due {due:%Y-%m-%d %H:%M} UTC" if due > now else ""
        return f"{days} not closed ({counts}) and out of reach of run{later}"

    def next_look(self, now: datetime) -> datetime:
        """When the first of its days is due for a look; now where one is, or is looked at only if somebody asks."""
        if len(self.known) < self.size:
            return now
        return min(max(next_look(day, now) or now, now) for day in self.known)


def gaps(source_series: SourceSeries, histories: Mapping[date, DayHistory | None], now: datetime) -> list[Gap]:
    """The gaps of a series since its first day that was fetched, waived or not.

    `histories` are those of all its stored days; None is a day that cannot be judged. Imports alone begin nothing.
    Lists that show only the present, and what comes from files, have no gaps: a past one cannot be fetched.
    """
    source = source_series.source
    fetched = [day for day, history in histories.items() if history is not None and history.newest is not None]
    if source.period is Period.NOW or not source.fetched or not fetched:
        return []
    return _joined(_parts(source_series, histories, min(fetched), now))


def unwaived(found: Iterable[Gap], waived: Collection[Waiver]) -> list[Gap]:
    """What is left of gaps without the days that are waived."""
    in_order = sorted(waived, key=attrgetter("since"))
    return [part for gap in found for part in _unwaived(gap, in_order)]


def as_gaps(series: Series, days: Iterable[DayHistory]) -> list[Gap]:
    """The ranges that days of a series, given in order, are in."""
    return _joined(Gap(series, day.period, day.first, day.first, [day]) for day in days)


def _joined(parts: Iterable[Gap]) -> list[Gap]:
    """The parts, given in order, where adjacent ones are one gap."""
    found: list[list[Gap]] = []
    for part in parts:
        if found and part.period.after(found[-1][-1].until) == part.since:
            found[-1].append(part)
        else:
            found.append([part])
    return [
        ranged[0]._replace(until=ranged[-1].until, known=[day for part in ranged for day in part.known])
        for ranged in found
    ]


def _parts(
    source_series: SourceSeries, histories: Mapping[date, DayHistory | None], first: date, now: datetime
) -> Iterator[Gap]:
    """From one day on, each day beyond a run of which something is known, and the ranges between them."""
    series, period = source_series.series, source_series.source.period
    end, following = first_in_reach(period, now.date()), first
    for day in sorted(day for day in histories if first <= day <= now.date()):
        yield from _never_fetched(series, period, following, min(day, end))
        history = histories[day]
        if history is not None and is_beyond_run(history, now):
            yield Gap(series, period, day, day, [history])
        following = period.after(day)
    yield from _never_fetched(series, period, following, end)


def _never_fetched(series: Series, period: Period, since: date, end: date) -> Iterator[Gap]:
    """The listings from one to that before another, if there are any."""
    if since < end:
        yield Gap(series, period, since, period.before(end), [])


def _unwaived(gap: Gap, waived: Iterable[Waiver]) -> Iterator[Gap]:
    since, period = gap.since, gap.period
    for waiver in waived:
        begin = period.after(period.before(max(waiver.since, since)))
        end = period.first_day(min(waiver.until, gap.until))
        if waiver.series != str(gap.series) or begin > end:
            continue
        if since < begin:
            yield _between(gap, since, period.before(begin))
        since = period.after(end)
    if since <= gap.until:
        yield _between(gap, since, gap.until)


def _between(gap: Gap, since: date, until: date) -> Gap:
    return gap._replace(since=since, until=until, known=[day for day in gap.known if since <= day.first <= until])


def _state(day: DayHistory, now: datetime) -> str:
    return state_of(day.looks, day.bounds, now).name if day.looks else _NEVER
