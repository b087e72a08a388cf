"""The catalog as readers use it.

with open_catalog(store) as catalog:
    for paper in catalog.search("diffusion transformer").hits:
        print(paper.key, paper.fields["title"])
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar

from snapshots.errors import StoreError
from snapshots.store.layout import Series, Store

from .arrivals import ArrivalReader
from .cursor import Cursor
from .damage import DamagedCatalogError, named_refusals
from .freshness import bring_up_to_date, is_filled, repair
from .listing import FirstSeen, first_seen
from .model import Arrival, Arrivals, CatalogPaper, QueryResult, SearchResult, Selection
from .reading import PaperReader
from .schema import catalog_file, connect_for_reading
from .search import matching_keys, search
from .selection import select_papers
from .sql_query import run_query

Result = TypeVar("Result")

ALL = Selection()

log = logging.getLogger(__name__)


def open_catalog(store: Store) -> Catalog:
    """The catalog of a store, brought up to date first: built if there is none, and again if it is damaged.

    While another process writes to the store, the catalog is as it was before. Raises StoreError if there is no store,
    for a wrong joins.txt, for a store of a newer version, and if SQLite cannot write it; OSError.
    """
    with named_refusals(catalog_file(store)):
        bring_up_to_date(store)
        catalog = Catalog(store)
    with ExitStack() as on_error:
        on_error.enter_context(catalog)
        for problem in catalog.days_left_out():
            log.warning("the catalog leaves out a day: %s", problem)
        on_error.pop_all()
    return catalog


def read_catalog(store: Store) -> Catalog:
    """The catalog of a store as it is, for readers that must not write.

    Raises StoreError if there is none or a damaged one. What is damaged inside is found later: DamagedCatalogError and
    sqlite3.Error.
    """
    if not is_filled(catalog_file(store)):
        raise StoreError(f"{catalog_file(store)}: no catalog, or a damaged one")
    return Catalog(store, repairs=False)


class Catalog:
    """A catalog that is open for reading. What is damaged in it is found when it is read: then it is built again."""

    def __init__(self, store: Store, *, repairs: bool = True) -> None:
        """Open what there is, without bringing it up to date; `open_catalog` does.

        Without `repairs` a damaged one stays as it is, and the error is raised.
        """
        self._store, self._repairs = store, repairs
        self._connection = connect_for_reading(catalog_file(store))
        self._papers = PaperReader(self._connection)

    def days_left_out(self) -> list[str]:
        """Why each built day whose file cannot be read is missing, a sentence each."""
        select = "SELECT problem FROM built WHERE problem IS NOT NULL ORDER BY series, day"
        return self._read(lambda: [problem for (problem,) in self._connection.execute(select)])

    def first_seen(self, series: Series) -> FirstSeen:
        """When each day of a series first showed each key."""
        return self._read(lambda: first_seen(self._connection, series.folder.as_posix()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def cursor(self) -> Cursor:
        """The place after all arrivals: what comes later is new."""
        return self._read(lambda: self._arrivals().cursor())

    def cursor_after(self, entry: Arrival, since: Cursor, *, is_resync: bool) -> Cursor:
        """The place after one of the arrivals that a cursor gave."""
        return self._read(lambda: self._arrivals().cursor_at(entry.seq, since.time, is_resync=is_resync))

    def series(self) -> list[Series]:
        """The series that list the papers."""
        return self._read(lambda: sorted(self._papers.series_by_folder().values(), key=str))

    def paper(self, key: str) -> CatalogPaper | None:
        """The paper that a key leads to; `2408.00118v2` and links to arXiv or a DOI will do. None if there is none."""
        return self._read(lambda: self._paper(key))

    def papers(self, selection: Selection = ALL) -> list[CatalogPaper]:
        """The papers of a selection, in its order."""
        return self._read(lambda: self._papers.read(select_papers(self._connection, selection)))

    def search(self, text: str, *, limit: int = 20, selection: Selection = ALL) -> SearchResult:
        """The papers that have all words of a text, the best first: words, `"phrases"` and `prefix*`.

        Of the selection the conditions count. No text is an error.
        """
        return self._read(lambda: search(self._connection, self._papers, text, limit, selection))

    def matching_keys(self, text: str, series: Series) -> frozenset[str]:
        """The keys, as in the day files of a series, of papers that have all words of a text.

        They are among the newest 20,000 that match in any series.
        """
        return self._read(lambda: matching_keys(self._connection, text, series.folder.as_posix()))

    def arrivals(self, since: Cursor | None, series: Series | None = None, *, limit: int | None = None) -> Arrivals:
        """What arrived after a cursor (None: from the beginning), in one series or in all."""
        return self._read(lambda: self._arrivals().after(since, series, limit))

    def query(self, sql: str) -> QueryResult:
        """The rows of one SELECT. Raises QueryError for anything else, and for one that takes too long."""
        return self._read(lambda: run_query(catalog_file(self._store), sql))

    def _paper(self, key: str) -> CatalogPaper | None:
        number = self._papers.number_of(key)
        return None if number is None else self._papers.read([number])[0]

    def _arrivals(self) -> ArrivalReader:
        return ArrivalReader(self._connection, self._papers)

    def _read(self, read: Callable[[], Result]) -> Result:
        """What is read, all from one state of the catalog; after a repair it is read once more."""
        with named_refusals(catalog_file(self._store)):
            try:
                return self._in_one_state(read)
            except (sqlite3.DatabaseError, DamagedCatalogError) as error:
                if not self._repairs:
                    raise
                self.close()
                repair(self._store, error)
                self.__init__(self._store)  # type: ignore[misc]
            return self._in_one_state(read)

    def _in_one_state(self, read: Callable[[], Result]) -> Result:
        self._connection.execute("BEGIN")
        try:
            return read()
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
