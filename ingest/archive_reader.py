"""Fetches out of their WARC files. Whatever is not exactly what was written is refused by name.

The bytes before the closing summary are checked against its length and sha256, the summary's own gzip member by its
CRC and by being the last thing in the file: so a cut, a changed byte and anything appended are all noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from parsers.model import Page
from snapshots.layout import Series

from .archive import FAULT_TYPE, SUMMARY_SCHEMA, SUMMARY_TYPE, Original, Originals, is_original
from .decode import members
from .errors import BodyError, DamagedArchive
from .exchange import Entry, Fault, Fetch, Served, ViewPass, unchanged

_HEADER_CAP: Final = 2**20
_FILE_CAP: Final = 2**30


@dataclass(frozen=True, slots=True)
class Archived:
    """A fetch and the file it is kept in."""

    path: Path
    size: int
    sha256: str
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class Folder:
    """What the archive holds of one source-day."""

    fetches: list[Archived]
    """In the order of their names: fetch time, then digest."""
    originals: Originals
    damaged: list[DamagedArchive]
    """The files that are not what was written, each by name."""


@dataclass(frozen=True, slots=True)
class _Opened:
    path: Path
    content: bytes
    summary: dict[str, Any]
    records: list[WarcRecord]


def read_archives(paths: Sequence[Path], series: Series, day: date) -> Folder:
    """The fetches of one day folder.

    A revisit may refer to any file of the folder, a later one too (an import of an older page comes before it), so the
    originals are gathered first. One that no whole file holds is read as a fault: it costs its view, not the fetch.
    """
    opened: list[_Opened] = []
    damaged: list[DamagedArchive] = []
    for path in paths:
        try:
            opened.append(_open(path, series, day))
        except DamagedArchive as error:
            damaged.append(error)
    kept = [[_entry(record) for record in one.records] for one in opened]
    originals = dict(_originals(opened, kept))
    fetches = [_archived(one, entries, originals) for one, entries in zip(opened, kept, strict=True)]
    return Folder(fetches, originals, damaged)


def _open(path: Path, series: Series, day: date) -> _Opened:
    content = path.read_bytes()
    try:
        *before, (offset, last) = members(str(path), content, _FILE_CAP)
        summary = _summary(last)
        _check_seal(summary, content[:offset], len(before))
        _check_place(summary, series, day)
        return _Opened(path, content, summary, [WarcRecord.from_bytes(member) for _, member in before])
    except (ValueError, KeyError, TypeError, OSError, BodyError) as error:
        raise DamagedArchive(f"{path}: damaged archive ({error}); restore it from a copy") from error


def _summary(member: bytes) -> dict[str, Any]:
    record = WarcRecord.from_bytes(member)
    if record.headers.get("Content-Type") != SUMMARY_TYPE:
        raise ValueError("it does not end with the summary of a fetch")
    summary: dict[str, Any] = orjson.loads(record.reader.read())
    return summary


def _check_seal(summary: dict[str, Any], before: bytes, records: int) -> None:
    if summary["records"] != records:
        raise ValueError(f"the summary counts {summary['records']} records, there are {records}")
    if summary["bytes"] != len(before) or summary["sha256"] != hashlib.sha256(before).hexdigest():
        raise ValueError("its bytes are not those that the summary names")


def _check_place(summary: dict[str, Any], series: Series, day: date) -> None:
    if summary["schema"] > SUMMARY_SCHEMA:
        raise ValueError(f"a newer dailypapers wrote it, in schema {summary['schema']}")
    found = Series(summary["source"], summary["query"])
    if (found, summary["day"]) != (series, day.isoformat()):
        raise ValueError(f"it holds {found} {summary['day']} and lies among {series} {day}")


@dataclass(frozen=True, slots=True)
class _Revisit:
    """A record that refers to a page kept elsewhere."""

    url: str
    digest: str
    at: datetime
    headers: tuple[tuple[str, str], ...]
    unmodified: bool
    original_at: str | None


def _entry(record: WarcRecord) -> Entry | _Revisit:
    if record.headers.get("Content-Type") == FAULT_TYPE:
        said = orjson.loads(record.reader.read())
        return Fault(said["url"], said["reason"])
    url, at = record.headers["WARC-Target-URI"], _instant(record.headers["WARC-Date"])
    digest = record.headers["WARC-Payload-Digest"]
    if record.record_type == WarcRecordType.resource:
        content_type = record.headers.get("Content-Type") or "application/octet-stream"
        page = Page(url, 200, (("Content-Type", content_type),), record.reader.read(), at)
        return Served(page, digest, from_file=True)
    record.parse_http(max_header_len=_HEADER_CAP)
    status, headers = record.http_headers.status_code or 0, record.http_headers.to_tuples()
    if record.record_type == WarcRecordType.revisit:
        unmodified = (record.headers.get("WARC-Profile") or "").endswith("server-not-modified")
        return _Revisit(url, digest, at, headers, unmodified, record.headers.get("WARC-Refers-To-Date"))
    return Served(Page(url, status, headers, record.reader.read(), at), digest)


def _originals(
    opened: Iterable[_Opened], kept: Iterable[Sequence[Entry | _Revisit]]
) -> Iterator[tuple[tuple[str, str], Original]]:
    for one, entries in zip(opened, kept, strict=True):
        for record, entry in zip(one.records, entries, strict=True):
            if isinstance(entry, Served) and is_original(entry):
                at = _instant(record.headers["WARC-Date"])
                yield (entry.page.url, entry.digest), Original(record.headers["WARC-Record-ID"], at, entry)


def _archived(one: _Opened, kept: Sequence[Entry | _Revisit], originals: Originals) -> Archived:
    entries = [_resolved(entry, originals) if isinstance(entry, _Revisit) else entry for entry in kept]
    summary = one.summary
    views = tuple(
        ViewPass(view["view"], tuple(entries[number - 1] for number in view["records"])) for view in summary["views"]
    )
    series = Series(summary["source"], summary["query"])
    day, at = date.fromisoformat(summary["day"]), _instant(summary["at"])
    fetch = Fetch(series, day, at, views, kind=summary["kind"], at_known=summary["at_known"])
    return Archived(one.path, len(one.content), hashlib.sha256(one.content).hexdigest(), fetch)


def _resolved(revisit: _Revisit, originals: Originals) -> Entry:
    original = originals.get((revisit.url, revisit.digest))
    if original is None:
        return Fault(revisit.url, f"{revisit.url}: the page it equals, of {revisit.original_at}, is lost")
    page = original.served.page
    if revisit.unmodified:
        return unchanged(original.served, Page(revisit.url, 304, revisit.headers, b"", revisit.at))
    again = Page(page.url, page.status, revisit.headers or page.headers, page.body, revisit.at)
    return Served(again, revisit.digest, from_file=original.served.from_file)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
