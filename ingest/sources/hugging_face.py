"""Addresses of the Hugging Face listings, and what they ask for.

The API's parameters stand in huggingface_hub (`hf_api.py`, list_daily_papers, list_papers): `limit` is 1..100 (search:
1..120), 50 unless said, and a listing with more is silently cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

_LIMIT: Final = 100
_SEARCH_LIMIT: Final = 120
_PAPERS: Final = re.compile(r"/papers(?:/(date|week|month|trending)(?:/([^/]+))?)?/?")


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """What an address asks for: the name of the listing's kind, its period as written, and the words of a search."""

    kind: str
    """`date`, `week`, `month`, `trending`, `search`, or `` for the bare page."""
    period: str | None = None
    query: str | None = None


def parse_api_url(url: str) -> ListingQuery | None:
    """What an address of the JSON API asks for; None where it is no listing."""
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
    """What an address of an HTML page asks for; None where it is no listing."""
    parts = urlsplit(url)
    found = _PAPERS.fullmatch(parts.path)
    query = _query(parts.query)
    if found is None:
        return None
    if "q" in query:
        return ListingQuery("search", None, query["q"])
    # The page of a day moved: /papers?date= in 2024, /papers/date/ later.
    if found[1] is None:
        return ListingQuery("date", query["date"]) if "date" in query else None
    return ListingQuery(found[1], found[2]) if (found[2] is None) == (found[1] == "trending") else None


def daily_api(day: date, _: str | None) -> str:
    """The list of a day."""
    return f"/api/daily_papers?date={day.isoformat()}&limit={_LIMIT}"


def daily_page(day: date, _: str | None) -> str:
    """The page of a day."""
    return f"/papers/date/{day.isoformat()}"


def weekly_api(monday: date, _: str | None) -> str:
    """The list of an ISO week."""
    return f"/api/daily_papers?week={iso_week(monday)}&limit={_LIMIT}"


def weekly_page(monday: date, _: str | None) -> str:
    """The page of an ISO week."""
    return f"/papers/week/{iso_week(monday)}"


def monthly_api(first: date, _: str | None) -> str:
    """The list of a month."""
    return f"/api/daily_papers?month={first:%Y-%m}&limit={_LIMIT}"


def monthly_page(first: date, _: str | None) -> str:
    """The page of a month."""
    return f"/papers/month/{first:%Y-%m}"


def trending_api(_: date, __: str | None) -> str:
    """The top of the trending list; the whole of it is all of time, so one page is the listing."""
    return f"/api/daily_papers?sort=trending&limit={_LIMIT}"


def trending_page(_: date, __: str | None) -> str:
    """The trending page."""
    return "/papers/trending"


def search_api(_: date, words: str | None) -> str:
    """What a search finds; it is not paged."""
    return f"/api/papers/search?q={quote(words or '', safe='')}&limit={_SEARCH_LIMIT}"


def search_page(_: date, words: str | None) -> str:
    """The page of a search."""
    return f"/papers?q={quote(words or '', safe='')}"


def iso_week(day: date) -> str:
    """A week as the site writes it: `2025-W50`, ISO 8601."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def named_day(kind: str) -> Callable[[str | None], date | None]:
    """Reads a period of that kind as the site writes it; gives its first day."""

    def read(period: str | None) -> date | None:
        try:
            return _first_day(kind, period or "")
        except ValueError:
            return None

    return read


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
