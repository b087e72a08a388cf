"""Writes the catalog: all built days into a new one, or those that changed into one that is there.

Only the holder of the store's lock may call this.
"""

from __future__ import annotations

import gc
import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

from dailypapers.snapshots.store.layout import Series, Store

from . import full_text
from .arrivals import Arrived, note_arrivals, note_generations
from .assignment import Assignment
from .day_file import DayRecords, read_day_records, series_of
from .joins import Decisions, joins_text, read_decisions, resolve_decisions
from .keys import TITLE, canonical, node_of
from .listing import INSERT, ChangedFileError, Lines, ListingRow, select
from .merged import merge_listings
from .paper_table import PaperTable
from .scan import UNSETTLED, Changes, Day, find_changes, is_settled
from .schema import APPLICATION_ID, DAY_SHIFT, SCHEMA, TABLES, Log, connect_for_writing, finish_filling, prepare_to_fill

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


MAX_RECORDS: Final = 4000
"""Records of the days that are taken in with one transaction."""

RECORDS_OF_A_DAY: Final = 100
"""How many are counted for a day that is gone."""

log = logging.getLogger(__name__)


def update_all(path: Path, store: Store, saved: Log | None = None) -> None:
    """Follow all changes of the store; the file is created if it is missing, with the arrivals that were `saved`.

    Raises sqlite3.Error, OSError, and StoreError for joins.txt and for a store of a newer version.
    """
    with closing(connect_for_writing(path)) as connection:
        _create(connection, saved)
        writer, changes = _Writer(connection, store), find_changes(connection, store)
        if connection.execute("SELECT value FROM meta WHERE name = 'filled'").fetchone()[0]:
            writer.take(changes.days, changes.gone)
        else:
            prepare_to_fill(connection)
            full_text.stop_merging(connection)
            writer.take(changes.days, changes.gone)
            full_text.merge_all(connection)
            finish_filling(connection)
        writer.finish(changes)


def update_some(path: Path, store: Store, days: Iterable[tuple[Series, date]]) -> None:
    """Follow the changes of these days alone. Raises as `update_all` does."""
    with closing(connect_for_writing(path)) as connection:
        changed = [(series.folder.as_posix(), day.isoformat()) for series, day in days]
        _Writer(connection, store).take(changed, ())


def _create(connection: sqlite3.Connection, saved: Log | None) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
        return
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES.split(";\n"):
        connection.execute(statement)
    generation = saved.generation if saved is not None else secrets.token_hex(4)
    connection.execute("INSERT INTO meta VALUES('generation', ?), ('filled', 0), ('joins', '')", (generation,))
    rows = saved.rows if saved is not None else ()
    connection.executemany("INSERT INTO arrival(seq, key, series, day) VALUES(?, ?, ?, ?)", rows)
    note_generations(connection)
    full_text.create_settings(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


class _Writer:
    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        self._connection, self._store = connection, store
        rows = connection.execute("SELECT id, source, query FROM series")
        self._series = {number: Series(source, query) for number, source, query in rows}
        self._numbers: dict[str, int] = {series.folder.as_posix(): number for number, series in self._series.items()}
        self._joins = joins_text(store)
        self._decisions = resolve_decisions(read_decisions(store))

    def finish(self, changes: Changes) -> None:
        """All days are taken in: the folders of years are as they were before."""
        folders = [
            # Also one that is looked at again next time, so that it is missed if it goes.
            (self._numbers[year.folder], year.year, year.mtime_ns if is_settled(year.mtime_ns) else UNSETTLED)
            for year in changes.folders
            if year.folder in self._numbers
        ]
        gone = [(self._numbers[folder], year) for folder, year in changes.gone_folders]
        gone += [(self._numbers[year.folder], year.year) for year in changes.folders if year.folder in self._numbers]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("DELETE FROM folder WHERE series = ? AND year = ?", gone)
        self._connection.executemany("INSERT INTO folder VALUES(?, ?, ?)", folders)
        self._connection.execute("UPDATE meta SET value = 1 WHERE name = 'filled'")
        self._connection.execute("COMMIT")

    def take(self, changed: Iterable[Day], gone: Iterable[Day]) -> None:
        with _without_collector():
            for group in _groups(chain(self._read(changed), gone)):
                self._apply(group)
            if self._changed_decisions():
                self._apply([])

    def _read(self, days: Iterable[Day]) -> Iterator[DayRecords | Day]:
        """The days as they are now; just the name of one that is not built any more."""
        for folder, day in days:
            number = self._number(folder, day)
            if number is not None:
                found = read_day_records(self._store, number, self._series[number], date.fromisoformat(day))
                yield found or (folder, day)

    def _apply(self, days: list[DayRecords | Day]) -> None:
        """One transaction; a day that was built meanwhile, and whose lines are needed, is taken in with the others."""
        while True:
            self._connection.execute("BEGIN IMMEDIATE")
            batch = Batch(self._connection, self._store, self._series, self._decisions)
            try:
                with self._connection, closing(batch):
                    self._apply_in(batch, days)
            except ChangedFileError as error:
                days = [*days, *self._read([(self._series[error.series].folder.as_posix(), error.day)])]
            else:
                return

    def _apply_in(self, batch: Batch, days: Iterable[DayRecords | Day]) -> None:
        batch.touch(self._changed_decisions())
        self._connection.execute("UPDATE meta SET value = ? WHERE name = 'joins'", (self._joins,))
        for day in days:
            if isinstance(day, DayRecords):
                batch.take(day)
            else:
                batch.forget(self._numbers[day[0]], day[1])
        batch.apply()

    def _changed_decisions(self) -> set[str]:
        """The keys of the decisions that came or went since they were followed last."""
        known = self._connection.execute("SELECT value FROM meta WHERE name = 'joins'").fetchone()[0]
        changed = set(known.splitlines()) ^ set(self._joins.splitlines())
        return {key for line in changed for key in line.split()[1:]}

    def _number(self, folder: str, day: str) -> int | None:
        """The number of a series, which gets one if it is new; None if its certificates do not tell which it is."""
        if folder not in self._numbers:
            certificate = self._store.root / "snapshots" / folder / day[:4] / f"{day}.day.json"
            series = series_of(certificate)
            if series is None or series.folder.as_posix() != folder:
                log.warning("the catalog leaves out a day: %s does not name the series of its folder", certificate)
                return None
            insert = "INSERT INTO series(folder, source, query) VALUES(?, ?, ?)"
            number = self._connection.execute(insert, (folder, series.source, series.query)).lastrowid or 0
            self._series[number], self._numbers[folder] = series, number
        return self._numbers[folder]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the collector of cycles: records have none, and it takes an eighth of the time to go through them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _groups(days: Iterable[DayRecords | Day]) -> Iterator[list[DayRecords | Day]]:
    """What many series list for one day stays together: it is often the same papers."""
    group: list[DayRecords | Day] = []
    records, last = 0, ""
    for day in days:
        name = day.day if isinstance(day, DayRecords) else day[1]
        if records >= MAX_RECORDS and name != last:
            yield group
            group, records = [], 0
        group.append(day)
        last = name
        records += len(day.rows) if isinstance(day, DayRecords) else RECORDS_OF_A_DAY
    if group:
        yield group
