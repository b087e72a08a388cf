"""What the digest reads of a store: the catalog, and the states of days in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from dailypapers.cli.messages import format_count
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus, series_status
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.period import Period
from dailypapers.ingest.sources.registry import source_named
from dailypapers.snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from .model import DayState, Listings


@contextmanager
def open_listings(store: Store) -> Iterator[Listings]:
    """The listings of a store. Raises StoreError as the catalog does."""
    from dailypapers.snapshots.catalog.catalog import open_catalog

    from .model import Listings

    with open_catalog(store) as catalog:
        yield Listings(catalog, end_of, _DayStates(store).between)


def end_of(series: Series, day: date) -> datetime:
    """The first instant after the listing that begins on a day."""
    return source_named(series.source).period.end(day)


@dataclass(frozen=True, slots=True)
class _DayStates:
    store: Store
    _statuses: dict[tuple[Series, datetime], SeriesStatus] = field(default_factory=dict)
    """Each is read once."""

    def between(self, series: Series, first: date, last: date, now: datetime) -> list[DayState]:
        """The days, weeks or months of a series from one day to another, in words."""
        from .model import DayState

        source = source_named(series.source)
        if (series, now) not in self._statuses:
            self._statuses[series, now] = series_status(self.store, SourceSeries(source, series), now)
        status = self._statuses[series, now]
        known = {day.day: day for day in status.days}
        days = {
            source.period.first_day(date.fromordinal(number))
            for number in range(first.toordinal(), last.toordinal() + 1)
        }
        return [DayState(day, describe_day(known.get(day), status, source.period)) for day in sorted(days)]


def describe_day(day: DayStatus | None, status: SeriesStatus, period: Period) -> str:
    """What is known of a day, in one sentence."""
    if day is None or day.state is None or day.counts is None:
        return "not fetched" + (" (this list shows only what is trending now)" if period is Period.NOW else "")
    papers = format_count(day.counts["papers"], "paper")
    young = status.young_day
    if young is not None and young.at.date() == day.day:
        return f"{young}"
    if day.state.name == "empty":
        return "empty: the list had no papers"
    if day.state.name == "partial":
        return f"in doubt, {papers} so far: {day.state.reason}"
    words = {
        "open": f"not over yet, {papers} so far",
        "settling": f"over, {papers}; a later fetch will show whether any were added",
        "closed": f"complete, {papers}",
    }
    return words[day.state.name]
