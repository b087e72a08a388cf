"""Reads fetches from WARC files. A file that is not exactly as written (`seal.py`) is reported as damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

from dailypapers.ingest.errors import DamagedArchive
from dailypapers.snapshots.store.layout import Series

from .model import Fetch, ViewPass
from .records import Records, parse_records
from .seal import Summary, check_is_file, damage_as_error, fetch_of, verified, view_records
from .writer import Originals, WrittenFetch


@dataclass(frozen=True, slots=True)
class ArchivedFetch:
    """A fetch and its archive file."""

    path: Path
    size: int
    sha256: str
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """The archived fetches of one source-day."""

    fetches: list[ArchivedFetch]
    """Sorted by file name: by fetch time, then by digest."""
    originals: Originals
    damaged: list[DamagedArchive]
    """One error for each damaged file."""
    has_lost_originals: bool
    """A revisit refers to a page that is in none of the files."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A file with some of the records of a fetch."""

    number: int
    """Its place among the files of the fetch, from 1."""
    size: int
    """Bytes of the records, which are the beginning of the file."""
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file whose records are read, but whose revisits are not resolved yet."""

    path: Path
    size: int
    sha256: str
    records: Records
    fetch: Fetch
    """Without its views."""
    views: list[tuple[str, list[int]]]
    """Name and indexes of the records of each view."""


@dataclass(frozen=True, slots=True)
class ArchiveReader:
    """Reads the archive files of one day; none is read twice as long as it is the same file."""

    series: Series
    day: date
    _files: dict[tuple[Path, int, int, int], _ReadFile] = field(default_factory=dict, init=False)
    """By path, size, time and inode."""

    def read(self, paths: Sequence[Path]) -> ArchiveFolder:
        """Read files of the day.

        A revisit may refer to any of the files, even to a later one (an import of an older page comes before it), so
        the originals are collected first. A revisit whose original is in no intact file becomes a fault: its view
        fails.
        """
        files: list[_ReadFile] = []
        damaged: list[DamagedArchive] = []
        for path in paths:
            try:
                files.append(self._read(path))
            except DamagedArchive as error:
                damaged.append(error)
        originals = {key: original for file in files for key, original in file.records.originals}
        lost = any((each.url, each.digest) not in originals for file in files for each in file.records.revisits)
        return ArchiveFolder([_resolve_file(file, originals) for file in files], originals, damaged, lost)

    def add(self, written: WrittenFetch) -> None:
        """Take a file that this process has just written: it is not read back."""
        summary = cast("Summary", written.summary)
        fetch = fetch_of(summary, self.series, self.day)
        digest, size = hashlib.sha256(written.content).hexdigest(), len(written.content)
        self._files[_identity(written.path)] = _read_file(written.path, size, digest, summary, written.records, fetch)

    def _read(self, path: Path) -> _ReadFile:
        check_is_file(path)
        identity = _identity(path)
        if identity not in self._files:
            content = path.read_bytes()
            with damage_as_error(path):
                summary, before, digest = verified(path, content)
                fetch = fetch_of(summary, self.series, self.day)
                self._files[identity] = _read_file(path, len(content), digest, summary, before, fetch)
        return self._files[identity]


def read_archives(paths: Sequence[Path], series: Series, day: date) -> ArchiveFolder:
    """Read the archive files of one day: see `ArchiveReader.read`."""
    return ArchiveReader(series, day).read(paths)


def read_part(path: Path, series: Series, day: date, originals: Originals) -> StoredPart:
    """Read a file with some of the records of a fetch; its revisits refer to `originals`.

    Raises DamagedArchive if it is not exactly as written.
    """
    check_is_file(path)
    content = path.read_bytes()
    with damage_as_error(path):
        summary, before, digest = verified(path, content)
        file = _read_file(path, len(content), digest, summary, before, fetch_of(summary, series, day))
        return StoredPart(summary["part"], summary["bytes"], _resolve_file(file, originals).fetch)


def _identity(path: Path) -> tuple[Path, int, int, int]:
    stat = path.stat()
    return path, stat.st_size, stat.st_mtime_ns, stat.st_ino


def _read_file(
    path: Path, size: int, digest: str, summary: Summary, before: Sequence[bytes], fetch: Fetch
) -> _ReadFile:
    return _ReadFile(path, size, digest, parse_records(before), fetch, view_records(summary, len(before)))


def _resolve_file(file: _ReadFile, originals: Originals) -> ArchivedFetch:
    views = tuple(ViewPass(name, file.records.resolved(indexes, originals)) for name, indexes in file.views)
    return ArchivedFetch(file.path, file.size, file.sha256, replace(file.fetch, views=views))
