"""URLs of arXiv's listings: what each of them asks for.

A listing page shows 25 to 2,000 entries (`show`; others are answered 400), from `skip` on. `/catchup` shows a day of
the last 90, 2,000 entries a page (https://github.com/arXiv/arxiv-browse, list_page and catchup_page).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .hugging_face import ListingQuery

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
