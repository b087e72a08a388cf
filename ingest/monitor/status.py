"""Current status of every day in a store: the clock applied to the evidence in its certificates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypedDict

from ingest.plan.alarms import Alarm, alarm_of
from ingest.plan.inventory import history_in
from ingest.plan.revisit import OPEN_HOURS, next_look, window
from ingest.sources.model import Source, SourceDay, SourceSeries
from ingest.sources.period import Period
from snapshots.certificate import Certificate, read_certificate
from snapshots.completeness.state import State, state_of
from snapshots.errors import CertificateError
from snapshots.store.layout import Series, Store

from .drift import PAST


class DayCounts(TypedDict):
    """The entries of a certificate that are kept for every day."""

    papers: int
    gone: int
    rejects: int
    as_of: str
    lost: list[str]
    fetches: int
    """The number of its fetches."""


@dataclass(frozen=True, slots=True)
class DayStatus:
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
    next_look: datetime | None = None
    alarm: Alarm | None = None
    unreadable: str | None = None
    """Why its certificate cannot be read."""

    @property
    def lost(self) -> list[str]:
        """The archive files that it was built without."""
        return self.counts["lost"] if self.counts else []


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """The status of a series: all stored days, and the days of the window that were never fetched."""

    source: Source
    series: Series
    days: Sequence[DayStatus]

    @property
    def fetched(self) -> datetime | None:
        """Time of the newest fetch, whole or not."""
        return max((day.fetched for day in self.days if day.fetched), default=None)

    @property
    def succeeded(self) -> datetime | None:
        """Time of the newest whole fetch."""
        return max((day.succeeded for day in self.days if day.succeeded), default=None)

    def total(self, name: Literal["papers", "rejects"], since: date = date.min) -> int:
        """The papers or rejects of all days since one."""
        return sum(day.counts[name] for day in self.days if day.counts and day.day >= since)

    def due_since(self, now: datetime) -> datetime | None:
        """Since when a fetch is due, if none was made since then; None if the series is not late."""
        newest = self.fetched
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
    stored = store.days_with_snapshots(series)
    days = set(stored)
    if stored and source.fetched and source.period is not Period.NOW:
        days |= set(window(source.period, stored[0], now.date()))
    return SeriesStatus(source, series, list(_statuses(store, map(source_series.on, sorted(days)), now)))


def _statuses(store: Store, days: Iterable[SourceDay], now: datetime) -> Iterator[DayStatus]:
    for source_day in days:
        series, day = source_day.series, source_day.day
        try:
            certificate = read_certificate(store.certificate(series, day))
        except CertificateError as error:
            yield DayStatus(series, day, State("partial", str(error)), unreadable=str(error))
            continue
        yield _status(source_day, certificate, now)


def _status(source_day: SourceDay, certificate: Certificate | None, now: datetime) -> DayStatus:
    source, series, day = source_day.source, source_day.series, source_day.day
    history = history_in(source_day, certificate)
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
        next_look=next_look(history, now),
        alarm=alarm_of(history, now),
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
