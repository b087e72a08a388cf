"""Fetches out of their WARC files. Whatever is not exactly what was written is refused by name.

The bytes before the closing summary are checked against its length and sha256, the summary's own gzip member by its
CRC and by being the last thing in the file: so a cut, a changed byte and anything appended are all noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.errors import BodyError, DamagedArchive
from parsers.model import Page
from snapshots.store.layout import Series

from .content_encoding import members
from .model import Entry, Fault, Fetch, Served, ViewPass, unchanged
from .writer import FAULT_TYPE, SUMMARY_SCHEMA, SUMMARY_TYPE, Original, Originals, is_original

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
class _Revisit:
    """A record that refers to a page kept elsewhere."""

    url: str
    digest: str
    at: datetime
    headers: tuple[tuple[str, str], ...]
    unmodified: bool
    original_at: str | None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file whose every record can be read: what is left to do is to find what its revisits refer to."""

    path: Path
    size: int
    sha256: str
    records: list[Entry | _Revisit]
    ids: list[str]
    bare: Fetch
    views: list[tuple[str, list[int]]]
    """Each with the places of its records."""


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
    originals = {place: original for one in opened for place, original in _originals(one)}
    return Folder([_archived(one, originals) for one in opened], originals, damaged)


def _open(path: Path, series: Series, day: date) -> _Opened:
    content = path.read_bytes()
    try:
        return _opened(path, content, series, day)
    except (ValueError, LookupError, TypeError, OSError, BodyError) as error:
        raise DamagedArchive(f"{path}: damaged archive ({error}); restore it from a copy") from error


def _opened(path: Path, content: bytes, series: Series, day: date) -> _Opened:
    *before, (offset, last) = members(str(path), content, _FILE_CAP)
    summary = _summary(last)
    _check_seal(summary, content[:offset], len(before))
    _check_place(summary, series, day)
    records = [WarcRecord.from_bytes(member) for _, member in before]
    ids = [record.headers["WARC-Record-ID"] for record in records]
    bare = Fetch(series, day, _instant(summary["at"]), (), kind=summary["kind"], at_known=summary["at_known"])
    digest, entries = hashlib.sha256(content).hexdigest(), [_entry(record) for record in records]
    return _Opened(path, len(content), digest, entries, ids, bare, _views(summary, len(before)))


def _summary(member: bytes) -> dict[str, Any]:
    record = WarcRecord.from_bytes(member)
    if record.headers.get("Content-Type") != SUMMARY_TYPE:
        raise ValueError("it does not end with the summary of a fetch")
    summary = orjson.loads(record.reader.read())
    if not isinstance(summary, dict):
        raise TypeError(f"its summary is no object but {summary!r:.40}")
    return summary


def _views(summary: dict[str, Any], records: int) -> list[tuple[str, list[int]]]:
    views = [(view["view"], [number - 1 for number in view["records"]]) for view in summary["views"]]
    if any(place not in range(records) for _, places in views for place in places):
        raise ValueError(f"a view has a record that is none of the {records}")
    return views


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
    if record.http_headers is None:
        raise ValueError(f"a record of {url} holds no HTTP answer")
    status, headers = record.http_headers.status_code or 0, record.http_headers.to_tuples()
    if record.record_type == WarcRecordType.revisit:
        unmodified = (record.headers.get("WARC-Profile") or "").endswith("server-not-modified")
        return _Revisit(url, digest, at, headers, unmodified, record.headers.get("WARC-Refers-To-Date"))
    return Served(Page(url, status, headers, record.reader.read(), at), digest)


def _originals(one: _Opened) -> Iterator[tuple[tuple[str, str], Original]]:
    for record_id, entry in zip(one.ids, one.records, strict=True):
        if isinstance(entry, Served) and is_original(entry):
            at = entry.page.fetched_at or one.bare.at
            yield (entry.page.url, entry.digest), Original(record_id, at, entry)


def _archived(one: _Opened, originals: Originals) -> Archived:
    entries = [_resolved(entry, originals) if isinstance(entry, _Revisit) else entry for entry in one.records]
    views = tuple(ViewPass(name, tuple(entries[place] for place in places)) for name, places in one.views)
    return Archived(one.path, one.size, one.sha256, replace(one.bare, views=views))


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
