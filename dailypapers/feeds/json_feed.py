"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from dailypapers.outputs.links import clean

from .document import Head
from .entry import Entry

VERSION: Final = "https://jsonfeed.org/version/1.1"


def papers_document(head: Head, entries: Sequence[Entry]) -> bytes:
    """A document of papers, in the order given.

    The extension `_dailypapers` has the day of a paper and whether it was late; only the live document has the state of
    the day and its reason, which change. Of a document of arrivals it has `Head.arrivals`.
    """
    feed = {
        "version": VERSION,
        "title": clean(head.title),
        "home_page_url": head.page,
        "feed_url": head.link,
        "next_url": head.previous,
        "_dailypapers": head.arrivals,
        "items": [_item(entry, with_state=not head.is_archive) for entry in entries],
    }
    present = {name: value for name, value in feed.items() if value is not None}
    return orjson.dumps(present) + b"\n"


def _item(entry: Entry, *, with_state: bool) -> dict[str, object]:
    extension: dict[str, object] = {"day": entry.day, "late": entry.late}
    if with_state:
        extension |= {"state": entry.state, "reason": entry.reason}
    item: dict[str, object] = {
        "id": entry.id,
        "title": entry.title,
        "content_text": entry.summary,
        "date_published": entry.first_seen,
        "date_modified": entry.first_seen,
        "authors": [{"name": author} for author in entry.authors],
        "_dailypapers": extension,
    }
    if entry.url is not None:
        item["url"] = entry.url
    if entry.pdf_url is not None:
        item["external_url"] = entry.pdf_url
    if entry.late:
        item["tags"] = ["late"]
    return item
