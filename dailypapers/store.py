"""A store as a Python program reads it: days, papers, and the history of a paper. Nothing here writes or fetches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.clock import parse_day
from ingest.errors import UsageError
from ingest.plan.inventory import all_stored_series
from ingest.sources.bounds import bounds_of
from ingest.sources.model import SourceSeries
from ingest.sources.registry import SOURCES, series_named
from parsers.model import Paper
from snapshots.certificate import Certificate, StateName, read_certificate
from snapshots.completeness.state import state_of, summaries
from snapshots.history import PaperHistory, paper_history
from snapshots.metrics import Metric, read_metrics
from snapshots.reader import read_day, read_range
from snapshots.store.layout import Series, Store

from .errors import DayNotBuilt, InvalidDay, InvalidQuery, StoreNotFound, UnknownSource


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
        return read_day(self._store, self.series, self.day)

    def metrics(self) -> Iterator[Metric]:
        """Upvotes, comments and stars at each fetch that changed one. Raises StoreError for a damaged file."""
        return read_metrics(self._store.metrics(self.series, self.day))


class PaperStore:
    """A store, read only: the folder that `dailypapers run` fills.

    Days are given as `datetime.date` or as "YYYY-MM-DD"; ranges include both ends, and are open where one is None.
    `query` is for hf-search alone: the words that were searched for. Every method that names a source raises
    UnknownSource, InvalidQuery or InvalidDay at once for wrong arguments.
    """

    def __init__(self, path: str | os.PathLike[str], *, now: datetime | None = None) -> None:
        """Raises StoreNotFound if the folder is not a store. `now` (with a zone) replaces the clock."""
        self._store = Store(Path(path))
        self._now = now
        if not any((self.path / name).is_dir() for name in ("snapshots", "pages", "runs")):
            raise StoreNotFound(f"no store at {self.path}; make one: dailypapers --store {self.path} run")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The folder."""
        return self._store.root

    def series(self) -> list[Series]:
        """Every source of which the store holds anything; hf-search once for each query."""
        return [stored.series for stored in all_stored_series(self._store)]

    def days(
        self, source: str, *, query: str | None = None, since: date | str | None = None, until: date | str | None = None
    ) -> Iterator[Day]:
        """The days that were built, oldest first. Raises CertificateError at a day whose certificate is damaged."""
        return self._days(_source_series(source, query), *_range(since, until))

    def papers(
        self, source: str, *, query: str | None = None, since: date | str | None = None, until: date | str | None = None
    ) -> Iterator[Paper]:
        """The papers of all days, day by day, in constant memory. Raises StoreError at a damaged day file."""
        return read_range(self._store, _source_series(source, query).series, *_range(since, until))

    def day(self, source: str, day: date | str, *, query: str | None = None) -> Day:
        """One day; of a source with a list a week or a month the one in which the day lies.

        Raises DayNotBuilt if the store has none, CertificateError if its certificate is damaged.
        """
        listing = _source_series(source, query)
        first = listing.source.period.first_day(_day(day))
        stored = self._day(listing, first)
        if stored is None:
            command = f"dailypapers --store {self.path} run {source} --day {first}"
            raise DayNotBuilt(f"{listing} {first} is not in the store; fetch it: {command}")
        return stored

    def history(self, key: str) -> Iterator[PaperHistory]:
        """Every day, of all series, that lists the paper with this key, with its numbers at each fetch.

        A key is that of a record, such as `arxiv:2408.00118`. Raises StoreError at a damaged file.
        """
        return paper_history(self._store, self.series(), key)

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
    """The store in a folder. Raises StoreNotFound if there is none."""
    return PaperStore(path, now=now)


def _source_series(source: str, query: str | None) -> SourceSeries:
    if source not in SOURCES:
        raise UnknownSource(f"no source {source!r}; there are: {', '.join(SOURCES)}")
    try:
        return SourceSeries(SOURCES[source], series_named(SOURCES[source], query))
    except UsageError as error:
        raise InvalidQuery(str(error).replace("--query", "query")) from error


def _range(since: date | str | None, until: date | str | None) -> tuple[date | None, date | None]:
    first, last = (None if day is None else _day(day) for day in (since, until))
    if first is not None and last is not None and last < first:
        raise InvalidDay(f"the range ends on {last}, before it begins on {first}")
    return first, last


def _day(day: date | str) -> date:
    if isinstance(day, datetime):
        raise InvalidDay(f"{day!r} is an instant; give its day, for example {day.date()}")
    try:
        return parse_day(day) if isinstance(day, str) else day
    except UsageError as error:
        raise InvalidDay(str(error)) from error
