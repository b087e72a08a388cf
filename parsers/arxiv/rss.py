"""Feeds of one announcement (https://info.arxiv.org/help/rss.html): RSS 2.0 and Atom of rss.arxiv.org.

They list what was announced on the day of `pubDate`, at midnight in New York, and are empty on days without
announcements. `lastBuildDate` and the feed's `updated` are of the build, and say nothing about the content.
"""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from xml.etree.ElementTree import Element

from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import squeeze

from . import item as arxiv_item
from .author_names import comma_separated, decode_accents
from .xml_page import load_xml, local_name, text_of

_DESCRIPTION: Final = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s+Abstract:\s*(.*)", re.DOTALL)
# Names in RSS 2.0 and in Atom.
_ID: Final = ("guid", "id")
_DATE: Final = ("pubDate", "published")
_TEXT: Final = ("description", "summary")
_KNOWN: Final = frozenset({
    *_ID, *_DATE, *_TEXT, "title", "link", "updated", "category", "announce_type", "rights", "DOI",
    "journal_reference", "creator",
})  # fmt: skip


def load(page: Page, _day: date | None = None) -> Document[dict[str, Any]]:
    """Decode the feed; raises ParseError, which says what was found instead."""
    document = load_xml(page)
    root = document.root
    channel = root.find("channel") if root.tag == "rss" else root
    if channel is None or local_name(root) not in {"rss", "feed"}:
        raise ParseError(page.url, f"expected an RSS or Atom feed of announcements, found <{root.tag}>")
    title = next((squeeze(text_of(child)) for child in channel if local_name(child) == "title"), "")
    if title.startswith("Feed error"):
        raise NotAListing(page.url, f"the feed is an error: {title[:200]!a}")
    items = [_item(child) for child in channel if local_name(child) in {"item", "entry"}]
    stamp = channel.findtext("pubDate") or next((_first(item, _DATE) for item in items), None)
    day = _printed_day(stamp)
    claims = Claims(day if isinstance(day, date) else None, "day" if isinstance(day, date) else None)
    return Document(local_name(root), claims, document.items(items))


def unknown(item: dict[str, Any]) -> list[str]:
    """Elements of an item that the feeds did not have before."""
    return [*(item.keys() - _KNOWN)]


def fields(item: dict[str, Any]) -> dict[str, object]:
    """One item by the names of the record."""
    match = _DESCRIPTION.match(_first(item, _TEXT) or "")
    names = comma_separated(decode_accents(item["creator"])) if item.get("creator") else []
    categories, classes = arxiv_item.categories(item["category"])
    return {
        **arxiv_item.identity(_first(item, _ID)),
        **arxiv_item.prose(item.get("title"), match[2] if match else _first(item, _TEXT), None),
        **arxiv_item.authors([(name, ()) for name in names]),
        "listed": _printed_day(_first(item, _DATE)),
        "announce_type": item.get("announce_type") or (match[1] if match else None),
        "categories": categories,
        "license": arxiv_item.squeezed(item.get("rights")),
        "doi": arxiv_item.squeezed(item.get("DOI")),
        "journal_ref": arxiv_item.squeezed(item.get("journal_reference")),
        "extra": arxiv_item.scalars(classes=classes),
    }


PARSER: Final = Parser(load, fields, unknown)


def _item(element: Element) -> dict[str, Any]:
    """An item as plain values by the names of its elements."""
    terms: list[str] = []
    item: dict[str, Any] = {"category": terms}
    for child in element:
        name = local_name(child)
        if name == "category":
            terms.append(squeeze(child.get("term") or text_of(child)))
        else:
            item.setdefault(name, text_of(child) or child.get("href"))
    return item


def _first(item: dict[str, Any], names: tuple[str, str]) -> str | None:
    return item.get(names[0]) or item.get(names[1])


def _printed_day(stamp: str | None) -> object:
    """The date of `Thu, 24 Sep 2026 00:00:00 -0400` or `2026-09-24T00:00:00-04:00` where it was written."""
    if not stamp:
        return None
    try:
        return (datetime.fromisoformat(stamp) if stamp[:1].isdigit() else parsedate_to_datetime(stamp)).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return stamp
