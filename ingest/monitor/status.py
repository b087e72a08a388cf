"""A store as it stands now: the clock applied to the evidence in its certificates, which are read as plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

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

_COUNTS: Final = ("papers", "gone", "rejects", "as_of", "lost")


@dataclass(frozen=True, slots=True)
class DayStatus:
    """A source-day with the clock applied to its evidence."""

    series: Series
    day: date
    state: State | None = None
    """None where the day was never fetched."""
    counts: Mapping[str, Any] | None = None
    """Of its certificate: `papers`, `gone`, `rejects`, `as_of`, `lost`, and the number of its `fetches`."""
    certificate: Certificate | None = None
    """All of it, of a day that drift is told from; of years that would be a lot to hold."""
    fetched: datetime | None = None
    """Its newest fetch; imports are none."""
    succeeded: datetime | None = None
    """Its newest fetch that is whole."""
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
    """A series with all its days, those of the window included that were never fetched."""

    source: Source
    series: Series
    days: Sequence[DayStatus]

    @property
    def fetched(self) -> datetime | None:
        """Its newest fetch, whatever came of it."""
        return max((day.fetched for day in self.days if day.fetched), default=None)

    @property
    def succeeded(self) -> datetime | None:
        """Its newest fetch that is whole."""
        return max((day.succeeded for day in self.days if day.succeeded), default=None)

    def total(self, name: str, since: date = date.min) -> int:
        """A count of the certificates, over all days from one on."""
        return sum(int(day.counts[name]) for day in self.days if day.counts and day.day >= since)

    def due_since(self, now: datetime) -> datetime | None:
        """Since when it is late: the first look after its newest fetch that nobody took. None where it is not."""
        newest = self.fetched
        if newest is None:
            return None
        looks = [day.next_look for day in self.days]
        if self.source.period is Period.NOW:
            # Of a list of the moment no day is owed but the next one.
            looks.append(_begin_of_looks(newest + timedelta(days=1)))
        return min((look for look in looks if look is not None and newest < look <= now), default=None)

    def late(self, now: datetime) -> timedelta:
        """How late it is."""
        since = self.due_since(now)
        return now - since if since is not None else timedelta(0)


def series_status(store: Store, source_series: SourceSeries, now: datetime) -> SeriesStatus:
    """A series as it stands. A certificate that cannot be read is said of its day and stops nothing."""
    source, series = source_series.source, source_series.series
    held = store.days_with_snapshots(series)
    wanted = set(held)
    if held and source.fetched and source.period is not Period.NOW:
        wanted |= set(window(source.period, held[0], now.date()))
    return SeriesStatus(source, series, list(_statuses(store, map(source_series.on, sorted(wanted)), now)))


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
    listed = history_in(source_day, certificate)
    state = state_of(listed.looks, listed.bounds, now) if certificate else None
    counts = {name: certificate[name] for name in _COUNTS} | {"fetches": len(listed.looks)} if certificate else None
    recent = certificate if day >= (now - PAST).date() else None
    if not source.fetched:
        return DayStatus(series, day, state, counts, recent)
    made = [look for look in listed.looks if look.made]
    return DayStatus(
        series=series,
        day=day,
        state=state,
        counts=counts,
        certificate=recent,
        fetched=made[-1].at if made else None,
        succeeded=next((look.at for look in reversed(made) if look.whole), None),
        next_look=next_look(listed, now),
        alarm=alarm_of(listed, now),
    )


def _begin_of_looks(at: datetime) -> datetime:
    """The first look on a day."""
    return at.replace(hour=OPEN_HOURS[0], minute=0, second=0, microsecond=0)
