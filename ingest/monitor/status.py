"""Current status of every day in a store: the clock applied to the evidence in its certificates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple, TypedDict

from dailypapers.ingest.plan.attempts import unanswered_passes
from dailypapers.ingest.plan.gaps import Gap, gaps, unwaived
from dailypapers.ingest.plan.inventory import first_day, history_in
from dailypapers.ingest.plan.revisit import OPEN_HOURS, Alarm, DayHistory, alarm_of, is_in_reach, next_look, window
from dailypapers.ingest.plan.waived import waivers
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import Source, SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import Certificate, read_certificate
from dailypapers.snapshots.completeness.state import FetchSummary, State, state_of
from dailypapers.snapshots.completeness.young_day import YoungDay, young_day
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.layout import Series, Store

from .drift import PAST

MAX_REJECTS_SHARE: Final = 0.05
"""Rejects over this share of the items of a day's view need attention."""


def too_many(rejects: int, items: int, share: float) -> bool:
    """Whether rejects need attention: more than a share of the items, and more than one.

    One bad item of twelve is 8 %, but it is only one bad item.
    """
    return rejects > 1 and rejects > share * items


def needs_attention(certificate: Certificate) -> bool:
    """Whether a day was built without some of its archive files, or with too many rejects."""
    views = certificate["fetches"][-1]["views"]
    return bool(certificate["lost"]) or any(
        too_many(view["rejects"], view["items"], MAX_REJECTS_SHARE) for view in views
    )


def alarm_after(source_day: SourceDay, certificate: Certificate, now: datetime) -> Alarm | None:
    """The alarm that a day raises after it was fetched."""
    return alarm_of(history_in(source_day, certificate), now)


class RunRejects:
    """The rejects and items of a run's days; of a day's views the one with the most rejects counts."""

    def __init__(self) -> None:
        self._days: dict[tuple[Series, date], tuple[int, int]] = {}

    def add(self, series: Series, day: date, certificate: Certificate) -> None:
        """Count a day; a day that is built twice in a run counts once."""
        views = certificate["fetches"][-1]["views"]
        self._days[series, day] = max(((view["rejects"], view["items"]) for view in views), default=(0, 0))

    def exceeded(self) -> Iterator[tuple[Series, str]]:
        """The series of which more items were rejected than its source allows, with the reason."""
        for each in dict.fromkeys(series for series, _ in self._days):
            counts = [counts for (series, _), counts in self._days.items() if series == each]
            rejects, items = sum(rejects for rejects, _ in counts), sum(items for _, items in counts)
            share = SOURCES[each.source].most_rejects
            if too_many(rejects, items, share):
                yield each, f"{rejects} of {items} items were rejected, more than {share:.0%}"


class DayCounts(TypedDict):
    """The entries of a certificate that are kept for every day."""

    papers: int
    gone: int
    rejects: int
    as_of: str
    lost: list[str]
    fetches: int
    """The number of its fetches."""


class DayStatus(NamedTuple):
    """The status of one source-day."""

    series: Series
    day: date
    state: State | None = None
    """None if the day was never fetched."""
    counts: DayCounts | None = None
    certificate: Certificate | None = None
    """Only of a recent day, which drift is detected from: those of years would take much memory."""
    fetched: datetime | None = None
    """Time of its newest fetch; imports do not count."""
    succeeded: datetime | None = None
    """Time of its newest whole fetch."""
    tried: datetime | None = None
    """Time of its newest pass, whether any view answered or not."""
    next_look: datetime | None = None
    """When a run fetches it next; in the past if that is late, None if no run will."""
    alarm: Alarm | None = None
    history: DayHistory | None = None
    """None if its certificate cannot be read."""
    is_gap: bool = False
    """It is not closed, and no run will fetch it again."""
    is_waived: bool = False
    """The same, but it is waived."""
    unreadable: str | None = None
    """Why its certificate cannot be read."""

    @property
    def glyph(self) -> str:
        """What a calendar shows: its state, or what matters more."""
        if self.is_gap or self.is_waived:
            return "waived" if self.is_waived else "out of reach"
        return self.state.name if self.state else "missing"

    @property
    def lost(self) -> list[str]:
        """The archive files that it was built without."""
        return self.counts["lost"] if self.counts else []


class SeriesStatus(NamedTuple):
    """The status of a series: all stored days, and the days of the window that were never fetched."""

    source: Source
    series: Series
    days: Sequence[DayStatus]
    gaps: Sequence[Gap] = ()
    """Ranges of days that are not closed and that no run will fetch again, without those that are waived."""

    @property
    def fetched(self) -> datetime | None:
        """Time of the newest fetch, whole or not."""
        return max((day.fetched for day in self.days if day.fetched), default=None)

    @property
    def succeeded(self) -> datetime | None:
        """Time of the newest whole fetch."""
        return max((day.succeeded for day in self.days if day.succeeded), default=None)

    @property
    def tried(self) -> datetime | None:
        """Time of the newest pass, whether any view answered or not."""
        return max((day.tried for day in self.days if day.tried), default=None)

    @property
    def young_day(self) -> YoungDay | None:
        """The newest day if it is open, with how complete such a day usually is; None if nothing can be said."""
        newest = self.days[-1] if self.days else None
        if newest is None or newest.history is None or not newest.state or newest.state.name != "open":
            return None
        closed = {
            day.day: day.history.looks for day in self.days if day.history and day.state and day.state.name == "closed"
        }
        return young_day(newest.day, newest.history.looks, closed)

    def total(self, name: Literal["papers", "rejects"], since: date = date.min) -> int:
        """The papers or rejects of all days since one."""
        return sum(day.counts[name] for day in self.days if day.counts and day.day >= since)

    def due_since(self, now: datetime) -> datetime | None:
        """Since when a fetch is due, if none was made since then; None if the series is not late."""
        newest = self.tried
        if newest is None:
            return None
        looks = [day.next_look for day in self.days]
        if self.source.period is Period.NOW:
            # Of a list without past days, only the next day can be late.
            looks.append(_begin_of_looks(newest + timedelta(days=1)))
        return min((look for look in looks if look is not None and newest < look <= now), default=None)

    def late(self, now: datetime) -> timedelta:
        """How long a fetch has been due; zero if the series is not late."""
        since = self.due_since(now)
        return now - since if since is not None else timedelta(0)


def series_status(store: Store, source_series: SourceSeries, now: datetime) -> SeriesStatus:
    """The status of a series. A certificate that cannot be read is noted at its day."""
    source, series = source_series.source, source_series.series
    listed = {*store.days_with_snapshots(series), *store.days_with_attempts(series)}
    first = first_day(store, source_series)
    if first is not None and source.fetched and source.period is not Period.NOW:
        listed |= set(window(source.period, first, now.date()))
    days = {day: _read_status(store, source_series.on(day), now) for day in sorted(listed)}
    unclosed = gaps(source_series, {day: status.history for day, status in days.items()}, now)
    left = unwaived(unclosed, waivers(store))
    in_gap = {day for gap in left for day in gap.listings()}
    for day in (day for gap in unclosed for day in gap.listings()):
        known = days.get(day) or DayStatus(series, day)
        days[day] = known._replace(is_gap=day in in_gap, is_waived=day not in in_gap)
    return SeriesStatus(source, series, [days[day] for day in sorted(days)], left)


def _read_status(store: Store, source_day: SourceDay, now: datetime) -> DayStatus:
    series, day = source_day.series, source_day.day
    try:
        certificate = read_certificate(store.certificate(series, day))
    except CertificateError as error:
        return DayStatus(series, day, State("partial", str(error)), unreadable=str(error))
    return _status(source_day, certificate, unanswered_passes(store, source_day), now)


def _status(
    source_day: SourceDay, certificate: Certificate | None, unanswered: Sequence[FetchSummary], now: datetime
) -> DayStatus:
    source, series, day = source_day.source, source_day.series, source_day.day
    history = history_in(source_day, certificate, unanswered)
    state = state_of(history.looks, history.bounds, now) if certificate else None
    counts = _counts(certificate) if certificate else None
    recent = certificate if day >= (now - PAST).date() else None
    if not source.fetched:
        return DayStatus(series, day, state, counts, recent)
    made = [look for look in history.looks if look.made]
    return DayStatus(
        series=series,
        day=day,
        state=state,
        counts=counts,
        certificate=recent,
        fetched=made[-1].at if made else None,
        succeeded=next((look.at for look in reversed(made) if look.whole), None),
        tried=history.passes[-1].at if history.passes else None,
        next_look=next_look(history, now) if is_in_reach(source.period, day, now.date()) else None,
        alarm=alarm_of(history, now),
        history=history,
    )


def _counts(certificate: Certificate) -> DayCounts:
    return DayCounts(
        papers=certificate["papers"],
        gone=certificate["gone"],
        rejects=certificate["rejects"],
        as_of=certificate["as_of"],
        lost=certificate["lost"],
        fetches=len(certificate["fetches"]),
    )


def _begin_of_looks(at: datetime) -> datetime:
    """The first planned fetch on a day."""
    return at.replace(hour=OPEN_HOURS[0], minute=0, second=0, microsecond=0)
