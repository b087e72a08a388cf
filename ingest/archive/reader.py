"""Reads fetches from WARC files. A file that is not exactly as written (`seal.py`) is reported as damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from dailypapers.ingest.errors import DamagedArchive
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series

from .content_encoding import Lazy
from .model import Entry, Fault, Fetch, Served, ViewPass, received_headers, unchanged
from .seal import Summary, check_is_file, damage_as_error, fetch_of, parse_time, verified, view_records
from .writer import FAULT_TYPE, Original, Originals, WrittenFetch, is_original

_HEADER_CAP: Final = 2**20


@dataclass(frozen=True, slots=True)
class Revisit:
    """A record that refers to a page in another record."""

    url: str
    digest: str
    fetched_at: datetime
    headers: tuple[tuple[str, str], ...]
    unmodified: bool
    original_at: str | None


@dataclass(slots=True)
class Records:
    """The records of a file before its summary."""

    entries: Sequence[Entry | Revisit]
    originals: list[tuple[tuple[str, str], Original]] = field(default_factory=list)
    """The responses stored in full, by URL and payload digest."""
    revisits: list[Revisit] = field(default_factory=list)

    def resolved(self, indexes: Sequence[int], originals: Originals) -> Sequence[Entry]:
        """Some of the records, with the pages that revisits refer to."""

        def make(number: int) -> Entry:
            entry = self.entries[indexes[number]]
            return _resolve(entry, originals) if isinstance(entry, Revisit) else entry

        return Lazy(make, len(indexes)) if isinstance(self.entries, Lazy) else tuple(map(make, range(len(indexes))))


def parse_records(members: Sequence[bytes]) -> Records:
    """The records of a file, given inflated; if `members` are Lazy, so are the entries.

    Raises ValueError, LookupError or TypeError for a record that is not as it was written.
    """
    plain: list[Entry | Revisit] = []
    is_lazy = isinstance(members, Lazy)
    records = Records(Lazy(lambda index: _entry(_record(members[index])), len(members)) if is_lazy else plain)
    for index, member in enumerate(members):
        record = _record(member)
        entry = _entry(record)
        if not is_lazy:
            plain.append(entry)
        if isinstance(entry, Revisit):
            records.revisits.append(entry)
        elif isinstance(entry, Served) and is_original(entry) and entry.page.fetched_at is not None:
            record_id = record.headers["WARC-Record-ID"]
            original = Original(record_id, entry.page.fetched_at, records.entries, index)
            records.originals.append(((entry.page.url, entry.digest), original))
    return records


def _record(member: bytes) -> WarcRecord:
    return WarcRecord.from_bytes(member)


def _entry(record: WarcRecord) -> Entry | Revisit:
    if record.headers.get("Content-Type") == FAULT_TYPE:
        fault = orjson.loads(record.reader.read())
        return Fault(fault["url"], fault["reason"])
    url, fetched_at = record.headers["WARC-Target-URI"], parse_time(record.headers["WARC-Date"])
    digest = record.headers["WARC-Payload-Digest"]
    if record.record_type == WarcRecordType.resource:
        content_type = record.headers.get("Content-Type") or "application/octet-stream"
        page = Page(url, 200, (("Content-Type", content_type),), record.reader.read(), fetched_at)
        return Served(page, digest, from_file=True)
    record.parse_http(max_header_len=_HEADER_CAP)
    if record.http_headers is None:
        raise ValueError(f"a record of {url} is not an HTTP answer")
    status, headers = record.http_headers.status_code or 0, received_headers(record.http_headers.to_tuples())
    if record.record_type == WarcRecordType.revisit:
        unmodified = (record.headers.get("WARC-Profile") or "").endswith("server-not-modified")
        return Revisit(url, digest, fetched_at, headers, unmodified, record.headers.get("WARC-Refers-To-Date"))
    return Served(Page(url, status, headers, record.reader.read(), fetched_at), digest)


def _resolve(revisit: Revisit, originals: Originals) -> Entry:
    original = originals.get((revisit.url, revisit.digest))
    if original is None:
        return Fault(revisit.url, f"{revisit.url}: the page it equals, of {revisit.original_at}, is lost")
    page = original.served.page
    if revisit.unmodified:
        return unchanged(original.served, Page(revisit.url, 304, revisit.headers, b"", revisit.fetched_at))
    page = replace(page, headers=revisit.headers or page.headers, fetched_at=revisit.fetched_at)
    return Served(page, revisit.digest, from_file=original.served.from_file)


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
