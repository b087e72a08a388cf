"""What one pass over the views of a source-day brought: pages as served, and faults."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from parsers.model import Page
from snapshots.store.layout import Series


def payload_digest(payload: bytes) -> str:
    """`sha1:` and base 32, as WARC files name payloads (ISO 28500:2017, 5.8)."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode("ascii")


Headers = tuple[tuple[str, str], ...]

_OF_THE_BODY: Final = frozenset({"content-length", "content-encoding", "content-type", "content-range"})


@dataclass(frozen=True, slots=True)
class Served:
    """A page with the digest of its body as served. A body kept elsewhere already is written as a revisit."""

    page: Page
    digest: str
    from_file: bool = False
    """Imported from a plain file: there was no HTTP answer."""
    received: Headers | None = None
    """The site said 304 with these headers: `page` is the earlier page brought up to date, `digest` its digest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that no answer came to: the reason in words."""

    url: str
    reason: str


Entry = Served | Fault


@dataclass(frozen=True, slots=True)
class ViewPass:
    """All that one view brought, in order: redirects hop by hop, pages, the last of a page's tries."""

    view: str
    entries: tuple[Entry, ...]

    @property
    def answered(self) -> bool:
        """Whether there was any answer, however bad."""
        return any(isinstance(entry, Served) for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One pass over the views of a source-day. `at` is the time of all its pages, of an import that of its first."""

    series: Series
    day: date
    at: datetime
    views: tuple[ViewPass, ...]
    kind: str = "fetch"
    """`fetch`, or `import` for pages that came from files."""
    at_known: bool = True

    @property
    def answered(self) -> bool:
        """Whether any view got any answer; a pass without one leaves no archive."""
        return any(view.answered for view in self.views)


def unchanged(known: Served, answer: Page) -> Served:
    """A page that the site says did not change: the earlier one with the headers of the 304."""
    page = known.page
    again = Page(page.url, page.status, updated_headers(page.headers, answer.headers), page.body, answer.fetched_at)
    return Served(again, known.digest, from_file=known.from_file, received=answer.headers)


def updated_headers(stored: Headers, new: Headers) -> Headers:
    """The headers of a page after a 304, as RFC 9111, 3.2 says: the new ones replace those of the same name.

    Those of the body (its length and coding) stay, since a 304 has none.
    """
    names = {name.lower() for name, _ in new} - _OF_THE_BODY
    kept = tuple(pair for pair in stored if pair[0].lower() not in names)
    return (*kept, *(pair for pair in new if pair[0].lower() in names))


def served(page: Page, *, from_file: bool = False) -> Served:
    """A page with its digest."""
    return Served(page, payload_digest(page.body), from_file=from_file)
