"""The result of one pass over the views of a source-day: pages as served, and faults."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from dailypapers.parsers.model import Page
from dailypapers.snapshots.certificate import Witness
from dailypapers.snapshots.store.layout import Series


def payload_digest(payload: bytes) -> str:
    """The digest of a payload as in WARC files: `sha1:` and base 32 (ISO 28500:2017, 5.8)."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode("ascii")


Headers = tuple[tuple[str, str], ...]

_BODY_HEADERS: Final = frozenset({"content-length", "content-encoding", "content-type", "content-range"})
_WINDOWS_1252: Final = {
    ord(letter): byte for byte in range(0x80, 0xA0) for letter in bytes([byte]).decode("cp1252", "ignore")
}
"""The characters that Windows-1252 has and Latin-1 has not, with their bytes."""


@dataclass(frozen=True, slots=True)
class Served:
    """A page with the digest of its body. If the archive has the body already, a revisit record is written."""

    page: Page
    digest: str
    from_file: bool = False
    """Imported from a plain file, without an HTTP answer."""
    received: Headers | None = None
    """The headers of a 304 answer: then `page` is the earlier page with updated headers, and `digest` is its digest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A request without an answer, and why."""

    url: str
    reason: str


Entry = Served | Fault


@dataclass(frozen=True, slots=True)
class ViewPass:
    """The entries of one view in order: each redirect, and for each page the last of its tries."""

    view: str
    entries: Sequence[Entry]

    @property
    def answered(self) -> bool:
        """Whether there was any answer, even an error."""
        return any(isinstance(entry, Served) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One pass over the views of a source-day. `at` is the time of all its pages; in an import, that of the first."""

    series: Series
    day: date
    at: datetime
    views: tuple[ViewPass, ...]
    kind: str = "fetch"
    """`fetch`, or `import` for pages from files."""
    at_known: bool = True
    witness: Witness | None = None
    """The version of the file that it is, if it comes from a git repository."""

    @property
    def answered(self) -> bool:
        """Whether any view got an answer; otherwise nothing is archived."""
        return any(view.answered for view in self.views)


def unchanged(cached: Served, answer: Page) -> Served:
    """The page after a 304 answer: the earlier page with updated headers."""
    headers = updated_headers(cached.page.headers, answer.headers)
    page = replace(cached.page, headers=headers, fetched_at=answer.fetched_at)
    return Served(page, cached.digest, from_file=cached.from_file, received=answer.headers)


def updated_headers(stored: Headers, new: Headers) -> Headers:
    """The headers of a page after a 304 (RFC 9111, 3.2): the new ones replace those of the same name.

    Headers of the body (its length and encoding) stay, since a 304 has no body.
    """
    names = {name.lower() for name, _ in new} - _BODY_HEADERS
    unchanged_headers = tuple(pair for pair in stored if pair[0].lower() not in names)
    return (*unchanged_headers, *(pair for pair in new if pair[0].lower() in names))


def received_headers(headers: Headers) -> Headers:
    """Headers of a WARC record with one character for each byte that came, as in Latin-1.

    The WARC reader decodes them as Windows-1252, which differs in the bytes 0x80 to 0x9f.
    """
    return tuple((name.translate(_WINDOWS_1252), value.translate(_WINDOWS_1252)) for name, value in headers)


def served(page: Page, *, from_file: bool = False) -> Served:
    """A page with its digest."""
    return Served(page, payload_digest(page.body), from_file=from_file)
