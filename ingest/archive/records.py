"""What is in the records of an archive file; of a large one, read each time that it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from dailypapers.parsers.model import Page

from .lazy import Lazy
from .model import Entry, Fault, Served, received_headers, unchanged
from .seal import parse_time
from .writer import FAULT_TYPE, Original, Originals, is_original

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
