"""What changes when a file of a day does, without opening one: names, sizes, times and inodes. And the mark of a store
that holds a state of the past."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import orjson

from .atomic import TEMPORARY_SUFFIX, read_whole, write_whole
from .layout import ARCHIVE_SUFFIX, CERTIFICATE_SUFFIX, Series, Store


def write_as_of(store: Store, instant: datetime) -> None:
    """Mark a store as the state at `instant`, which is in UTC."""
    text = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    write_whole(store.as_of, orjson.dumps({"as_of": text}, option=orjson.OPT_APPEND_NEWLINE))


def read_as_of(store: Store) -> str | None:
    """The time whose state a store holds, such as `2025-12-08T10:00:00Z`; None for a store that is not marked."""
    try:
        return str(orjson.loads(read_whole(store.as_of))["as_of"])
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return "an unknown time"


def day_marks(store: Store, series: Series) -> dict[str, str]:
    """A mark of each day's derived files and of the folder of its archives, by the day's name.

    The time of the folder changes when an archive is added, removed or replaced, but not when one is changed in place.
    """
    states: defaultdict[str, list[str]] = defaultdict(list)
    for year in _years(store.root / "snapshots" / series.folder):
        for entry in _entries(year):
            if not entry.name.endswith(TEMPORARY_SUFFIX):
                states[entry.name[:10]].append(_state(entry))
    for year in _years(store.root / "pages" / series.folder):
        for day in _entries(year):
            states[day.name].append(_state(day))
    return {day: _digest(files) for day, files in states.items()}


def certificate_marks(store: Store, series: Series) -> dict[str, str]:
    """Size and time of each day's certificate, by the day's name, in the order of days."""
    marks = {}
    for year in _years(store.root / "snapshots" / series.folder):
        for entry in _entries(year):
            if entry.name[10:] == CERTIFICATE_SUFFIX:
                stat = entry.stat()
                marks[entry.name[:10]] = f"{stat.st_size} {stat.st_mtime_ns}"
    return dict(sorted(marks.items()))


def archives_mark(store: Store, series: Series, day: date) -> str:
    """A mark of the archives of a day themselves."""
    entries = _entries(store.pages(series, day))
    return _digest(_state(entry) for entry in entries if entry.name.endswith(ARCHIVE_SUFFIX))


def _digest(states: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(states)).encode()).hexdigest()


def _state(entry: os.DirEntry[str]) -> str:
    stat = entry.stat()
    return f"{entry.name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"


def _years(folder: os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in _entries(folder) if entry.name.isdigit())


def _entries(folder: os.PathLike[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
