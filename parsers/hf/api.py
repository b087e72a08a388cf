"""Answers of https://huggingface.co/api/daily_papers: a list of items, best voted first, 50 unless more are asked.

The listing's day is the UTC day of `paper.submittedOnDailyAt` (there since March 2025); the next page is named in
the Link header. Errors come as an object `{"error": ...}`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from parsers.model import Claims, NotAListing, Page, ParseError
from parsers.text import day_of, squeeze
from parsers.tolerant_json import kind, loads

from . import item as hf_item
from .claims import count_of

RANKED: Final = True

_NEXT: Final = re.compile(r"<([^<>]*)>[^<>]*?;\s*rel\s*=\s*\"?next\b", re.IGNORECASE)

# No tag within the tag: a page of a million unfinished ones would be searched to its end a million times.
_TITLE: Final = re.compile(rb"<title[^<>]*>([^<]*)", re.IGNORECASE)

fields = hf_item.fields
unknown = hf_item.unknown


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded answer."""

    items: list[object]
    next_url: str | None
    promised: int | None = None


def load(page: Page, day: date | None = None) -> Document:  # noqa: ARG001 - every parser is given the day
    """Decode the answer; raises ParseError with what was found where a list should be."""
    start = page.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise NotAListing(page.url, "the answer is empty, not even an empty list")
    if start.startswith(b"<"):
        raise NotAListing(page.url, f"an HTML page came where the API answers JSON, {_title(page.body)}")
    try:
        decoded = loads(page.body)
    except ValueError as error:
        raise ParseError(page.url, f"no valid JSON: {error}") from error
    promised = count_of(page.header("x-total-count"))
    return Document(decoded.items(_listed(page, decoded.value)), _next(page), promised)


def reading(document: Document) -> str:  # noqa: ARG001 - every parser is asked
    """Always the API's."""
    return "api"


def items(document: Document) -> list[object]:
    """The listing's items."""
    return document.items


def claims(document: Document) -> Claims:
    """The day on which most items were listed, and the next page."""
    days = Counter(day for item in document.items if (day := _listed_on(item)))
    day, strays = _majority(days)
    mixed = "mixed" if days and day is None else None
    return Claims(day=day, period=mixed, promised=document.promised, next_url=document.next_url, notes=strays)


def _listed(page: Page, value: object) -> list[object]:
    if isinstance(value, list):
        if value and not any(map(hf_item.has_paper, value)):
            raise ParseError(page.url, f"none of {len(value)} items has a paper, the first is {kind(value[0])}")
        return value
    if isinstance(value, dict) and "error" in value:
        said = kind(value["error"])
        raise NotAListing(page.url, f"the API answers with an error (status {page.status}): {said}")
    raise ParseError(page.url, f"expected a list of items, found {kind(value)}")


def _title(html: bytes) -> str:
    found = _TITLE.search(html)
    title = squeeze(found[1].decode(errors="replace"))[:200] if found else ""
    return f"its title is {title!a}" if title else "it has no title"


def _next(page: Page) -> str | None:
    links = (_NEXT.search(value) for name, value in page.headers if name.lower() == "link")
    return next((found[1] for found in links if found), None)


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
