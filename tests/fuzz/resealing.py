"""A small archive, taken apart into its records and put together again with a valid seal after changes.

Otherwise no mutated record would pass the check of the sha256 at the end of every archive.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from dailypapers.ingest.archive.content_encoding import members
from dailypapers.ingest.archive.model import Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store

SERIES: Final = Series("hf-daily")
DAY: Final = date(2025, 12, 10)

_AT: Final = datetime(2025, 12, 11, 12, tzinfo=UTC)
_SEAM: Final = b"\x00--\x00"
_END: Final = b"\r\n\r\n"
_CAP: Final = 2**26


def small_archive(root: Path) -> bytes:
    """A fault, a page, the same page again, a compressed page, and their summary."""
    plain = Page("https://huggingface.co/papers", 200, (("Content-Type", "text/html"),), b"<p>hello</p>", _AT)
    coded = Page(plain.url + "/x", 200, (("Content-Encoding", "gzip"),), gzip.compress(b"[]", mtime=0), _AT)
    fault = Fault("https://huggingface.co/api", "refused")
    views = (ViewPass("api", (fault,)), ViewPass("html", (served(plain), served(plain), served(coded))))
    store = Store(root)
    write_fetch(store, Fetch(SERIES, DAY, _AT, views), {})
    return store.archives(SERIES, DAY)[0].read_bytes()


def opened(archive: bytes) -> bytes:
    """The records of an archive, uncompressed, with a separator between them."""
    return _SEAM.join(member for _, member in members("", archive, _CAP))


def sealed(data: bytes) -> bytes:
    """A mutated result of `opened` as an archive again; number, length and sha256 in the summary are corrected."""
    *records, summary = data.split(_SEAM)
    before = b"".join(gzip.compress(record, 1, mtime=0) for record in records)
    head, _, rest = summary.partition(_END)
    return before + gzip.compress(_fitting(head, rest.removesuffix(_END), len(records), before), 1, mtime=0)


def _fitting(head: bytes, block: bytes, records: int, before: bytes) -> bytes:
    try:
        said = json.loads(block)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        said |= {"records": records, "bytes": len(before), "sha256": hashlib.sha256(before).hexdigest()}
        block = json.dumps(said).encode()
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(block)]) + _END + block + _END
