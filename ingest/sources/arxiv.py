"""arXiv's part of the table of sources: its listings, forms of its pages that are only read from files, and their URLs.

A listing page shows 25 to 2,000 entries (`show`; others are answered 400), from `skip` on. `/catchup` shows a day of
the last 90, 2,000 entries a page (https://github.com/arXiv/arxiv-browse, list_page and catchup_page).

All requests to arXiv count against one budget, whichever of its hosts they go to: one every three seconds, for all
sources and processes together (https://info.arxiv.org/help/api/tou.html). So all sources have one `site`, and a view
that is served elsewhere names its host.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from . import calendars
from .calendars import Period
from .hugging_face import ListingQuery
from .model import CATEGORY, EXPRESSION, SET, SOURCE, Source, View
from .urls import ARXIV_API, ARXIV_CATCHUP, ARXIV_IDS, ARXIV_LIST, ARXIV_OAI, url_builder, url_parser

_CATEGORY: Final = r"(?P<category>[a-z-]+(?:\.[A-Za-z-]+)?)"
_FEED: Final = re.compile(rf"/(?:rss|atom)/{_CATEGORY}")
_PAGES: Final = (
    ("announcement", re.compile(rf"/list/{_CATEGORY}/new")),
    ("date", re.compile(rf"/catchup/{_CATEGORY}/(?P<period>\d{{4}}-\d\d-\d\d)")),
    ("month", re.compile(rf"/list/{_CATEGORY}/(?P<period>\d{{4}}-\d\d)")),
)


_WINDOW: Final = re.compile(r"\((.*)\) AND submittedDate:\[(\d{4})(\d\d)(\d\d)0000 TO \d{8}2359\]")


def parse_api_url(url: str) -> ListingQuery | None:
    """Which day of submission a URL of the query API asks for; None for any other URL."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    match = _WINDOW.fullmatch(query.get("search_query", "")) if parts.path == "/api/query" else None
    return ListingQuery("date", f"{match[2]}-{match[3]}-{match[4]}", match[1]) if match else None


def parse_ids_url(url: str) -> ListingQuery | None:
    """That a URL of the query API asks for papers by their ids; None for any other URL."""
    return ListingQuery("ids") if ids_of_url(url) else None


def ids_of_url(url: str) -> list[str]:
    """The ids that a URL of the query API asks for; none for any other URL."""
    parts = urlsplit(url)
    listed = dict(parse_qsl(parts.query)).get("id_list") if parts.path == "/api/query" else None
    return listed.split(",") if listed else []


def parse_oai_url(url: str) -> ListingQuery | None:
    """Which day of change, and which set, a URL of OAI-PMH asks for; None for any other URL."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    is_day = parts.path == "/oai" and "from" in query and query["from"] == query.get("until")
    return ListingQuery("date", query["from"], query.get("set")) if is_day else None


def oai_path(day: date, name: str | None) -> str:
    """Path and query of the records that changed on a day, of all or of the set of that name."""
    chosen = f"&set={quote(name, safe=':')}" if name else ""
    return f"/oai?verb=ListRecords&metadataPrefix=arXiv&from={day}&until={day}{chosen}"


def parse_feed_url(url: str) -> ListingQuery | None:
    """What the URL of a feed asks for; None if it is not one."""
    match = _FEED.fullmatch(unquote(urlsplit(url).path))
    return ListingQuery("announcement", None, match["category"]) if match else None


def parse_page_url(url: str) -> ListingQuery | None:
    """What the URL of a listing page asks for; None if it is not one."""
    path = unquote(urlsplit(url).path)
    for kind, form in _PAGES:
        if match := form.fullmatch(path):
            groups = match.groupdict()
            return ListingQuery(kind, groups.get("period"), groups["category"])
    return None


ARXIV: Final = "https://arxiv.org"
# The first papers of arXiv.
_FIRST: Final = date(1991, 8, 1)
_PAGE_SIZE: Final = 2000
_EXPORT: Final = "https://export.arxiv.org"
PAPERS_BY_ID: Final = "arxiv-papers"
"""The source whose series describe the papers of other sources; each is named by that source."""

_NEW: Final = url_builder("/list/{words}/new?skip=0&show=2000")
_MONTH: Final = url_builder("/list/{words}/{month}?skip=0&show=2000")
_CATCHUP: Final = url_builder("/catchup/{words}/{day}?abs=True&page=1")
_API: Final = url_builder(
    "/api/query?search_query=%28{words}%29+AND+submittedDate:%5B{day:%Y%m%d}0000+TO+{day:%Y%m%d}2359%5D"
    "&start=0&max_results=1000&sortBy=submittedDate&sortOrder=ascending"
)
_IDS: Final = url_builder("/api/query?id_list=")
_FEED_SITE: Final = url_builder("/rss/{words}")

ARXIV_SOURCES: Final = (
    Source(
        name="arxiv-new",
        title="New at arXiv",
        description="the newest announcement of an arXiv category (--query)",
        site=ARXIV,
        kind="announcement",
        period=Period.NOW,
        first_day=_FIRST,
        views=(
            View("page", "arxiv_list", "html", _NEW, parse_page_url, "arxiv", _PAGE_SIZE, paging=ARXIV_LIST),
            View("feed", "arxiv_rss", "xml", _FEED_SITE, parse_feed_url, "arxiv", site="https://rss.arxiv.org"),
        ),
        calendar=calendars.arxiv,
        query=CATEGORY,
        states_day=True,
    ),
    Source(
        name="arxiv-catchup",
        title="Announced by arXiv",
        description="a past announcement of an arXiv category (--query), of the last 90 days",
        site=ARXIV,
        kind="date",
        period=Period.DAY,
        first_day=_FIRST,
        views=(
            View("page", "arxiv_list", "html", _CATCHUP, parse_page_url, "arxiv", _PAGE_SIZE, paging=ARXIV_CATCHUP),
        ),
        calendar=calendars.arxiv,
        query=CATEGORY,
    ),
    Source(
        name="arxiv-list",
        title="Announced by arXiv in the month",
        description="all papers that an arXiv category (--query) announced in a month, without abstracts",
        site=ARXIV,
        kind="month",
        period=Period.MONTH,
        first_day=_FIRST,
        views=(View("page", "arxiv_list", "html", _MONTH, parse_page_url, "arxiv", _PAGE_SIZE, paging=ARXIV_LIST),),
        calendar=calendars.arxiv,
        query=CATEGORY,
    ),
    Source(
        name="arxiv-api",
        title="Submitted to arXiv",
        description="papers submitted to arXiv on a day (UTC) that a query of its API finds (--query)",
        site=ARXIV,
        kind="date",
        period=Period.DAY,
        first_day=_FIRST,
        views=(View("api", "arxiv_atom", "xml", _API, parse_api_url, "arxiv", 1000, _EXPORT, ARXIV_API),),
        calendar=calendars.no_day,
        query=EXPRESSION,
    ),
    Source(
        name=PAPERS_BY_ID,
        title="At arXiv, the papers of",
        description="what arXiv's API knows about the papers of another source: dailypapers run arxiv-api --for SOURCE",
        site=ARXIV,
        kind="ids",
        period=Period.NOW,
        first_day=_FIRST,
        views=(View("api", "arxiv_atom", "xml", _IDS, parse_ids_url, "arxiv", site=_EXPORT, paging=ARXIV_IDS),),
        calendar=calendars.no_day,
        query=SOURCE,
        fetched=False,
    ),
    Source(
        name="arxiv-oai",
        title="Changed at arXiv",
        description="all of arXiv, or a set of it (--query), by OAI-PMH: the records that changed on a day (UTC)",
        site=ARXIV,
        kind="date",
        period=Period.DAY,
        first_day=date(2005, 9, 16),
        views=(
            View(
                "records",
                "arxiv_oai",
                "xml",
                oai_path,
                parse_oai_url,
                "arxiv",
                site="https://oaipmh.arxiv.org",
                paging=ARXIV_OAI,
                slow=True,
            ),
        ),
        calendar=calendars.no_day,
        query=SET,
        keeps_papers=False,
    ),
)


def _form(name: str, title: str, description: str, parser: str, kind: str) -> Source:
    """A form of arXiv's pages that is only read from files."""
    view = View("file", parser, kind, url_builder("/"), url_parser("/"), "arxiv")
    return Source(name, title, description, ARXIV, "paper", Period.NOW, _FIRST, (view,), fetched=False)


ARXIV_FORMS: Final = (_form("arxiv-abs", "A paper at arXiv", "the page of one paper at arXiv", "arxiv_abs", "html"),)
