"""URLs of listings: building them from a template, and parsing the day from the URL of a daily list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from .hugging_face import ListingQuery


def never(_begun: datetime, _now: datetime) -> bool:
    """False for any two times."""
    return False


def oai_updated_between(begun: datetime, now: datetime) -> bool:
    """Whether arXiv may have updated its records between two times.

    It does so at about 22:30 in New York, which is 02:30 or 03:30 in UTC (https://info.arxiv.org/help/oa/index.html). A
    record that changes leaves the list of its day, and those after it move up.
    """
    days = (now.date() - begun.date()).days
    if days == 0:
        return begun.hour < _UPDATE_ENDS and now.hour >= _UPDATE_BEGINS
    return days > 1 or begun.hour < _UPDATE_ENDS or now.hour >= _UPDATE_BEGINS


def same_oai_list(begun: datetime, now: datetime) -> bool:
    """Whether a resumption token of `begun` still selects pages of the same list at arXiv.

    Tokens expire each day, taken as the day in UTC.
    """
    return begun <= now and begun.date() == now.date() and not oai_updated_between(begun, now)


# Hours of the day in UTC.
_UPDATE_BEGINS: Final = 2
_UPDATE_ENDS: Final = 5


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
    is_same_list: Callable[[datetime, datetime], bool] = never
    """Whether a listing whose pages name each other, and whose walk began at the first time, can be continued at the
    second one."""
    is_updated_between: Callable[[datetime, datetime], bool] = never
    """Whether the pages of such a listing may have changed between two times."""


HUGGING_FACE: Final = Paging("limit", "p", cut=50)
"""Pages of more than 50 items, the default, are sometimes cut to 50."""
ARXIV_LIST: Final = Paging("show", "skip", counts_items=True)
ARXIV_CATCHUP: Final = Paging(None, "page", first=1)
ARXIV_API: Final = Paging("max_results", "start", counts_items=True)
ARXIV_IDS: Final = Paging(None, "", is_given=True)
ARXIV_OAI: Final = Paging(
    None, "", by_links=True, cap=2000, is_same_list=same_oai_list, is_updated_between=oai_updated_between
)
"""A page has 1,000 records or more; days of bulk updates have had hundreds of thousands."""


DAY = "{day}"


def url_builder(template: str) -> Callable[[date, str | None], str]:
    """A function that builds path and query of a listing from a template such as `/lists/{day}.json`.

    A template may have `{day}` (`2025-12-10`), `{week}` (`2025-W50`, ISO 8601), `{month}` (`2025-12`) and `{words}`.
    """

    return partial(_path, template)


def url_parser(template: str) -> Callable[[str], ListingQuery | None]:
    """A function that parses a URL of this template; it returns None for any other URL."""
    form = re.compile(re.escape(template).replace(re.escape(DAY), r"(\d{4}-\d\d-\d\d)"))

    return partial(_query, form)


# Functions for partial, not closures: a source is sent to other processes, and must be picklable.
def _path(template: str, day: date, words: str | None) -> str:
    return template.format(day=day, week=f"{day:%G-W%V}", month=f"{day:%Y-%m}", words=quote(words or "", safe=""))


def _query(form: re.Pattern[str], url: str) -> ListingQuery | None:
    parts = urlsplit(url)
    match = form.fullmatch(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return ListingQuery("date", match[1] if form.groups else None) if match else None
