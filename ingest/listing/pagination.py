"""How a walk through the pages of a listing goes on and when it is at its end.

A server that cuts silently is the reason for most of this: asked for 100 items, Hugging Face gives 50 at times (the
default of `limit`), so exactly 50 proves nothing and the walk goes on in steps of 50.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

DEFAULT_PAGE: Final = 50
"""The server's page size where none is asked for; also where it cuts without a word."""

PAGE_CAP: Final = 60
"""Pages of one pass at most: 3,000 items of 50, over three times the largest month seen."""

_WALKS: Final = 3


@dataclass(slots=True)
class Pagination:
    """The state of a walk: fed with each page's items, it says which page comes next."""

    first: str
    """Address of the first page."""
    page_size: int | None
    """Items asked for; None where the listing is one page."""
    exhausted: bool = False
    trouble: str | None = None
    """Why the walk cannot be brought to its end."""
    pages: int = 0
    offset: int = 0
    """Items that the present walk served so far."""
    last_count: int | None = None
    _asked: int = 0
    _served: int = 0
    _walks: int = 1
    _in_walk: set[str] = field(default_factory=set)
    _in_all: set[str] = field(default_factory=set)
    _ended: bool = False

    def __post_init__(self) -> None:
        self._asked = self.page_size or 0

    @property
    def next_offset(self) -> int:
        """Items that the walk which the next page belongs to served before it."""
        return 0 if self._ended else self.offset

    @property
    def different(self) -> int:
        """Different items that all its walks showed."""
        return len(self._in_all)

    def take(self, items: Collection[str], linked: str | None = None) -> str | None:
        """Note the identities of a page's items, in order; give the address of the next page or None at the end.

        `linked` is what the page itself names as the next one: it is followed where the count says that this was all.
        """
        if self._ended:
            self._restart()
        new = set(items) - self._in_walk
        self.pages += 1
        self.last_count = len(items)
        self.offset += len(items)
        # The same item twice on one page is a double of the page; on two pages it is an order that moved.
        self._served += len(set(items))
        self._in_walk |= new
        self._in_all |= new
        if self.page_size is None:
            self.exhausted = self._ended = True
            return None
        if not new:
            return self._end_walk()
        if self._is_last(len(items)):
            return self._end_walk() if linked is None else self._capped(linked)
        return self._next_page(len(items))

    def _is_last(self, count: int) -> bool:
        return count == 0 or (count < self._asked and count != DEFAULT_PAGE)

    def _next_page(self, count: int) -> str | None:
        if count == DEFAULT_PAGE < self._asked:
            self._asked = DEFAULT_PAGE
        # By position, not by counting pages: the step may have changed on the way.
        number = self.offset // self._asked
        return self._capped(with_parameters(self.first, limit=str(self._asked), p=str(number)))

    def _capped(self, path: str) -> str | None:
        if self.pages >= PAGE_CAP:
            self.trouble = f"the listing goes on after {PAGE_CAP} pages"
            return None
        return path

    def _end_walk(self) -> str | None:
        self._ended = True
        self.exhausted = len(self._in_all) >= self._served
        if self.exhausted:
            return None
        if self._walks == _WALKS:
            self.trouble = f"walked {_WALKS} times: {self._served} items served, {len(self._in_all)} different ones"
            return None
        return self.first

    def _restart(self) -> None:
        self._ended = False
        self._walks += 1
        self.offset = self._served = 0
        self._asked = self.page_size or 0
        self._in_walk = set()


def with_parameters(url: str, **parameters: str) -> str:
    """An address with these query parameters set, the others as they are."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters
    return urlunsplit(parts._replace(query=urlencode(query)))
