"""Takes built days into the catalog in one transaction; in whatever order days come, the tables end up the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from snapshots.store.layout import Series, Store

from .arrivals import Arrived, note_arrivals
from .assignment import Assignment
from .day_file import DayRecords
from .joins import Decisions
from .keys import TITLE, canonical, node_of
from .listing import INSERT, Lines, ListingRow, select
from .merged import merge_listings
from .paper_table import PaperTable
from .schema import DAY_SHIFT

_BUILT = "REPLACE INTO built VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REPLACE = INSERT.replace("INSERT", "REPLACE", 1)


class Batch:
    """Days that are taken in together. The caller begins and ends the transaction."""

    def __init__(
        self, connection: sqlite3.Connection, store: Store, series: Mapping[int, Series], decisions: Decisions
    ) -> None:
        self._connection = connection
        self._folders = {number: each.folder.as_posix() for number, each in series.items()}
        self._lines = Lines(store, series)
        self._papers = PaperTable(connection)
        self._assignment = Assignment(connection, self._papers, self._lines.record, self._folders, decisions)

    def close(self) -> None:
        """Close the day files that were read."""
        self._lines.close()

    def touch(self, keys: Iterable[str]) -> None:
        """Resolve these keys again: a decision about them came, or is gone."""
        self._assignment.touch(keys)

    def take(self, day: DayRecords) -> None:
        """Take a day in, in place of what is known of it. Raises ChangedFileError (see `apply`)."""
        for key, record in day.records.items():
            self._lines.known[day.series, day.day, key] = record
        self._diff(day.series, day.day, day.rows)
        values = (day.series, day.day, day.sha256, day.as_of, day.first_fetch, *day.mark, day.problem)
        self._connection.execute(_BUILT, values)

    def forget(self, series: int, day: str) -> None:
        """Remove a day that is not built any more."""
        self._diff(series, day, ())
        self._connection.execute("DELETE FROM built WHERE series = ? AND day = ?", (series, day))

    def apply(self) -> None:
        """Give every listing its paper and merge the papers again.

        Raises ChangedFileError if another day was built meanwhile, whose lines are needed: take it in as well.
        """
        self._assignment.assign()
        arrived = {}
        for number, (key, rows, keys) in self._assignment.new.items():
            self._papers.add(number, merge_listings(key, rows, self._folders, self._lines.record))
            arrived[number] = Arrived(key, rows, keys)
        for number in sorted(self._assignment.touched - self._assignment.new.keys()):
            arrived |= self._merge(number)
        self._papers.flush()
        note_arrivals(self._connection, arrived, self._folders)

    def _merge(self, number: int) -> dict[int, Arrived]:
        """Merge a paper of the database again; gives it with its number, which changes with its first day."""
        rows = list(select(self._connection, "paper = ?", (number,)))
        if not rows:
            self._papers.remove(number)
            return {}
        key = self._key(number, rows)
        paper = merge_listings(key, rows, self._folders, self._lines.record)
        if number >> DAY_SHIFT == paper.first_day.toordinal():
            self._papers.replace(number, paper)
            return {number: Arrived(key, rows)}
        moved = self._papers.new_id(paper.first_day)
        self._papers.remove(number)
        self._papers.add(moved, paper)
        for table in ("listing", "alias"):
            self._connection.execute(f"UPDATE {table} SET paper = ? WHERE paper = ?", (moved, number))
        return {moved: Arrived(key, rows)}

    def _key(self, number: int, rows: Iterable[ListingRow]) -> str:
        """The best key that a record of the paper has, else that of its title."""
        nodes = {node_of(row.key) for row in rows if not row.key.startswith(TITLE)}
        if nodes:
            return min(nodes, key=canonical)
        keys = self._connection.execute("SELECT min(key) FROM alias WHERE paper = ?", (number,))
        return str(keys.fetchone()[0])

    def _diff(self, series: int, day: str, rows: Iterable[ListingRow]) -> None:
        before = {row.key: row for row in select(self._connection, "series = ? AND day = ?", (series, day))}
        changed = []
        for row in rows:
            old = before.pop(row.key, None)
            if old is None:
                self._assignment.add(row)
            elif old != (new := row.with_paper(old.paper)):
                changed.append(new)
                self._assignment.change(old, new)
        self._connection.executemany(_REPLACE, changed)
        for row in before.values():
            self._assignment.remove(row)
        delete = "DELETE FROM listing WHERE series = ? AND day = ? AND key = ?"
        self._connection.executemany(delete, [(series, day, key) for key in before])
