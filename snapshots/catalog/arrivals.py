"""The order in which a store learned of papers, so that each reader of what is new gets every paper exactly once.

A paper arrives once in each series that lists it. Arrivals are only added, and survive a rebuild if the old file can be
read: they name keys, not papers, and all keys of a paper lead to its first arrival.

A cursor is of this catalog if its generation is: a checksum of the catalog's name and all arrivals up to the cursor's
number. The number alone does not tell, nor does a name: an older copy of the file, put back from a backup, gives the
same numbers to other papers.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zlib import crc32

from dailypapers.snapshots.store.layout import Series

from .identity import rows_of
from .listing import ListingRow
from .model import Arrival, Arrivals, Cursor
from .reading import PaperReader

STEP: Final = 1000
"""Arrivals after which the checksum is noted, so that one in between needs no more of them to be read."""

_NOTED: Final = "SELECT seq, checksum FROM generation WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
_ARRIVALS: Final = "SELECT seq, key, series, day FROM arrival WHERE seq > ? AND seq <= ? ORDER BY seq"
_ALL: Final = (1 << 63) - 1


def note_generations(connection: sqlite3.Connection) -> None:
    """Note the checksum after the newest arrival, and those of the steps before that are not noted yet."""
    start, checksum = _noted(connection, _ALL)
    found = {}
    for count, (seq, *arrival) in enumerate(connection.execute(_ARRIVALS, (start, _ALL)), 1):
        checksum, start = _with(checksum, arrival), seq
        if count % STEP == 0:
            found[seq] = checksum
    found[start] = checksum
    connection.executemany("REPLACE INTO generation(seq, checksum) VALUES(?, ?)", found.items())


def generation_at(connection: sqlite3.Connection, seq: int) -> str:
    """The checksum after the arrival with that number, as 8 hex digits."""
    start, checksum = _noted(connection, seq)
    for _, *arrival in connection.execute(_ARRIVALS, (start, seq)):
        checksum = _with(checksum, arrival)
    return f"{checksum:08x}"


def _noted(connection: sqlite3.Connection, seq: int) -> tuple[int, int]:
    """The last number up to that one whose checksum is noted, and the checksum; it begins with the catalog's name."""
    found: tuple[int, int] | None = connection.execute(_NOTED, (seq,)).fetchone()
    if found is None:
        (name,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
        found = 0, int(name, 16)
    return found


def _with(checksum: int, arrival: list[str]) -> int:
    return crc32("\n".join(arrival).encode(), checksum)


MARGIN: Final = timedelta(days=7)
"""How much before the time of a cursor of another catalog everything is given again."""
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

_KNOWN: Final = "SELECT series FROM arrival WHERE key IN (SELECT key FROM alias WHERE paper = ?)"
_FIRST: Final = """
SELECT min(seq) FROM arrival WHERE key IN (SELECT key FROM alias WHERE paper = ?) AND (? IS NULL OR series = ?)
"""
_AFTER: Final = """
SELECT arrival.seq, arrival.series, arrival.day, alias.paper FROM arrival JOIN alias USING(key)
WHERE arrival.seq > ? AND (? IS NULL OR arrival.series = ?) ORDER BY arrival.seq
"""
_IS_RECENT: Final = """
SELECT EXISTS(SELECT 1 FROM paper WHERE id = ? AND first_seen > ?) OR EXISTS(
    SELECT 1 FROM listing JOIN built USING(series, day) WHERE listing.paper = ? AND built.mtime_ns > ?)
"""


class _Row(NamedTuple):
    seq: int
    folder: str
    day: str
    paper: int


class Arrived(NamedTuple):
    """A paper whose arrivals may not be noted yet."""

    key: str
    rows: Sequence[ListingRow]
    keys: tuple[str, ...] | None = None
    """All keys that lead to it, under which it may have arrived; None if only the database has them."""


def note_arrivals(connection: sqlite3.Connection, papers: Mapping[int, Arrived], folders: Mapping[int, str]) -> None:
    """Add the arrivals of papers in those series where none is noted."""
    # A paper with one key needs no look: the table takes an arrival under a key once.
    several = [key for arrived in papers.values() if arrived.keys and len(arrived.keys) > 1 for key in arrived.keys]
    noted = defaultdict(set)
    for key, folder in rows_of(connection, "SELECT key, series FROM arrival WHERE key IN", several):
        noted[key].add(folder)
    found = []
    for paper, arrived in papers.items():
        if arrived.keys is None:
            known = {folder for (folder,) in connection.execute(_KNOWN, (paper,))}
        else:
            known = set[str]().union(*(noted[key] for key in arrived.keys if key in noted))
        for folder, row in _first_days(arrived.rows, folders).items():
            if folder not in known:
                found.append((row.first_seen, row.day, folder, arrived.key))
    insert = "INSERT OR IGNORE INTO arrival(key, series, day) VALUES(?, ?, ?)"
    connection.executemany(insert, [(key, folder, day) for _, day, folder, key in sorted(found)])
    if found:
        note_generations(connection)


def _first_days(rows: Sequence[ListingRow], folders: Mapping[int, str]) -> dict[str, ListingRow]:
    """By series the listing of its first day."""
    if len(rows) == 1:
        return {folders[rows[0].series]: rows[0]}
    days: dict[str, ListingRow] = {}
    for row in sorted(rows, key=lambda row: row.day, reverse=True):
        days[folders[row.series]] = row
    return days


class ArrivalReader:
    """Reads the arrivals of one catalog."""

    def __init__(self, connection: sqlite3.Connection, papers: PaperReader) -> None:
        self._connection, self._papers = connection, papers

    def cursor(self) -> Cursor:
        """The place after all arrivals."""
        newest = self._connection.execute("SELECT max(mtime_ns) FROM built").fetchone()[0] or 0
        seq = self._newest()
        return Cursor(datetime.fromtimestamp(newest // 10**9, UTC), self._generation(seq), seq)

    def after(self, since: Cursor | None, series: Series | None, limit: int | None) -> Arrivals:
        """The arrivals after a cursor, or all."""
        newest = self.cursor()
        is_same = since is None or (since.seq <= newest.seq and since.generation == self._generation(since.seq))
        resync = since is not None and (since.is_resync or not is_same)
        start = since.seq if since is not None and is_same else 0
        after = since.time - MARGIN if since is not None and resync else None
        rows, more = _cut(self._rows(start, series, after), limit)
        time = since.time if since is not None else _BEGINNING
        cursor = self.cursor_at(rows[-1].seq, time, is_resync=resync) if more else newest
        return Arrivals(list(self._entries(rows)), cursor, resync, more)

    def cursor_at(self, seq: int, time: datetime, *, is_resync: bool) -> Cursor:
        """The place after one arrival, on the way from a cursor of that time."""
        return Cursor(time, self._generation(seq), seq, is_resync=is_resync)

    def _generation(self, seq: int) -> str:
        return generation_at(self._connection, seq)

    def _newest(self) -> int:
        return self._connection.execute("SELECT max(seq) FROM arrival").fetchone()[0] or 0

    def _rows(self, start: int, series: Series | None, after: datetime | None) -> Iterator[_Row]:
        """The first arrivals of papers, from `start` on; only of papers that may have come `after`."""
        folder = series.folder.as_posix() if series is not None else None
        for row in map(_Row._make, self._connection.execute(_AFTER, (start, folder, folder))):
            first = self._connection.execute(_FIRST, (row.paper, folder, folder)).fetchone()[0]
            if first == row.seq and (after is None or self._is_recent(row.paper, after)):
                yield row

    def _is_recent(self, paper: int, after: datetime) -> bool:
        text = after.strftime("%Y-%m-%dT%H:%M:%SZ")
        values = paper, text, paper, int(after.timestamp()) * 10**9
        return bool(self._connection.execute(_IS_RECENT, values).fetchone()[0])

    def _entries(self, rows: Sequence[_Row]) -> Iterator[Arrival]:
        papers = self._papers.read([row.paper for row in rows])
        series = self._papers.series_by_folder()
        for row, paper in zip(rows, papers, strict=True):
            yield Arrival(row.seq, paper, series[row.folder], date.fromisoformat(row.day))


def _cut(rows: Iterator[_Row], limit: int | None) -> tuple[list[_Row], bool]:
    """The first rows, and whether there are more."""
    found: list[_Row] = []
    for row in rows:
        if limit is not None and len(found) >= limit:
            return found, True
        found.append(row)
    return found, False
