"""The catalog as readers use it.

with open_catalog(store) as catalog:
    for paper in catalog.search("diffusion transformer").hits:
        print(paper.key, paper.fields["title"])
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self, TypeVar

from dailypapers.snapshots.errors import PaperNotFound, StoreError
from dailypapers.snapshots.store.layout import Series, Store

from .arrivals import ArrivalReader
from .freshness import bring_up_to_date, is_filled, repair
from .keys import ARXIV, parse_key
from .listing import FirstSeen, first_seen
from .model import Arrival, Arrivals, CatalogPaper, Cursor, QueryResult, SearchResult, Selection
from .reading import PaperReader
from .schema import DamagedCatalogError, catalog_file, connect_for_reading, named_refusals
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

    def first_seen(self, series: Series, since: str = "") -> FirstSeen:
        """When each day of a series first showed each key; of no key that was seen before `since`."""
        return self._read(lambda: first_seen(self._connection, series.folder.as_posix(), since))

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


MAX_NEAREST: Final = 3
_ID = re.compile(r"\d{4}\.\d{4,5}", re.ASCII)
_AFTER_PATH = re.compile(r"(?i)(?<=^http)(s?://[^?#]*)[?#].*$")
"""The query and the fragment of a link."""


def named_paper(catalog: Catalog, text: str) -> CatalogPaper:
    """The paper of a key, a bare arXiv id, a DOI, or a link to it at arXiv, doi.org or Hugging Face.

    Raises PaperNotFound, with the papers that may have been meant.
    """
    wanted = _AFTER_PATH.sub(r"\1", text.strip()).rstrip("/")
    paper = catalog.paper(wanted)
    if paper is not None:
        return paper
    key = parse_key(wanted)
    nearest = "; ".join(f'{each.key} "{each.fields["title"]:.60}"' for each in _nearest(catalog, key))
    meant = f"did you mean {nearest}? Or " if nearest else ""
    raise PaperNotFound(f"no paper {key[:200]!r} in the store; {meant}find it by its words: dailypapers search WORDS")


def _nearest(catalog: Catalog, key: str) -> list[CatalogPaper]:
    identifier = key.removeprefix(ARXIV)
    if not _ID.fullmatch(identifier):
        return [] if key.startswith(("doi:", "title:")) else catalog.search(key, limit=MAX_NEAREST).hits
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    # Ids with the same year and month: digits only, so that nothing of the text becomes SQL.
    month = f"{ARXIV}{identifier[:5]}"
    rows = catalog.query(f"SELECT key FROM paper WHERE key >= '{month}' AND key < '{month}~'").rows
    identifiers = [str(row[0]).removeprefix(ARXIV) for row in rows]
    # One digit that is wrong, or two that changed places.
    meant = get_close_matches(identifier, identifiers, n=MAX_NEAREST, cutoff=0.9)
    return [paper for paper in map(catalog.paper, meant) if paper is not None]
