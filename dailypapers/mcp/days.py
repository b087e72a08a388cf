"""A store as the tools read it: its days, now or as they were, how complete they are, and its catalog."""

from __future__ import annotations

import shlex
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.catalog import as_day, source_series
from dailypapers.ingest.clock import parse_instant
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceDay, SourceSeries, bounds_of
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import Catalog, read_catalog
from dailypapers.snapshots.catalog.freshness import is_behind
from dailypapers.snapshots.catalog.model import CatalogPaper
from dailypapers.snapshots.catalog.schema import DamagedCatalogError
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.completeness.state import FetchSummary, state_of, summaries
from dailypapers.snapshots.errors import PaperNotFound, StoreError
from dailypapers.snapshots.reader import VerifiedDay, verified_day
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.store import PaperStore

from .answers import Coverage, DayState, ListingDay, StateOrMissing, ToolError, short

MAX_DAYS: Final = 7
"""Days of each kind that a coverage names."""
MAX_SERIES: Final = 10
"""Series of which an answer has the coverage."""
COMPLETE: Final = frozenset({"closed", "empty"})
EARLIEST_YEAR: Final = 1970
BUILDING: Final = threading.Lock()
"""Held while days of the past are in a temporary folder: the process must not end before that is removed."""


class Context(NamedTuple):
    """A store that tools read, and the clock, on which the states of days depend."""

    store: Store
    now: Callable[[], datetime]

    def instant(self, as_of: str | None) -> datetime | None:
        """The time of `as_of`. Raises UsageError if it is not a time, ToolError if it is in the future."""
        instant = None if as_of is None else parse_instant(as_of)
        if instant is not None and (instant.year < EARLIEST_YEAR or instant > self.now()):
            raise ToolError(f"as_of {as_of} is not a time of the past; leave it out to ask about now")
        return instant

    def source_day(self, source: str, query: str | None, day: str) -> SourceDay:
        """The listing of a source that has a day. Raises UnknownSource, InvalidQuery or InvalidDay."""
        listing = source_series(source, query)
        return listing.on(listing.source.period.first_day(as_day(day)))

    @contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """The catalog as it is: nothing is written here. Raises ToolError if there is none, or a damaged one."""
        with self._lookup_errors(), read_catalog(self.store) as catalog:
            yield catalog

    @contextmanager
    def _lookup_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, DamagedCatalogError, StoreError) as error:
            command = self._command("papers")
            raise ToolError(f"papers cannot be looked up ({error}); a human can build it: {command}") from error

    def remarks(self) -> list[str]:
        """What limits an answer from the catalog."""
        late = "the catalog is older than the store, so new papers may be missing; update it:"
        with self._lookup_errors():
            return [f"{late} {self._command('papers')}"] if is_behind(self.store) else []

    @contextmanager
    def then(self, days: Collection[tuple[Series, date]], as_of: datetime | None) -> Iterator[PaperStore]:
        """A store with these days: this one or, built from their archives for this alone, as it was at a time.

        Raises ToolError if the archive of a day is missing, StoreError if a day cannot be built.
        """
        here = PaperStore(self.store.root)
        if as_of is None:
            yield here
            return
        with BUILDING, here.as_of(as_of, days=days) as then:
            for series, day in days:
                source_day = source_series(series.source, series.query).on(day)
                if self._fetches(source_day, as_of) and not Store(then.path).certificate(series, day).exists():
                    # As in a copy of a store without its pages.
                    raise ToolError(f"{source_day}: its archive is not here; ask without as_of")
            yield then

    def content(self, source_day: SourceDay, as_of: datetime | None) -> VerifiedDay | None:
        """The files of a day; None if it was not fetched by then. Raises StoreError for one that is damaged."""
        _, series, day = source_day
        with self.then([(series, day)], as_of) as then:
            return verified_day(Store(then.path), series, day)

    @contextmanager
    def paper(self, key: str, as_of: datetime | None) -> Iterator[tuple[Store, CatalogPaper]]:
        """A paper, and a store with the days that list it. Raises PaperNotFound, and as `then` does."""
        with self.catalog() as catalog:
            paper = catalog.paper(key)
        if paper is None:
            where = "find keys with search_papers, and see coverage for missing days"
            raise PaperNotFound(f"no stored day lists {short(key, 200)}; {where}")
        with self.then(paper.days, as_of) as then:
            yield Store(then.path), paper if as_of is None else then.same_paper(paper)

    def states(self, days: Iterable[ListingDay], as_of: datetime | None) -> list[DayState]:
        """The states of days, in their order. Raises CertificateError."""
        return [self.state(source_series(day.source, day.query).on(day.day), as_of) for day in days]

    def state(self, source_day: SourceDay, as_of: datetime | None) -> DayState:
        """What a day is, or was at a time: the evidence of a fetch does not change when later fetches follow.

        Raises CertificateError for a certificate that is damaged.
        """
        fetches = self._fetches(source_day, as_of)
        state, reason = self._state(source_day, fetches, as_of)
        source, today = source_day.source, self.now().date()
        is_final = as_of is not None or state in {*COMPLETE, "open"} or source_day.day > today
        # The past of some sources cannot be fetched.
        can_be_fetched = source.fetched and source.period is not Period.NOW and not is_final
        command = self._command(f"run {source.name} --day {source_day.day}") if can_be_fetched else None
        return DayState(
            **asdict(source_day.series),
            day=source_day.day,
            state=state,
            reason=reason,
            as_of=fetches[-1].at if fetches else None,
            papers=sum(fetch.new for fetch in fetches) if fetches else None,
            advice=command,
        )

    def coverage(self, as_of: datetime | None, source: str | None = None) -> list[Coverage]:
        """Which days of each series are stored, of all sources or of one; of the first 10 series."""
        selected = (stored for stored in all_stored_series(self.store) if source in {None, stored.source.name})
        return [self._coverage(series, as_of) for series in islice(selected, MAX_SERIES)]

    def _coverage(self, listing: SourceSeries, as_of: datetime | None) -> Coverage:
        until = (as_of or self.now()).date()
        days = self.store.days_with_snapshots(listing.series, None, until)
        states = [self.state(listing.on(day), as_of) for day in days]
        fetched = [state.day for state in states if state.state != "not_fetched"]
        incomplete = [state.day for state in states if state.state not in {*COMPLETE, "not_fetched"}]
        missing = list(_days_without(listing.source.period, fetched, until))
        return Coverage(
            **asdict(listing.series),
            first_day=fetched[0] if fetched else None,
            last_day=fetched[-1] if fetched else None,
            days=len(fetched),
            complete=len(fetched) - len(incomplete),
            incomplete_days=incomplete[-MAX_DAYS:],
            not_fetched=len(missing),
            not_fetched_days=missing[-MAX_DAYS:],
        )

    def _fetches(self, source_day: SourceDay, as_of: datetime | None) -> list[FetchSummary]:
        """The fetches of a day by a time; certificates that did not change are not read again."""
        path = self.store.certificate(source_day.series, source_day.day)
        try:
            stat = path.stat()
        except FileNotFoundError:
            return []
        fetches = _summaries(path, stat.st_size, stat.st_mtime_ns)
        return [fetch for fetch in fetches if as_of is None or fetch.at <= as_of]

    def _state(
        self, source_day: SourceDay, fetches: list[FetchSummary], as_of: datetime | None
    ) -> tuple[StateOrMissing, str]:
        if fetches:
            return state_of(fetches, bounds_of(source_day.source, source_day.day), as_of or self.now())
        if source_day.day > self.now().date():
            return "not_fetched", "it is in the future"
        if as_of is not None:
            return "not_fetched", f"it had not been fetched by {timestamp(as_of)}"
        return "not_fetched", "it was not fetched, so nothing is known about its papers"

    def _command(self, words: str) -> str:
        return f"dailypapers --store {shlex.quote(f'{self.store.root}')} {words}"


@lru_cache(100_000)
def _summaries(path: Path, size: int, mtime_ns: int) -> list[FetchSummary]:  # noqa: ARG001 - these mark a change
    certificate = read_certificate(path)
    return summaries(certificate["fetches"]) if certificate else []


def _days_without(period: Period, days: Collection[date], until: date) -> Iterator[date]:
    """The days from the first one until a day that are not among them; none where a listing has no days of its own."""
    if not days or period is Period.NOW:
        return
    day, known = min(days), set(days)
    while day <= until:
        if day not in known:
            yield day
        day = period.after(day)
