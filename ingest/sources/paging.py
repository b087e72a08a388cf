"""How the URLs of a listing select its pages."""

from __future__ import annotations

from typing import Final, NamedTuple


class Paging(NamedTuple):
    """The parameters of a URL that select a page."""

    size: str | None
    """Items per page; None if the site decides."""
    position: str
    counts_items: bool = False
    """Whether the position is the number of items before the page, not of pages."""
    first: int = 0
    """The position of the first page."""
    cut: int | None = None
    """The number of items to which the site may cut any page without notice."""
    by_links: bool = False
    """Whether each page names the next one, and only the last names none."""
    is_given: bool = False
    """Whether each page is a listing of its own, of what its URL names."""
    cap: int = 60
    """Pages of one listing at most: by default 3,000 items at 50 per page, three times the largest month so far."""


HUGGING_FACE: Final = Paging("limit", "p", cut=50)
"""Pages of more than 50 items, the default, are sometimes cut to 50."""
ARXIV_LIST: Final = Paging("show", "skip", counts_items=True)
ARXIV_CATCHUP: Final = Paging(None, "page", first=1)
ARXIV_API: Final = Paging("max_results", "start", counts_items=True)
ARXIV_IDS: Final = Paging(None, "", is_given=True)
ARXIV_OAI: Final = Paging(None, "", by_links=True, cap=2000)
"""A page has 1,000 records or more; days of bulk updates have had hundreds of thousands."""
