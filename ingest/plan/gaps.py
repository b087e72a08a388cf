"""Days that no run will look at any more though they are not closed, or were never fetched: one gap each range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from ingest.sources.bounds import bounds_of
from ingest.sources.model import SourceSeries
from ingest.sources.period import Period
from snapshots.completeness.state import state_of
from snapshots.store.layout import Series

from .reach import is_beyond_run
from .revisit import DayHistory, next_look
from .waived import Waiver


class Gap(NamedTuple):
    """Adjacent days of a series, whatever keeps each of them from being closed."""

    series: Series
    days: Sequence[DayHistory]

    @property
    def since(self) -> date:
        """Its first day."""
        return self.days[0].first

    @property
    def until(self) -> date:
        """The day that names its last listing."""
        return self.days[-1].first

    @property
    def command(self) -> tuple[str, ...]:
        """What fetches its days: the words after `dailypapers`."""
        query = ("--query", self.series.query) if self.series.query else ()
        return ("backfill", self.series.source, *query, "--since", f"{self.since}", "--until", f"{self.until}")

    def describe(self, now: datetime) -> str:
        """What is wrong, and from when on its command has something to do."""
        states = Counter(_state(day, now) for day in self.days)
        counts = ", ".join(f"{count} {state}" for state, count in states.items())
        days = f"{len(self.days)} days are" if len(self.days) > 1 else "the day is"
        due = self.next_look(now)
        later = f"; the next look is due {due:%Y-%m-%d %H:%M} UTC" if due > now else ""
        return f"{days} not closed ({counts}) and out of reach of run{later}"

    def next_look(self, now: datetime) -> datetime:
        """When the first of its days is due for a look; now where one is, or is looked at only if somebody asks."""
        return min(max(next_look(day, now) or now, now) for day in self.days)


def gaps(
    source_series: SourceSeries,
    histories: Mapping[date, DayHistory | None],
    waived: Collection[Waiver],
    now: datetime,
) -> list[Gap]:
    """The gaps of a series since its first day that was fetched, without what is waived.

    `histories` are those of all its stored days; None is a day that cannot be judged. Imports alone begin nothing.
    Lists that show only the present, and what comes from files, have no gaps: a past one cannot be fetched.
    """
    source = source_series.source
    fetched = [day for day, history in histories.items() if history is not None and history.newest is not None]
    if source.period is Period.NOW or not source.fetched or not fetched:
        return []
    series = source_series.series
    listings = _listings(source_series, histories, min(fetched), now.date())
    beyond = (day for day in listings if is_beyond_run(day, now))
    return as_gaps(series, (day for day in beyond if not any(one.covers(series, day.first) for one in waived)))


def as_gaps(series: Series, days: Iterable[DayHistory]) -> list[Gap]:
    """The ranges that days of a series, given in order, are in."""
    found: list[list[DayHistory]] = []
    for day in days:
        if found and day.period.after(found[-1][-1].first) == day.first:
            found[-1].append(day)
        else:
            found.append([day])
    return [Gap(series, ranged) for ranged in found]


def _listings(
    source_series: SourceSeries, histories: Mapping[date, DayHistory | None], first: date, today: date
) -> Iterator[DayHistory]:
    """All listings from one on, those included that were never fetched."""
    source = source_series.source
    day = first
    while day <= today:
        history = histories.get(day, DayHistory(source.period, day, bounds_of(source, day), ()))
        if history is not None:
            yield history
        day = source.period.after(day)


def _state(day: DayHistory, now: datetime) -> str:
    return state_of(day.looks, day.bounds, now).name if day.looks else "never fetched"
