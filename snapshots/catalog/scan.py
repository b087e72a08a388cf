"""Which days of a store changed since the catalog took them in, found with a few stats where none has."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from dailypapers.snapshots.store.layout import CERTIFICATE_SUFFIX, Store

SETTLED_NS: Final = 2 * 10**9
"""A folder that changed this recently may change again without another time stamp, so it is looked at again."""
UNSETTLED: Final = -1
"""In place of the time stamp of such a folder."""

_YEAR = re.compile(r"\d{4}", re.ASCII)
_PAPERS_SUFFIX: Final = ".jsonl"

Day = tuple[str, str]
"""The folder of a series, and a day."""


class DayMark(NamedTuple):
    """What changes when a day is built again."""

    size: int
    mtime_ns: int
    certificate_size: int
    certificate_mtime_ns: int


class _Year(NamedTuple):
    folder: str
    year: int
    mtime_ns: int


@dataclass(slots=True)
class Changes:
    """What the catalog has to follow."""

    days: list[Day] = field(default_factory=list)
    """New ones and changed ones, in the order of days."""
    gone: list[Day] = field(default_factory=list)
    folders: list[_Year] = field(default_factory=list)
    """Folders of years that were looked at, with the time stamp before that."""
    gone_folders: list[tuple[str, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.days or self.gone or self.gone_folders)


def has_changes(connection: sqlite3.Connection, store: Store) -> bool:
    """Whether any folder of a year changed."""
    return {(year.folder, year.year): year.mtime_ns for year in _years(store)} != _known_folders(connection)


def find_changes(connection: sqlite3.Connection, store: Store) -> Changes:
    """The days that are not as the catalog took them in."""
    found, known = Changes(), _known_folders(connection)
    for year in _years(store):
        if known.pop((year.folder, year.year), None) != year.mtime_ns:
            found.folders.append(year)
            _compare(connection, store, year, found)
    for folder, number in known:
        found.gone_folders.append((folder, number))
        found.gone += [(folder, day) for day in _known_days(connection, folder, number)]
    found.days.sort(key=lambda day: (day[1], day[0]))
    return found


def is_settled(mtime_ns: int) -> bool:
    """Whether a folder with this time stamp gets another one when it changes."""
    return mtime_ns < time.time_ns() - SETTLED_NS


def _compare(connection: sqlite3.Connection, store: Store, year: _Year, found: Changes) -> None:
    known = _known_days(connection, year.folder, year.year)
    for day, mark in _built_days(store, year).items():
        if known.pop(day, None) != mark:
            found.days.append((year.folder, day))
    found.gone += [(year.folder, day) for day in known]


def _known_folders(connection: sqlite3.Connection) -> dict[tuple[str, int], int]:
    select = "SELECT series.folder, year, mtime_ns FROM folder JOIN series ON series.id = folder.series"
    return {(folder, year): mtime_ns for folder, year, mtime_ns in connection.execute(select)}


def _known_days(connection: sqlite3.Connection, folder: str, year: int) -> dict[str, DayMark]:
    select = (
        "SELECT day, size, mtime_ns, certificate_size, certificate_mtime_ns FROM built"
        " JOIN series ON series.id = built.series WHERE series.folder = ? AND day BETWEEN ? AND ?"
    )
    rows = connection.execute(select, (folder, f"{year:04}-01-01", f"{year:04}-12-31"))
    return {day: DayMark(*mark) for day, *mark in rows}


def _built_days(store: Store, year: _Year) -> dict[str, DayMark]:
    """The days of a year with a day file and a certificate."""
    stats = {}
    for entry in _entries(store.root / "snapshots" / year.folder / f"{year.year:04}"):
        if entry.name[10:] in {_PAPERS_SUFFIX, CERTIFICATE_SUFFIX}:
            try:
                stats[entry.name] = entry.stat()
            except FileNotFoundError:
                continue
    found = {}
    for name, papers in stats.items():
        day = name[:10]
        certificate = stats.get(day + CERTIFICATE_SUFFIX)
        if name[10:] == _PAPERS_SUFFIX and certificate is not None and _is_day(day):
            mark = DayMark(papers.st_size, papers.st_mtime_ns, certificate.st_size, certificate.st_mtime_ns)
            found[day] = mark
    return found


def _years(store: Store) -> Iterator[_Year]:
    """The folders of years of all series: `<source>/<year>` and `<source>/<parameter>/<year>`."""
    root = store.root / "snapshots"
    for source in _folders(root):
        for entry in _folders(source.path):
            if _YEAR.fullmatch(entry.name):
                yield _Year(source.name, int(entry.name), entry.stat().st_mtime_ns)
                continue
            for year in _folders(entry.path):
                if _YEAR.fullmatch(year.name):
                    folder = PurePosixPath(source.name, entry.name).as_posix()
                    yield _Year(folder, int(year.name), year.stat().st_mtime_ns)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _folders(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    return [entry for entry in _entries(folder) if entry.is_dir()]


def _entries(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
