"""Which days list a paper, as the catalog has it: one paper has one page, whichever keys its records have."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from dailypapers.snapshots.catalog.freshness import bring_up_to_date
from dailypapers.snapshots.catalog.schema import connect_for_reading
from dailypapers.snapshots.store.layout import Store

from .listing import ListingDay
from .names import quarter_of

_LISTINGS: Final = "FROM listing JOIN series ON series.id = listing.series JOIN paper ON paper.id = listing.paper"
_APPEARANCES: Final = (
    "SELECT series.folder, listing.day, listing.key, listing.rank, listing.first_seen, listing.upvotes"
    f" {_LISTINGS} WHERE paper.key = ? ORDER BY listing.day, series.folder, listing.key"
)
_JOINED: Final = (
    f"SELECT series.folder || '/' || listing.day, listing.key, paper.key {_LISTINGS} WHERE listing.key != paper.key"  # noqa: S608 - our own words
    # Nearly all papers have no other key than their own, so that no look at their listings is needed.
    " AND paper.id IN (SELECT paper FROM alias GROUP BY paper HAVING count(*) > 1"
    " UNION SELECT paper FROM alias WHERE key >= 'title:' AND key < 'title;' AND length(key) > 22)"
)
_BUILT: Final = "SELECT series.folder || '/' || day, sha256, problem FROM built JOIN series ON series.id = series"


class Appearance(NamedTuple):
    """A paper on one day of a series."""

    folder: str
    day: date
    key: str
    """The key that the record has in the day file."""
    rank: int | None
    first_seen: str | None
    upvotes: int | None


class CatalogPapers:
    """The papers of a catalog as far as some series list them."""

    def __init__(self, connection: sqlite3.Connection, folders: Collection[str]) -> None:
        """`folders` are those of the series."""
        self._connection, self._folders = connection, folders
        self.joined: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """By series and day: the keys that are not the main ones of their papers, with those."""
        for name, key, main in connection.execute(_JOINED):
            if name.rpartition("/")[0] in folders:
                self.joined[name][key] = main
        self.left_out = {name for name, _, problem in connection.execute(_BUILT) if problem}
        """The days that the catalog cannot read, by series and day; `add` takes them in."""
        self._added: defaultdict[str, list[Appearance]] = defaultdict(list)

    def add(self, listed: ListingDay) -> None:
        """Take in a day that the catalog leaves out; its keys are those of its papers."""
        for row in listed.rows:
            shown = row["rank"], row["first_seen"], row["upvotes"]
            self._added[row["key"]].append(Appearance(listed.listing.folder, listed.day, row["key"], *shown))

    def appearances(self, key: str) -> list[Appearance]:
        """Every day that lists the paper with this main key, oldest first."""
        found = [
            Appearance(folder, date.fromisoformat(day), *rest)
            for folder, day, *rest in self._connection.execute(_APPEARANCES, (key,))
            if folder in self._folders
        ]
        added = self._added.get(key)
        return sorted([*found, *added], key=lambda each: (each.day, each.folder, each.key)) if added else found

    def quarters(self, key: str) -> set[str]:
        """The quarters of the days that list a paper."""
        return {quarter_of(each.day) for each in self.appearances(key)}


@contextmanager
def catalog_papers(store: Store, days: Mapping[str, str], folders: Collection[str]) -> Iterator[CatalogPapers]:
    """The papers of the catalog, brought up to date; `days` are the sha256 of the built days, by series and day.

    A store that one may only read, or that another process writes to, has none of these days: then they are read into
    one that lies elsewhere and goes again. Raises StoreError.
    """
    with _current(store, days) or _temporary(store) as connection:
        yield CatalogPapers(connection, folders)


@contextmanager
def _temporary(store: Store) -> Iterator[sqlite3.Connection]:
    with TemporaryDirectory() as folder:
        for name in ("snapshots", "joins.txt"):
            if (store.root / name).exists():
                Path(folder, name).symlink_to((store.root / name).resolve())
        aside = Store(Path(folder))
        with closing(connect_for_reading(bring_up_to_date(aside))) as connection:
            yield connection


def _current(store: Store, days: Mapping[str, str]) -> closing[sqlite3.Connection] | None:
    """The catalog, if it is in the store and has these days."""
    try:
        connection = connect_for_reading(bring_up_to_date(store))
    except (OSError, sqlite3.OperationalError):
        return None
    with ExitStack() as otherwise:
        otherwise.callback(connection.close)
        # One state for the comparison and all that is read later.
        connection.execute("BEGIN")
        built = {name: None if problem else sha256 for name, sha256, problem in connection.execute(_BUILT)}
        if all(built.get(name, "") in {None, sha256} for name, sha256 in days.items()):
            otherwise.pop_all()
            return closing(connection)
    return None
