"""Reads papers with their listings, keys and origins from the catalog."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from dailypapers.snapshots.store.layout import Series

from .fields import decode
from .keys import canonical, parse_key, unicode_of
from .listing import ListingRow, select
from .merged import origins
from .model import Alias, CatalogPaper, Listing, Source
from .paper_table import PAPER_COLUMNS, checksum
from .schema import DamagedCatalogError

_PAPERS = f"SELECT {', '.join(PAPER_COLUMNS)} FROM paper WHERE id IN"
_ALIASES = "SELECT paper, key, evidence, confidence FROM alias WHERE paper IN"
_FIRST_FETCHES = """
SELECT DISTINCT series, day, first_fetch FROM listing JOIN built USING(series, day) WHERE paper IN
"""
_GROUP = 500


class PaperReader:
    """Reads papers by their numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._series: dict[int, Series] = {}

    def number_of(self, text: str) -> int | None:
        """The paper that a key leads to, as people type it; None if none does."""
        text = unicode_of(text)
        for key in dict.fromkeys((parse_key(text), text.strip())):
            found = self._connection.execute("SELECT paper FROM alias WHERE key = ?", (key,)).fetchone()
            if found is not None:
                return int(found[0])
        return None

    def read(self, papers: Sequence[int]) -> list[CatalogPaper]:
        """The papers, in the order given. Raises KeyError for a number that no paper has."""
        found: dict[int, CatalogPaper] = {}
        for start in range(0, len(papers), _GROUP):
            found |= self._read(papers[start : start + _GROUP])
        return [found[paper] for paper in papers]

    def series_by_folder(self) -> dict[str, Series]:
        """The series that the catalog knows, by folder."""
        return {series.folder.as_posix(): series for series in self._all_series().values()}

    def _read(self, papers: Sequence[int]) -> dict[int, CatalogPaper]:
        numbers = f"({', '.join('?' * len(papers))})"
        rows: defaultdict[int, list[ListingRow]] = defaultdict(list)
        for row in select(self._connection, f"paper IN {numbers}", papers):
            rows[row.paper].append(row)
        first_fetches = {
            (series, day): at for series, day, at in self._connection.execute(f"{_FIRST_FETCHES} {numbers}", papers)
        }
        aliases: defaultdict[int, list[Alias]] = defaultdict(list)
        for paper, *alias in self._connection.execute(f"{_ALIASES} {numbers}", papers):
            aliases[paper].append(Alias(*alias))
        found = self._connection.execute(f"{_PAPERS} {numbers}", papers)
        return {row[0]: self._paper(row, rows[row[0]], aliases[row[0]], first_fetches) for row in found}

    def _paper(
        self,
        paper: tuple[Any, ...],
        rows: list[ListingRow],
        aliases: list[Alias],
        first_fetches: dict[tuple[int, str], str],
    ) -> CatalogPaper:
        _, key, first_day, _, *values, number = paper
        if checksum(paper[:-1]) != number:
            raise DamagedCatalogError(f"the row of {key} is not as it was written")
        series = self._all_series(row.series for row in rows)
        listings = [_listing(row, series[row.series], first_fetches[row.series, row.day]) for row in rows]
        return CatalogPaper(
            key,
            decode(key, tuple(values)),
            date.fromisoformat(first_day),
            tuple(sorted(listings, key=lambda listing: (listing.day, str(listing.series), listing.key))),
            tuple(sorted(aliases, key=lambda alias: (alias.key != key, canonical(alias.key)))),
            partial(_sources, rows, series),
        )

    def _all_series(self, needed: Iterable[int] = ()) -> dict[int, Series]:
        """The series by number, read again if one that is needed came since."""
        if not self._series or not self._series.keys() >= set(needed):
            rows = self._connection.execute("SELECT id, source, query FROM series")
            self._series = {number: Series(source, query) for number, source, query in rows}
        return self._series


def _sources(rows: list[ListingRow], series: dict[int, Series]) -> dict[str, Source]:
    found = origins(rows, {number: each.folder.as_posix() for number, each in series.items()})
    return {
        name: Source(series[row.series], date.fromisoformat(row.day), datetime.fromisoformat(row.observed))
        for name, row in found.items()
    }


def _listing(row: ListingRow, series: Series, first_fetch: str) -> Listing:
    return Listing(
        series,
        date.fromisoformat(row.day),
        row.key,
        row.rank,
        datetime.fromisoformat(row.first_seen),
        datetime.fromisoformat(first_fetch),
        datetime.fromisoformat(row.last_seen) if row.last_seen is not None else None,
        datetime.fromisoformat(row.observed),
        row.upvotes,
        row.comments,
        row.github_stars,
        row.arxiv_version,
    )
