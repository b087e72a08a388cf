"""Reads fetches from WARC files. A file that is not exactly as written (`seal.py`) is reported as damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.errors import DamagedArchive
from parsers.model import Page
from snapshots.store.layout import Series

from .model import Entry, Fault, Fetch, Served, ViewPass, received_headers, unchanged
from .seal import Summary, check_is_file, damage_as_error, fetch_of, parse_time, verified, view_records
from .writer import FAULT_TYPE, Original, Originals, WrittenFetch, is_original

_HEADER_CAP: Final = 2**20


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
class _Revisit:
    """A record that refers to a page in another record."""

    url: str
    digest: str
    fetched_at: datetime
    headers: tuple[tuple[str, str], ...]
    unmodified: bool
    original_at: str | None


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file whose records are read, but whose revisits are not resolved yet."""

    path: Path
    size: int
    sha256: str
    records: list[Entry | _Revisit]
    ids: list[str]
    fetch: Fetch
    """Without its views."""
    views: list[tuple[str, list[int]]]
    """Name and indexes of the records of each view."""

    @property
    def revisits(self) -> list[_Revisit]:
        """The records that refer to a page in another one."""
        return [record for record in self.records if isinstance(record, _Revisit)]


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
        originals = {key: original for file in files for key, original in _originals(file)}
        lost = any((each.url, each.digest) not in originals for file in files for each in file.revisits)
        return ArchiveFolder([_resolve_file(file, originals) for file in files], originals, damaged, lost)

    def add(self, written: WrittenFetch) -> None:
        """Take a file that this process has just written: it is not read back."""
        summary = cast("Summary", written.summary)
        fetch = fetch_of(summary, self.series, self.day)
        digest, size = hashlib.sha256(written.content).hexdigest(), len(written.content)
        self._files[_identity(written.path)] = _parse_records(
            written.path, size, digest, summary, written.records, fetch
        )

    def _read(self, path: Path) -> _ReadFile:
        check_is_file(path)
        identity = _identity(path)
        if identity not in self._files:
            content = path.read_bytes()
            with damage_as_error(path):
                summary, before, digest = verified(path, content)
                fetch = fetch_of(summary, self.series, self.day)
                self._files[identity] = _parse_records(path, len(content), digest, summary, before, fetch)
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
        file = _parse_records(path, len(content), digest, summary, before, fetch_of(summary, series, day))
        return StoredPart(summary["part"], summary["bytes"], _resolve_file(file, originals).fetch)


def _identity(path: Path) -> tuple[Path, int, int, int]:
    stat = path.stat()
    return path, stat.st_size, stat.st_mtime_ns, stat.st_ino


def _parse_records(
    path: Path, size: int, digest: str, summary: Summary, before: list[bytes], fetch: Fetch
) -> _ReadFile:
    records = [WarcRecord.from_bytes(member) for member in before]
    ids = [record.headers["WARC-Record-ID"] for record in records]
    entries = [_entry(record) for record in records]
    return _ReadFile(path, size, digest, entries, ids, fetch, view_records(summary, len(before)))


def _entry(record: WarcRecord) -> Entry | _Revisit:
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
        return _Revisit(url, digest, fetched_at, headers, unmodified, record.headers.get("WARC-Refers-To-Date"))
    return Served(Page(url, status, headers, record.reader.read(), fetched_at), digest)


def _originals(file: _ReadFile) -> Iterator[tuple[tuple[str, str], Original]]:
    for record_id, entry in zip(file.ids, file.records, strict=True):
        if isinstance(entry, Served) and is_original(entry):
            fetched_at = entry.page.fetched_at or file.fetch.at
            yield (entry.page.url, entry.digest), Original(record_id, fetched_at, entry)


def _resolve_file(file: _ReadFile, originals: Originals) -> ArchivedFetch:
    entries = [_resolve(entry, originals) if isinstance(entry, _Revisit) else entry for entry in file.records]
    views = tuple(ViewPass(name, tuple(entries[index] for index in indexes)) for name, indexes in file.views)
    return ArchivedFetch(file.path, file.size, file.sha256, replace(file.fetch, views=views))


def _resolve(revisit: _Revisit, originals: Originals) -> Entry:
    original = originals.get((revisit.url, revisit.digest))
    if original is None:
        return Fault(revisit.url, f"{revisit.url}: the page it equals, of {revisit.original_at}, is lost")
    page = original.served.page
    if revisit.unmodified:
        return unchanged(original.served, Page(revisit.url, 304, revisit.headers, b"", revisit.fetched_at))
    page = replace(page, headers=revisit.headers or page.headers, fetched_at=revisit.fetched_at)
    return Served(page, revisit.digest, from_file=original.served.from_file)
