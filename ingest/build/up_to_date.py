"""The days that a run found up to date, remembered for the next run, which then opens none of their files.

They are in a file of the state folder that may be deleted at any time; a damaged one, or one of another version, counts
as empty. A day counts only as long as none of its derived files, and not the folder of its archives, has changed; once
a day, at the first run, also only if none of its archives has.
"""

from __future__ import annotations

import hashlib
import logging
import os
from datetime import date
from pathlib import Path
from typing import Final

from dailypapers.ingest.plan.inventory import StoredDay
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.marks import archives_mark, day_marks

from .staleness import parser_versions

log = logging.getLogger(__name__)


def read_disposable(path: Path) -> bytes | None:
    """The content as it was written; None if there is no such file or it is damaged."""
    try:
        digest, _, content = read_whole(path).partition(b"\n")
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("%s cannot be read (%s); this run takes longer", path, error.strerror)
        return None
    return content if digest == hashlib.sha256(content).hexdigest().encode() else None


def write_disposable(path: Path, content: bytes) -> None:
    """Replace the file. It is not synced: it has a digest, and a disk that refuses costs the next run its time."""
    aside = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        aside.replace(path)
    except FileNotFoundError:
        # Another process used the same name, and has put its own content in place. Had both written into one file, it
        # would not have its digest and count as missing.
        pass
    except OSError as error:
        log.warning("%s cannot be written (%s); the next run takes longer", path, error.strerror)


FORMAT: Final = 1


class UpToDateDays:
    """The days of one series that are up to date."""

    def __init__(self, folder: Path, store: Store, source_series: SourceSeries, today: date) -> None:
        """`folder` is the state folder."""
        self._store, self._series, self._today = store, source_series.series, today.isoformat()
        place = f"{store.root.resolve()}\n{self._series}"
        self._path = folder / "days" / f"{hashlib.sha256(os.fsencode(place)).hexdigest()[:16]}.txt"
        self._header = repr((FORMAT, place, SCHEMA, sorted(parser_versions(source_series.source).items())))
        self._marks = day_marks(store, self._series)
        self._checked, self._rows = _read(self._path, self._header)
        if self._checked != self._today:
            self._rows = {day: row for day, row in self._rows.items() if row[1] == self._archives(day)}
        self._is_new = self._checked != self._today

    def __contains__(self, day: date) -> bool:
        """Whether the day is known to be up to date."""
        row, mark = self._rows.get(day.isoformat()), self._marks.get(day.isoformat())
        return row is not None and row[0] == mark

    def add(self, stored: StoredDay) -> None:
        """Remember a day that was found up to date after this was made."""
        name = stored.source_day.day.isoformat()
        if name in self._marks and stored.source_day.day not in self:
            self._rows[name] = self._marks[name], self._archives(name)
            self._is_new = True

    def save(self) -> None:
        """Write what was added, without the days that are gone."""
        if not self._is_new:
            return
        rows = [
            f"{day} {mark} {archives}" for day, (mark, archives) in sorted(self._rows.items()) if day in self._marks
        ]
        write_disposable(self._path, "\n".join([ascii(self._header), self._today, *rows]).encode())

    def _archives(self, day: str) -> str:
        return archives_mark(self._store, self._series, date.fromisoformat(day))


def _read(path: Path, header: str) -> tuple[str | None, dict[str, tuple[str, str]]]:
    """The day on which all archives were looked at, and the marks by day."""
    content = read_disposable(path)
    if content is None:
        return None, {}
    first, checked, *rows = content.decode().split("\n")
    if first != ascii(header):
        return None, {}
    return checked, {day: (mark, archives) for day, mark, archives in (row.split(" ") for row in rows)}
