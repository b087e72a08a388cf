"""What every tool needs: the store, the clock, and the arguments that all of them take."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from dailypapers.arguments import as_day, source_series
from dailypapers.errors import UnknownSource
from ingest.clock import parse_instant
from ingest.sources.model import SourceDay
from ingest.sources.registry import SOURCES
from snapshots.catalog.catalog import Catalog, read_catalog
from snapshots.catalog.freshness import is_behind
from snapshots.catalog.schema import DamagedCatalogError
from snapshots.errors import StoreError
from snapshots.store.layout import Store

from .answers import DayState, ListingDay
from .days import Days, program_on
from .errors import ToolError

EARLIEST_YEAR: Final = 1970


class Context:
    """A store that tools read."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """`now` is the clock: the states of days depend on it."""
        self.store = store
        self.now = now
        self.days = Days(store, now)

    def instant(self, as_of: str | None) -> datetime | None:
        """The time of `as_of`. Raises UsageError if it is not a time, ToolError if it is in the future."""
        if as_of is None:
            return None
        instant = parse_instant(as_of)
        if instant.year < EARLIEST_YEAR or instant > self.now():
            raise ToolError(f"as_of {as_of} is not a time of the past; leave it out to ask about now")
        return instant

    def source_day(self, source: str, query: str | None, day: str) -> SourceDay:
        """The listing of a source that has a day. Raises UnknownSource, InvalidQuery or InvalidDay."""
        listing = source_series(source, query)
        return listing.on(listing.source.period.first_day(as_day(day)))

    def source_name(self, source: str | None) -> str | None:
        """The name of a source that there is. Raises UnknownSource."""
        if source is not None and source not in SOURCES:
            raise UnknownSource(f"no source {source!r}; there are: {', '.join(SOURCES)}")
        return source

    def remarks(self) -> list[str]:
        """What limits an answer from the catalog."""
        if not is_behind(self.store):
            return []
        return [f"the catalog is older than the store, so new papers may be missing; update it: {self._command}"]

    def states(self, days: Iterable[ListingDay], as_of: datetime | None) -> list[DayState]:
        """The states of days, in their order. Raises CertificateError."""
        source_days = (source_series(day.source, day.query).on(day.day) for day in days)
        return [self.days.state(source_day, as_of) for source_day in source_days]

    @contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """The catalog as it is: nothing is written here. Raises ToolError if there is none, or a damaged one."""
        try:
            with read_catalog(self.store) as catalog:
                yield catalog
        except (sqlite3.Error, DamagedCatalogError, StoreError) as error:
            raise ToolError(f"papers cannot be looked up ({error}); a human can build it: {self._command}") from error

    @property
    def program(self) -> str:
        """The beginning of a command line about this store."""
        return program_on(self.store)

    @property
    def _command(self) -> str:
        return f"{self.program} papers"
