"""A store as a Python program reads it: days, papers, and the history of a paper. Nothing here writes or fetches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.model import SourceSeries, bounds_of
from dailypapers.snapshots.certificate import Certificate, StateName, read_certificate
from dailypapers.snapshots.completeness.state import state_of, summaries
from dailypapers.snapshots.store.layout import Series, Store

from .catalog import PaperCatalog, as_day, day_range, source_series
from .errors import DayNotBuilt

if TYPE_CHECKING:
    # The record model takes a quarter of a second to load, and a search needs none of it.
    from dailypapers.parsers.model import Paper
    from dailypapers.snapshots.history import Metric


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a series that was built. Its papers and metrics are read from disk each time they are asked for."""

    series: Series
    day: date
    """The day that names the listing: of a week its Monday, of a month its first day."""
    state: StateName
    """`open`, `settling`, `closed`, `empty` or `partial`, now; the certificate has the state at its newest fetch."""
    reason: str
    """Why it is in that state, in a sentence."""
    certificate: Certificate = field(repr=False)
    """The evidence: every fetch and view, which fields the papers have, which files it was built from."""
    _store: Store = field(repr=False)

    def papers(self) -> Iterator[Paper]:
        """The papers of the day, in the order of their keys. Raises StoreError for a damaged day file."""
        from dailypapers.snapshots.reader import read_day  # noqa: PLC0415 - loads the record model

        return read_day(self._store, self.series, self.day)

    def metrics(self) -> Iterator[Metric]:
        """Upvotes, comments and stars at each fetch that changed one. Raises StoreError for a damaged file."""
        from dailypapers.snapshots.history import read_metrics  # noqa: PLC0415 - only here

        return read_metrics(self._store.metrics(self.series, self.day))


class PaperStore(PaperCatalog):
    """A store: the folder that `dailypapers run` fills. Only `join` and `split` change what it says.

    Days are given as `datetime.date` or as "YYYY-MM-DD"; ranges include both ends, and are open where one is None.
    Times are given as `datetime` with a zone or as "2025-12-08T10:00:00Z". `query` is for hf-search alone: the words
    that were searched for. Every method that names a source raises UnknownSource, InvalidQuery, InvalidDay or
    InvalidTime for wrong arguments.

    `find`, `paper`, `search`, `arrivals`, `query` and `history` read the catalog, a derived file of the store in which
    one paper is one paper over all sources and days; it is brought up to date first. They raise StoreError if that
    fails, and OSError if the disk refuses.
    """

    def series(self) -> list[Series]:
        """Every source of which the store holds anything; hf-search once for each query."""
        return [stored.series for stored in all_stored_series(self._store)]

    def days(
        self, source: str, *, query: str | None = None, since: date | str | None = None, until: date | str | None = None
    ) -> Iterator[Day]:
        """The days that were built, oldest first. Raises CertificateError at a day whose certificate is damaged."""
        return self._days(source_series(source, query), *day_range(since, until))

    def papers(
        self, source: str, *, query: str | None = None, since: date | str | None = None, until: date | str | None = None
    ) -> Iterator[Paper]:
        """The papers of all days, day by day, in constant memory. Raises StoreError at a damaged day file."""
        from dailypapers.snapshots.reader import read_range  # noqa: PLC0415 - loads the record model

        return read_range(self._store, source_series(source, query).series, *day_range(since, until))

    def day(self, source: str, day: date | str, *, query: str | None = None) -> Day:
        """One day; of a source with a list a week or a month the one in which the day lies.

        Raises DayNotBuilt if the store has none, CertificateError if its certificate is damaged.
        """
        listing = source_series(source, query)
        first = listing.source.period.first_day(as_day(day))
        stored = self._day(listing, first)
        if stored is None:
            command = f"dailypapers --store {self.path} run {source} --day {first}"
            raise DayNotBuilt(f"{listing} {first} is not in the store; fetch it: {command}")
        return stored

    def _days(self, listing: SourceSeries, since: date | None, until: date | None) -> Iterator[Day]:
        for day in self._store.days_with_snapshots(listing.series, since, until):
            stored = self._day(listing, day)
            if stored is not None:
                yield stored

    def _day(self, listing: SourceSeries, day: date) -> Day | None:
        certificate = read_certificate(self._store.certificate(listing.series, day))
        if certificate is None:
            return None
        now = self._now or datetime.now(UTC)
        state = state_of(summaries(certificate["fetches"]), bounds_of(listing.source, day), now)
        return Day(listing.series, day, state.name, state.reason, certificate, self._store)


def open(path: str | os.PathLike[str] = "data", *, now: datetime | None = None) -> PaperStore:
    """The store in a folder, or at a URL such as `s3://bucket/papers`, read only and without a copy.

    A URL needs `pip install 'dailypapers[remote]'`; credentials come from the environment. Raises StoreNotFound if
    there is no store, and StoreError for a URL that cannot be read.
    """
    return PaperStore(path, now=now)
