"""Daily Papers pages (https://huggingface.co/papers/date/YYYY-MM-DD; also a week's, a month's, trending, search).

The whole listing is in one attribute, JSON behind `data-target="DailyPapers"`, with the items of the API. The
rendered cards show less; they are read where that attribute is gone or broken, which is a redesign or damage and said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from parsers.html_limits import excess
from parsers.model import Claims, Page, Structure
from parsers.tolerant_json import Decoded, kind, loads

from . import cards as hf_cards
from . import item as hf_item
from .card_scan import glance
from .claims import claims_of_blob

RANKED: Final = False

_TARGET: Final = b'data-target="DailyPapers"'
_MARKER: Final = _TARGET + b' data-props="'
# A tag up to the marker, all its attributes quoted: then what follows the marker is the blob, to the next quote.
_PLAIN: Final = re.compile(rb"<[a-z]+(?:\s+[\w:-]+=\"[^\"]*\"){0,20}\s+")


class _BlobError(ValueError):
    """Why the hydration blob cannot be read."""


@dataclass(frozen=True, slots=True)
class Document:
    """A page in the form it was read in."""

    reading: str
    claims: Claims
    items: Sequence[object]
    body: bytes
    keys: Sequence[str] = ()
    """The names in the blob."""
    instead: str | None = None
    """Why the cards had to be read."""


def load(page: Page, day: date | None = None) -> Document:  # noqa: ARG001 - every parser is given the day
    """Read the blob, else the cards; raises ParseError where neither is there."""
    try:
        return _with_cards(_blob(page.body), page.body)
    except _BlobError as error:
        return _cards(page, str(error))


def reading(document: Document) -> str:
    """`blob` or `cards`."""
    return document.reading


def claims(document: Document) -> Claims:
    """The day or period that the page's own header names."""
    return document.claims


def items(document: Document) -> Sequence[object]:
    """The blob's items, or the cards."""
    return document.items


def fields(item: object) -> dict[str, object]:
    """One item as plain values."""
    return hf_cards.fields(item) if isinstance(item, hf_cards.Card) else hf_item.fields(item)


def unknown(item: object) -> list[str]:
    """Unknown names, which only the blob's items have."""
    return hf_item.unknown(item)


def structure(document: Document) -> Structure:
    """The names in the blob, and what the cards beside it show: they are rendered from the same items."""
    blob = document.body.find(_MARKER)
    start = document.body.find(b'"', blob + len(_MARKER)) if blob >= 0 else 0
    return glance(document.body, start, document.keys, compare=document.reading == "blob")


def _cards(page: Page, why: str) -> Document:
    cards = hf_cards.load(page, why=why)
    said = f"{why}; the cards were read instead"
    noted = replace(cards.claims, notes=(said, *cards.claims.notes))
    return Document("cards", noted, cards.items, page.body, instead=said)


def _with_cards(found: Document, body: bytes) -> Document:
    """The document, with a note where a day's page has no card for what its blob lists."""
    if not found.items or found.claims.period != "day" or body.rfind(b"<article") >= 0:
        return found
    note = f"the cards are renamed: the blob lists {len(found.items)} papers, the page has no article"
    return replace(found, claims=replace(found.claims, notes=(*found.claims.notes, note)))


def _blob(body: bytes) -> Document:
    decoded = _decode(_fast(body) or _by_dom(body))
    props = decoded.value
    if not isinstance(props, dict) or not isinstance(props.get("dailyPapers"), list):
        raise _BlobError(f"the hydration blob has no list dailyPapers, it is {kind(props)}")
    found = props["dailyPapers"]
    if found and not any(map(hf_item.has_paper, found)):
        first = kind(found[0])
        raise _BlobError(f"none of {len(found)} items of the hydration blob has a paper, the first is {first}")
    return Document("blob", claims_of_blob(props), decoded.items(found), body, [*props])


def _decode(blob: str) -> Decoded:
    try:
        return loads(blob)
    except ValueError as error:
        raise _BlobError(f"the hydration blob is broken: {error}") from error


def _fast(body: bytes) -> str | None:
    """Let the HTML parser see the blob's tag alone: a third of the time that the whole page takes."""
    start = body.find(_MARKER)
    if start < 0:
        return None
    end = body.find(b'"', start + len(_MARKER))
    if end < 0:
        raise _BlobError("the page ends inside the hydration blob: it was cut off")
    # From the beginning of the tag that the marker lies in, so that the page is copied once.
    tag = body.rfind(b"<", 0, start)
    return _props(body[tag : end + 1] + b">") if _PLAIN.fullmatch(body, max(tag, 0), start) else None


def _by_dom(body: bytes) -> str:
    """Any attribute order, any quoting."""
    if problem := excess(body):
        raise _BlobError(f"the page has {problem}")
    blob = _props(body)
    if blob is None:
        raise _BlobError(_lost(LexborHTMLParser(body)))
    return blob


def _lost(tree: LexborHTMLParser) -> str:
    """What became of a blob that is not where it was."""
    for node in tree.css("[data-target]"):
        target = node.attributes["data-target"]
        for name, value in node.attributes.items():
            if value and _lists_papers(value):
                return f"the hydration blob is renamed: a list of papers is in {name} behind data-target={target}"
    return "the hydration blob is gone: nothing has data-target=DailyPapers and data-props"


def _lists_papers(value: str) -> bool:
    try:
        props = loads(value).value
    except ValueError:
        return False
    lists = [found for found in props.values() if isinstance(found, list)] if isinstance(props, dict) else []
    return any(hf_item.has_paper(item) for found in lists for item in found)


def _props(html: bytes) -> str | None:
    found = _attribute(html)
    # The HTML parser shows a broken byte as U+FFFD; written as \\udcXX it is the JSON escape of what it stands for.
    if found and "\ufffd" in found:
        return _attribute(html.decode(errors="surrogateescape").encode(errors="backslashreplace"))
    return found


def _attribute(html: bytes) -> str | None:
    node = LexborHTMLParser(html).css_first('[data-target="DailyPapers"][data-props]')
    return node.attributes["data-props"] if node else None
