"""URLs of the Hugging Face listings: what each of them asks for.

The API's parameters are those of huggingface_hub (`hf_api.py`, list_daily_papers, list_papers): `limit` is 1..100
(search: 1..120), by default 50, and a longer listing is cut without notice.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

_PAPERS: Final = re.compile(r"/papers(?:/(date|week|month|trending)(?:/([^/]+))?)?/?")


class ListingQuery(NamedTuple):
    """What a URL asks for: the kind of listing, its period as written in the URL, and the words of a search."""

    kind: str
    """`date`, `week`, `month`, `trending` or `search`."""
    period: str | None = None
    query: str | None = None


def parse_api_url(url: str) -> ListingQuery | None:
    """What a URL of the JSON API asks for; None if it is not a listing."""
    parts = urlsplit(url)
    query = _query(parts.query)
    if parts.path == "/api/papers/search" and "q" in query:
        return ListingQuery("search", None, query["q"])
    if parts.path != "/api/daily_papers":
        return None
    for kind in ("date", "week", "month"):
        if kind in query:
            return ListingQuery(kind, query[kind])
    return ListingQuery("trending") if query.get("sort") == "trending" else None


def parse_page_url(url: str) -> ListingQuery | None:
    """What the URL of an HTML page asks for; None if it is not a listing."""
    parts = urlsplit(url)
    match = _PAPERS.fullmatch(parts.path)
    query = _query(parts.query)
    if match is None:
        return None
    if "q" in query:
        return ListingQuery("search", None, query["q"])
    # The page of a day was /papers?date= in 2024, later /papers/date/.
    if match[1] is None:
        return ListingQuery("date", query["date"]) if "date" in query else None
    kind, period = match[1], match[2]
    return ListingQuery(kind, period) if (period is None) == (kind == "trending") else None


def first_day(query: ListingQuery) -> date | None:
    """The first day of the period that a query names; None if it names none."""
    try:
        return _first_day(query.kind, query.period or "")
    except ValueError:
        return None


def _first_day(kind: str, period: str) -> date:
    match kind:
        case "week":
            if not re.fullmatch(r"\d{4}-W\d\d", period):
                raise ValueError(period)
            return date.fromisoformat(f"{period}-1")
        case "month":
            return date.fromisoformat(f"{period}-01")
        case _:
            return date.fromisoformat(period)


def _query(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text).items()}
