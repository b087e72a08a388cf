"""Daily Papers pages (https://huggingface.co/papers/date/YYYY-MM-DD; also of a week, a month, trending, search).

The whole listing is JSON in one attribute beside `data-target="DailyPapers"`, with the items of the API. The rendered
cards show less; they are read, with a note, if that attribute is gone or broken by a redesign or by damage.
"""

import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers.markup import excess
from dailypapers.parsers.model import Claims, Page, Structure
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.tolerant_json import Decoded, describe, loads

from . import cards as hf_cards
from . import item as hf_item
from .cards import scan_cards
from .claims import claims_of_blob

_TARGET: Final = b'data-target="DailyPapers"'
_MARKER: Final = _TARGET + b' data-props="'
# A tag up to the marker, all its attributes quoted: then what follows the marker is the blob, to the next quote.
_PLAIN: Final = re.compile(rb"<[a-z]+(?:\s+[\w:-]+=\"[^\"]*\"){0,20}\s+")


class _BlobError(ValueError):
    """Why the hydration blob cannot be read."""


def load(page: Page, _day: date | None = None) -> Document[object]:
    """Read the blob, else the cards; raises ParseError if neither is there."""
    try:
        return _blob(page.body)
    except _BlobError as error:
        return _cards(page, str(error))


def fields(item: object) -> dict[str, object]:
    """One item of the blob, or one card, as plain values."""
    return hf_cards.fields(item) if isinstance(item, hf_cards.Card) else hf_item.fields(item)


PARSER: Final = Parser(load, fields, hf_item.unknown, hf_item.basis)


def _cards(page: Page, reason: str) -> Document[object]:
    cards = hf_cards.load(page, reason=reason)
    note = f"{reason}; the cards were read instead"
    claims = replace(cards.claims, notes=(note, *cards.claims.notes))
    return Document("cards", claims, cards.items, structure=partial(_structure, page.body), instead=note)


def _blob(body: bytes) -> Document[object]:
    decoded = _decode(_fast(body) or _by_dom(body))
    props = decoded.value
    if not isinstance(props, dict) or not isinstance(props.get("dailyPapers"), list):
        raise _BlobError(f"the hydration blob has no list dailyPapers, it is {describe(props)}")
    items = props["dailyPapers"]
    if items and not any(map(hf_item.has_paper, items)):
        first = describe(items[0])
        raise _BlobError(f"none of {len(items)} items of the hydration blob has a paper, the first is {first}")
    claims = _with_card_note(claims_of_blob(props), len(items), body)
    structure = partial(_structure, body, tuple(props), compare=True)
    return Document("blob", claims, decoded.items(items), structure=structure)


def _structure(body: bytes, keys: tuple[str, ...] = (), *, compare: bool = False) -> Structure:
    """The names in the blob, and what the cards after it show, which are rendered from the same items."""
    blob = body.find(_MARKER)
    start = body.find(b'"', blob + len(_MARKER)) if blob >= 0 else 0
    return scan_cards(body, start, keys, compare=compare)


def _with_card_note(claims: Claims, items: int, body: bytes) -> Claims:
    """The claims, with a note if a day's page has no card for what its blob lists."""
    if not items or claims.period != "day" or body.rfind(b"<article") >= 0:
        return claims
    note = f"the cards are renamed: the blob lists {items} papers, the page has no article"
    return replace(claims, notes=(*claims.notes, note))


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
    """Why the blob is not where it used to be."""
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
    lists = [value for value in props.values() if isinstance(value, list)] if isinstance(props, dict) else []
    return any(hf_item.has_paper(item) for items in lists for item in items)


def _props(html: bytes) -> str | None:
    props = _attribute(html)
    # The HTML parser shows a broken byte as U+FFFD; written as \\udcXX it is the JSON escape of what it stands for.
    if props and "\ufffd" in props:
        return _attribute(html.decode(errors="surrogateescape").encode(errors="backslashreplace"))
    return props


def _attribute(html: bytes) -> str | None:
    node = LexborHTMLParser(html).css_first('[data-target="DailyPapers"][data-props]')
    return node.attributes["data-props"] if node else None
