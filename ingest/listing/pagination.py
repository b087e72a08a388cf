"""Which page of a listing comes next, and when the listing ends.

Servers cut pages without notice: Hugging Face sometimes sends 50 items (the default of `limit`) although 100 were
requested. So a page of exactly 50 items is not known to be the last, and the next pages are requested 50 at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dailypapers.ingest.sources.urls import HUGGING_FACE, Paging

_WALKS: Final = 3


@dataclass(slots=True)
class Pagination:
    """The state of a walk over the pages: given each page's items, it returns the next page."""

    first: str
    """Path and query of the first page."""
    page_size: int | None
    """Items requested per page; None if the listing is a single page."""
    paging: Paging = HUGGING_FACE
    exhausted: bool = False
    """Whether all items of the listing were served."""
    problem: str | None = None
    """Why the end of the listing cannot be reached."""
    pages: int = 0
    offset: int = 0
    """Items served by the current walk so far."""
    last_count: int | None = None
    """Items on the last page."""
    _step: int = 0
    _served: int = 0
    _walks: int = 1
    _in_walk: set[str] = field(default_factory=set)
    _in_all: set[str] = field(default_factory=set)
    _ended: bool = False
    _links: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._step = self.page_size or 0

    @property
    def next_offset(self) -> int:
        """Items served before the next page in its walk."""
        return 0 if self._ended else self.offset

    def take(self, items: Collection[str], linked: str | None = None, promised: int | None = None) -> str | None:
        """Record the identities of a page's items, in order. Returns the path of the next page, or None at the end.

        `linked` is the next page that this one names; it is used where the number of items says that this is the last.
        `promised` is the number of items of the whole listing: a list paged by items ends there.
        """
        if self._ended:
            self._restart()
        new = set(items) - self._in_walk
        self.pages += 1
        self.last_count = len(items)
        self.offset += len(items)
        # An item twice on one page is a duplicate; on two pages it shows that the order changed in between.
        self._served += len(set(items))
        self._in_walk |= new
        self._in_all |= new
        if self.paging.by_links:
            return self._follow(linked)
        if self.paging.is_given:
            self._end_page(len(items), promised)
            return None
        if self.page_size is None:
            self.exhausted = self._ended = True
            return None
        if not new:
            return self._end_walk()
        is_complete = self.paging.counts_items and promised is not None and self.offset >= promised
        if is_complete or self._is_last(len(items)):
            return self._end_walk() if linked is None else self._capped(linked)
        return self._next_page(len(items))

    def _is_last(self, count: int) -> bool:
        return count == 0 or (count < self._step and count != self.paging.cut)

    def _next_page(self, count: int) -> str | None:
        if self.paging.cut is not None and count == self.paging.cut < self._step:
            self._step = self.paging.cut
        # By position and not by a count of pages, because the step may have changed.
        number = self.offset if self.paging.counts_items else self.offset // self._step
        size = {self.paging.size: str(self._step)} if self.paging.size else {}
        position = {self.paging.position: str(self.paging.first + number)}
        return self._capped(with_parameters(self.first, **size, **position))

    def _end_page(self, count: int, promised: int | None) -> None:
        self.exhausted = True
        if promised is not None and count < promised:
            self.problem = f"page {self.pages} promises {promised} items and shows {count}"

    def _follow(self, linked: str | None) -> str | None:
        """The next page of a listing whose pages name it: a page may have no items and still not be the last."""
        if linked is None:
            self.exhausted = self._ended = True
            return None
        if linked in self._links:
            self.problem = f"page {self.pages} names a page as the next one that was read before"
            return None
        self._links.add(linked)
        return self._capped(linked)

    def _capped(self, path: str) -> str | None:
        if self.pages >= self.paging.cap:
            self.problem = f"the listing goes on after {self.paging.cap} pages"
            return None
        return path

    def _end_walk(self) -> str | None:
        self._ended = True
        self.exhausted = len(self._in_all) >= self._served
        if self.exhausted:
            return None
        if self._walks == _WALKS:
            self.problem = f"walked {_WALKS} times: {self._served} items served, {len(self._in_all)} different ones"
            return None
        return self.first

    def _restart(self) -> None:
        self._ended = False
        self._walks += 1
        self.offset = self._served = 0
        self._step = self.page_size or 0
        self._in_walk = set()


def with_parameters(url: str, **parameters: str) -> str:
    """A URL with these query parameters set and the others unchanged."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters
    return urlunsplit(parts._replace(query=urlencode(query)))
