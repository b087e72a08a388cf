"""Writes each fetch to a WARC file (ISO 28500:2017, https://iipc.github.io/warc-specifications/).

Each record is a gzip member of its own. The last one is a `metadata` record with a summary of the fetch and a checksum
of the bytes before it, because WARC readers do not report a truncated file.
"""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from dailypapers.ingest import __version__
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.layout import ARCHIVE_SUFFIX, Store

from .model import Entry, Fault, Fetch, Headers, Served, payload_digest

FAULT_TYPE: Final = "application/vnd.dailypapers.fault+json"
SUMMARY_TYPE: Final = "application/vnd.dailypapers.fetch+json"
SUMMARY_SCHEMA: Final = 1

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/dailypapers/dailypapers")
_IDENTICAL: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Transfer encoding is decoded before a body is stored, and cookies are private to the site.
_OMITTED_HEADERS: Final = frozenset({"transfer-encoding", "set-cookie"})
# 6 is the default of gzip; compressing an already compressed body at that level would waste time.
_LEVEL, _COMPRESSED_LEVEL = 6, 1
_ENCODED: Final = b"content-encoding:"


@dataclass(frozen=True, slots=True)
class Original:
    """A response stored in full, to which revisit records refer."""

    record_id: str
    fetched_at: datetime
    entries: Sequence[object] = field(repr=False)
    index: int = 0
    """Its place in `entries`, which may read it when it is asked for."""

    @property
    def served(self) -> Served:
        """The response."""
        entry = self.entries[self.index]
        if not isinstance(entry, Served):
            raise TypeError(f"{self.record_id} is not a response")
        return entry


Originals = dict[tuple[str, str], Original]
"""The responses stored for a day, by URL and payload digest."""


@dataclass(frozen=True, slots=True)
class WrittenFetch:
    """An archive file and what is in it."""

    path: Path
    content: bytes
    records: list[bytes]
    """The records before the summary, not compressed."""
    summary: dict[str, Any]


@dataclass(slots=True)
class ArchiveWriter:
    """The records of a fetch, and what is compressed of them so far."""

    fetch: Fetch
    originals: Originals
    """Responses that are stored already; it is filled."""
    digests: list[str] = field(default_factory=list)
    """Those of the records so far, in order; it may begin with records that are in other files."""
    buffer: io.BytesIO = field(default_factory=io.BytesIO)
    records: list[bytes] = field(default_factory=list)

    def add(self, entry: Entry) -> int:
        """Append a record; returns its number in the fetch, from 1."""
        if isinstance(entry, Fault):
            self._add_fault(entry)
        else:
            self._add_page(entry)
        return len(self.digests)

    def _add_fault(self, fault: Fault) -> None:
        block = orjson.dumps({"url": fault.url, "reason": fault.reason})
        headers = {"Content-Type": FAULT_TYPE}
        self._append(WarcRecordType.metadata, (fault.url, self.fetch.at), block, headers, payload_digest(block))

    def _add_page(self, entry: Served) -> None:
        target = (entry.page.url, entry.page.fetched_at or self.fetch.at)
        original = self.originals.get((entry.page.url, entry.digest))
        if original is not None and is_original(entry):
            head = _http_head(entry.page.status, entry.page.headers)
            if entry.received is not None:
                head = _http_head(304, entry.received)
            self._append(WarcRecordType.revisit, target, head, _revisit_headers(original, entry), entry.digest)
            return
        kind = WarcRecordType.resource if entry.from_file else WarcRecordType.response
        head = b"" if entry.from_file else _http_head(entry.page.status, entry.page.headers)
        record_id = self._append(kind, target, head + entry.page.body, _content_type(entry), entry.digest)
        if is_original(entry):
            self.originals[entry.page.url, entry.digest] = Original(record_id, target[1], (entry,))

    def _append(
        self,
        kind: WarcRecordType,
        target: tuple[str, datetime],
        block: bytes,
        headers: dict[str, str],
        digest: str | None,
    ) -> str:
        (url, fetched_at), number = target, len(self.digests) + 1
        name = f"{self.fetch.series}\n{self.fetch.day}\n{url}\n{timestamp(fetched_at)}\n{digest}\n{number}"
        record_id = f"uuid:{uuid.uuid5(_NAMESPACE, name)}"
        warc_headers = {"WARC-Date": timestamp(fetched_at), "WARC-Target-URI": url, **headers}
        # Writing a record uses it up, so there are two.
        compressed, plain = (_record(kind, record_id, warc_headers, block) for _ in range(2))
        raw = _raw(digest or payload_digest(block))
        self.buffer.write(_compressed(compressed, raw, _level(block)))
        if digest is not None:
            self.digests.append(digest)
            self.records.append(_uncompressed(plain, raw))
        return f"<urn:{record_id}>"

    def seal(
        self, views: list[dict[str, Any]], records: int, size: int, sha256: str, part: int | None = None
    ) -> dict[str, Any]:
        """Append the summary of a file and return it.

        `views` are the numbers of the records of each view, `records`, `size` and `sha256` describe the file up to the
        summary; `part` is the number of the file, from 1, if it is part of a fetch.
        """
        summary: dict[str, Any] = {
            "schema": SUMMARY_SCHEMA,
            "software": f"dailypapers/{__version__}",
            "source": self.fetch.series.source,
            "query": self.fetch.series.query,
            "day": self.fetch.day.isoformat(),
            "kind": self.fetch.kind,
            "at": timestamp(self.fetch.at),
            "at_known": self.fetch.at_known,
            **({"witness": self.fetch.witness} if self.fetch.witness else {}),
            **({"part": part} if part is not None else {}),
            "views": views,
            "records": records,
            "bytes": size,
            "sha256": sha256,
        }
        url = f"urn:dailypapers:{self.fetch.series.folder.as_posix()}:{self.fetch.day}"
        block = orjson.dumps(summary, option=orjson.OPT_INDENT_2)
        self._append(WarcRecordType.metadata, (url, self.fetch.at), block, {"Content-Type": SUMMARY_TYPE}, None)
        return summary


def is_original(entry: Served) -> bool:
    """Whether revisits may refer to a page: only to a 200, since an error page says nothing about another day."""
    return entry.page.status == 200


def write_fetch(store: Store, fetch: Fetch, originals: Originals) -> WrittenFetch | None:
    """Write a fetch to the folder of its day. `originals` are the responses already stored there.

    Returns what was written, or None if the archive has this fetch already. Raises OSError if the store cannot be
    written.
    """
    writer = ArchiveWriter(fetch, dict(originals))
    views = [{"view": view.view, "records": [writer.add(entry) for entry in view.entries]} for view in fetch.views]
    path = archive_path(store, fetch, writer.digests)
    if path.exists():
        return None
    body = writer.buffer.getvalue()
    summary = writer.seal(views, len(writer.digests), len(body), hashlib.sha256(body).hexdigest())
    written = WrittenFetch(path, writer.buffer.getvalue(), writer.records, summary)
    write_whole(path, written.content, temporary=store.aside(fetch.series, fetch.day))
    return written


def archive_path(store: Store, fetch: Fetch, digests: Sequence[str]) -> Path:
    """The archive file of a fetch whose records have these payload digests."""
    name = f"{fetch.at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(' '.join(digests).encode()).hexdigest()[:8]}"
    return store.pages(fetch.series, fetch.day) / (name + ARCHIVE_SUFFIX)


def _record(kind: WarcRecordType, record_id: str, headers: dict[str, str], block: bytes) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type=kind, record_urn=record_id.encode())
    for name, value in headers.items():
        record.headers[name] = value
    record.set_bytes_content(block)
    return record


def _level(block: bytes) -> int:
    return _COMPRESSED_LEVEL if _ENCODED in block[:4096].lower() else _LEVEL


def _compressed(record: WarcRecord, digest: bytes, level: int) -> bytes:
    """A record as a gzip member of its own."""
    out = io.BytesIO()
    # The record writes to the gzip stream itself: the compressed bytes depend on how the data is divided.
    member = GzipWriter(out, level)
    record.write(member, checksum_data=True, payload_digest=digest)
    member.finish()
    return out.getvalue()


def _uncompressed(record: WarcRecord, digest: bytes) -> bytes:
    out = io.BytesIO()
    record.write(out, checksum_data=True, payload_digest=digest)
    return out.getvalue()


def _http_head(status: int, headers: Headers) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OMITTED_HEADERS]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _revisit_headers(original: Original, entry: Served) -> dict[str, str]:
    return {
        "Content-Type": "application/http; msgtype=response",
        "WARC-Profile": _NOT_MODIFIED if entry.received is not None else _IDENTICAL,
        "WARC-Refers-To": original.record_id,
        "WARC-Refers-To-Target-URI": entry.page.url,
        "WARC-Refers-To-Date": timestamp(original.fetched_at),
    }


def _content_type(entry: Served) -> dict[str, str]:
    if entry.from_file:
        return {"Content-Type": entry.page.header("content-type") or "application/octet-stream"}
    return {"Content-Type": "application/http; msgtype=response"}


def _raw(digest: str) -> bytes:
    return base64.b32decode(digest.removeprefix("sha1:"))
