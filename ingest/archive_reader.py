"""One fetch out of its WARC file. Whatever is not exactly what was written is refused by name.

The bytes before the closing summary are checked against its length and sha256, the summary's own gzip member by its
CRC and by being the last thing in the file: so a cut, a changed byte and anything appended are all noticed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from parsers.model import Page
from snapshots.layout import Series

from .archive import FAULT_TYPE, SUMMARY_TYPE, Original, Originals
from .errors import DamagedArchive
from .exchange import Fault, Fetch, Served, ViewPass

_HEADER_CAP = 2**20


@dataclass(frozen=True, slots=True)
class Archived:
    """A fetch and the file it is kept in."""

    path: Path
    size: int
    sha256: str
    fetch: Fetch


def read_archives(paths: Sequence[Path]) -> tuple[list[Archived], Originals, list[DamagedArchive]]:
    """The fetches of one day folder in order, the responses kept in full, and the files that are damaged."""
    originals: Originals = {}
    fetches: list[Archived] = []
    damaged: list[DamagedArchive] = []
    for path in paths:
        try:
            fetches.append(read_archive(path, originals))
        except DamagedArchive as error:
            damaged.append(error)
    return fetches, originals, damaged


def read_archive(path: Path, originals: Originals) -> Archived:
    """One archive file; `originals` gives what its revisits refer to and takes up what it keeps in full.

    Raises DamagedArchive naming the file and what is wrong with it.
    """
    content = path.read_bytes()
    try:
        *members, (offset, last) = _members(content)
        summary = _summary(last)
        _check_seal(summary, content[:offset], len(members))
        entries = list(_entries([WarcRecord.from_bytes(member) for _, member in members], originals))
        fetch = _fetch(summary, entries)
    except (ValueError, KeyError, TypeError, OSError, zlib.error) as error:
        raise DamagedArchive(f"{path}: damaged archive ({error}); restore it from a copy") from error
    return Archived(path, len(content), hashlib.sha256(content).hexdigest(), fetch)


def _members(content: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset < len(content):
        stream = zlib.decompressobj(31)
        member = stream.decompress(content[offset:])
        if not stream.eof:
            raise ValueError("it ends in the middle of a record")
        yield offset, member
        offset = len(content) - len(stream.unused_data)


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


def _entries(records: Sequence[WarcRecord], originals: Originals) -> Iterator[Served | Fault]:
    for record in records:
        if record.headers.get("Content-Type") == FAULT_TYPE:
            said = orjson.loads(record.reader.read())
            yield Fault(said["url"], said["reason"])
        elif record.record_type == WarcRecordType.revisit:
            yield _revisited(record, originals)
        else:
            yield _kept(record, originals)


def _kept(record: WarcRecord, originals: Originals) -> Served:
    from_file = record.record_type == WarcRecordType.resource
    url, digest, at = record.headers["WARC-Target-URI"], record.headers["WARC-Payload-Digest"], _time(record)
    page = _file_page(record, url, at) if from_file else _http_page(record, url, at)
    kept = Served(page, digest, from_file=from_file)
    originals[url, digest] = Original(record.headers["WARC-Record-ID"], at, kept)
    return kept


def _file_page(record: WarcRecord, url: str, at: datetime) -> Page:
    content_type = record.headers.get("Content-Type") or "application/octet-stream"
    return Page(url, 200, (("Content-Type", content_type),), record.reader.read(), at)


def _http_page(record: WarcRecord, url: str, at: datetime) -> Page:
    record.parse_http(max_header_len=_HEADER_CAP)
    status = record.http_headers.status_code
    if status is None:
        raise ValueError(f"the record of {url} has no HTTP status")
    return Page(url, status, record.http_headers.to_tuples(), record.reader.read(), at)


def _revisited(record: WarcRecord, originals: Originals) -> Served:
    url, digest = record.headers["WARC-Target-URI"], record.headers["WARC-Payload-Digest"]
    original = originals.get((url, digest))
    if original is None:
        raise ValueError(
            f"it refers to {record.headers.get('WARC-Refers-To')}, which no whole archive of the day holds"
        )
    page = original.served.page
    unmodified = (record.headers.get("WARC-Profile") or "").endswith("server-not-modified")
    again = Page(page.url, page.status, page.headers, page.body, _time(record))
    return Served(again, digest, from_file=original.served.from_file, unmodified=unmodified)


def _fetch(summary: dict[str, Any], entries: Sequence[Served | Fault]) -> Fetch:
    return Fetch(
        Series(summary["source"], summary["query"]),
        date.fromisoformat(summary["day"]),
        _instant(summary["at"]),
        tuple(
            ViewPass(view["view"], tuple(entries[number - 1] for number in view["records"]))
            for view in summary["views"]
        ),
        kind=summary["kind"],
        at_known=summary["at_known"],
    )


def _time(record: WarcRecord) -> datetime:
    return _instant(record.headers["WARC-Date"])


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
