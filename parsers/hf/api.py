"""Answers of https://huggingface.co/api/daily_papers: a list of items, most upvoted first, 50 by default.

The listing's day is the UTC day of `paper.submittedOnDailyAt` (there since March 2025); the next page is named in
the Link header. Errors come as an object `{"error": ...}`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import day_of, first_bytes, squeeze
from dailypapers.parsers.tolerant_json import describe, load_page

from . import item as hf_item
from .claims import count_of

_NEXT: Final = re.compile(r"<([^<>]*)>[^<>]*?;\s*rel\s*=\s*\"?next\b", re.IGNORECASE)

# No tag within the tag: a page of a million unfinished ones would be searched to its end a million times.
_TITLE: Final = re.compile(rb"<title[^<>]*>([^<]*)", re.IGNORECASE)


def load(page: Page, _day: date | None = None) -> Document[object]:
    """Decode the answer; raises ParseError, which says what was found instead of a list."""
    start = first_bytes(page.body)
    if not start:
        raise NotAListing(page.url, "the answer is empty, not even an empty list")
    if start.startswith(b"<"):
        raise NotAListing(page.url, f"an HTML page came where the API answers JSON, {_title(page.body)}")
    decoded = load_page(page)
    items = decoded.items(_list_of(page, decoded.value))
    return Document("api", _claims(page, items), items, ranked=True)


PARSER: Final = Parser(load, hf_item.fields, hf_item.unknown, hf_item.basis)


def _list_of(page: Page, value: object) -> list[object]:
    if isinstance(value, list):
        if value and not any(map(hf_item.has_paper, value)):
            raise ParseError(page.url, f"none of {len(value)} items has a paper, the first is {describe(value[0])}")
        return value
    if isinstance(value, dict) and "error" in value:
        raise hf_item.api_error(page, value)
    raise ParseError(page.url, f"expected a list of items, found {describe(value)}")


def _title(html: bytes) -> str:
    match = _TITLE.search(html)
    title = squeeze(match[1].decode(errors="replace"))[:200] if match else ""
    return f"its title is {title!a}" if title else "it has no title"


def _claims(page: Page, items: Sequence[object]) -> Claims:
    """The day on which most items were listed, and the next page."""
    days = Counter(day for item in items if (day := _listed_on(item)))
    day, notes = _majority(days)
    mixed = "mixed" if days and day is None else None
    return Claims(day, mixed, count_of(page.header("x-total-count")), _next_url(page), notes)


def _next_url(page: Page) -> str | None:
    links = (_NEXT.search(value) for name, value in page.headers if name.lower() == "link")
    return next((match[1] for match in links if match), None)


def _listed_on(item: object) -> date | None:
    paper = item.get("paper") if isinstance(item, dict) else None
    stamp = paper.get("submittedOnDailyAt") if isinstance(paper, dict) else None
    try:
        return day_of(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None


def _majority(days: Counter[date]) -> tuple[date | None, tuple[str, ...]]:
    total = days.total()
    if not total:
        return None, ()
    day, count = days.most_common(1)[0]
    if count * 2 <= total:
        return None, (f"{total} items say {len(days)} days, {min(days)} to {max(days)}, none of them most",)
    others = sorted(set(days) - {day})
    return day, tuple(f"{days[other]} of {total} items says {other}" for other in others)
