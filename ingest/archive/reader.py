"""Reads fetches from WARC files. A file that is not exactly as written is reported as damaged.

The bytes before the closing summary are checked against the length and sha256 in it. The gzip member of the summary
has a CRC and must be the last thing in the file, so truncation, changed bytes and appended bytes are all detected.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, NotRequired, TypedDict, cast

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.errors import BodyError, DamagedArchive
from parsers.model import Page
from snapshots.store.layout import Series
from snapshots.witness import Witness, parse_witness

from .content_encoding import members
from .model import Entry, Fault, Fetch, Served, ViewPass, received_headers, unchanged
from .writer import FAULT_TYPE, SUMMARY_SCHEMA, SUMMARY_TYPE, Original, Originals, WrittenFetch, is_original

_HEADER_CAP: Final = 2**20
_FILE_CAP: Final = 2**30
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


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


class _ViewSummary(TypedDict):
    view: str
    records: list[int]


class _Witnessed(TypedDict, total=False):
    witness: Witness


class _Summary(_Witnessed):
    """The closing record of a file: which fetch it is, and the checksum of the bytes before it."""

    schema: int
    source: str
    query: str | None
    day: str
    kind: str
    at: str
    at_known: bool
    views: list[_ViewSummary]
    records: int
    bytes: int
    sha256: str
    part: NotRequired[int]


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
        summary = cast("_Summary", written.summary)
        fetch = _fetch(summary, self.series, self.day)
        digest, size = hashlib.sha256(written.content).hexdigest(), len(written.content)
        self._files[_identity(written.path)] = _parse_records(
            written.path, size, digest, summary, written.records, fetch
        )

    def _read(self, path: Path) -> _ReadFile:
        _check_is_file(path)
        identity = _identity(path)
        if identity not in self._files:
            content = path.read_bytes()
            with _damage_as_error(path):
                summary, before, digest = _verified(path, content)
                fetch = _fetch(summary, self.series, self.day)
                self._files[identity] = _parse_records(path, len(content), digest, summary, before, fetch)
        return self._files[identity]


def read_archives(paths: Sequence[Path], series: Series, day: date) -> ArchiveFolder:
    """Read the archive files of one day: see `ArchiveReader.read`."""
    return ArchiveReader(series, day).read(paths)


def read_part(path: Path, series: Series, day: date, originals: Originals) -> StoredPart:
    """Read a file with some of the records of a fetch; its revisits refer to `originals`.

    Raises DamagedArchive if it is not exactly as written.
    """
    _check_is_file(path)
    content = path.read_bytes()
    with _damage_as_error(path):
        summary, before, digest = _verified(path, content)
        file = _parse_records(path, len(content), digest, summary, before, _fetch(summary, series, day))
        return StoredPart(summary["part"], summary["bytes"], _resolve_file(file, originals).fetch)


def _identity(path: Path) -> tuple[Path, int, int, int]:
    stat = path.stat()
    return path, stat.st_size, stat.st_mtime_ns, stat.st_ino


def read_series(path: Path) -> Series:
    """The series named in an archive file. Raises DamagedArchive if the file is not exactly as written."""
    _check_is_file(path)
    return archive_identity(path, path.read_bytes())[0]


def archive_identity(path: Path, content: bytes) -> tuple[Series, date]:
    """The series and the day named in the bytes of an archive file; `path` is for messages.

    Raises DamagedArchive if they are not exactly as written.
    """
    with _damage_as_error(path):
        summary, _, _ = _verified(path, content)
        return Series(summary["source"], summary["query"]), date.fromisoformat(summary["day"])


def _check_is_file(path: Path) -> None:
    """Raise DamagedArchive for a pipe, which would never end, a folder, and a link that leads nowhere."""
    if not path.is_file():
        raise DamagedArchive(f"{path}: damaged archive (it is not a regular file); move it away")


@contextmanager
def _damage_as_error(path: Path) -> Iterator[None]:
    """Turn any error within a file into DamagedArchive, which names it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, OSError, BodyError) as error:
        raise DamagedArchive(f"{path}: damaged archive ({error}); restore it from a copy") from error


def _fetch(summary: _Summary, series: Series, day: date) -> Fetch:
    """The fetch, without its views."""
    _check_day(summary, series, day)
    at, witness = _parse_time(summary["at"]), parse_witness(summary.get("witness"))
    return Fetch(series, day, at, (), kind=summary["kind"], at_known=summary["at_known"], witness=witness)


def _parse_records(
    path: Path, size: int, digest: str, summary: _Summary, before: list[bytes], fetch: Fetch
) -> _ReadFile:
    records = [WarcRecord.from_bytes(member) for member in before]
    ids = [record.headers["WARC-Record-ID"] for record in records]
    entries = [_entry(record) for record in records]
    return _ReadFile(path, size, digest, entries, ids, fetch, _views(summary, len(before)))


def _verified(path: Path, content: bytes) -> tuple[_Summary, list[bytes], str]:
    """The summary of a file, after its checksum is verified, the records before it, and the SHA-256 of the file."""
    *before, (offset, last) = members(str(path), content, _FILE_CAP)
    summary, digest = _summary(last), hashlib.sha256(content[:offset])
    if summary["records"] != len(before):
        raise ValueError(f"the summary counts {summary['records']} records, there are {len(before)}")
    if summary["bytes"] != offset or summary["sha256"] != digest.hexdigest():
        raise ValueError("its bytes do not match the checksum in the summary")
    # Continued, so that no byte is hashed twice.
    digest.update(content[offset:])
    return summary, [member for _, member in before], digest.hexdigest()


def _summary(member: bytes) -> _Summary:
    record = WarcRecord.from_bytes(member)
    if record.headers.get("Content-Type") != SUMMARY_TYPE:
        raise ValueError("it does not end with the summary of a fetch")
    summary = orjson.loads(record.reader.read())
    if not isinstance(summary, dict):
        raise TypeError(f"its summary is not an object but {summary!r:.40}")
    return cast("_Summary", summary)


def _views(summary: _Summary, records: int) -> list[tuple[str, list[int]]]:
    views = [(view["view"], [number - 1 for number in view["records"]]) for view in summary["views"]]
    if any(index not in range(records) for _, indexes in views for index in indexes):
        raise ValueError(f"a view refers to a record that is not among the {records}")
    return views


def _check_day(summary: _Summary, series: Series, day: date) -> None:
    if summary["schema"] > SUMMARY_SCHEMA:
        raise ValueError(f"a newer dailypapers wrote it, in schema {summary['schema']}")
    stored_series = Series(summary["source"], summary["query"])
    if (stored_series, summary["day"]) != (series, day.isoformat()):
        raise ValueError(f"it holds {stored_series} {summary['day']} but is in the folder of {series} {day}")


def _entry(record: WarcRecord) -> Entry | _Revisit:
    if record.headers.get("Content-Type") == FAULT_TYPE:
        fault = orjson.loads(record.reader.read())
        return Fault(fault["url"], fault["reason"])
    url, fetched_at = record.headers["WARC-Target-URI"], _parse_time(record.headers["WARC-Date"])
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


def _parse_time(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError(f"the time {text!r:.40} is not like 2025-12-08T10:00:00Z")
    return datetime.fromisoformat(text)
