"""A quick scan of the rendered cards of a Daily Papers page, beside its hydration blob, for what most of them show.

It runs on every page that is built and needs no DOM, which takes a quarter of the time. It is not a parser (that is
`cards`): what it does not find is not compared, and how much it finds shows how the page is built.
"""

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from typing import Final

from dailypapers.parsers.keys import split_arxiv
from dailypapers.parsers.model import Structure
from dailypapers.parsers.text import squeeze

_CARD: Final = re.compile(rb"<article")
_TITLE: Final = re.compile(rb'<h3[^<>]*>\s*<a\s[^<>]{0,500}?href="/papers/([^"#?<>]+)"[^<>]{0,500}>([^<]*)</a>')
_UPVOTES: Final = re.compile(rb'class="leading-none"[^<>]*>([^<]*)<')
# A card is 5 kB; what is longer is more than one card.
_MAX_LENGTH: Final = 40_000


def scan_cards(html: bytes, start: int = 0, keys: Sequence[str] = (), *, compare: bool = True) -> Structure:
    """What the cards of a page show, and how many show it; the blob, whose names are `keys`, ends at `start`.

    The cards' values are returned only if they are to be compared.
    """
    places = [match.start() for match in _CARD.finditer(html, start)]
    cards = [_card(html, *span) for span in pairwise([*places, len(html)])]
    matched = {name: sum([card[name] is not None for card in cards]) for name in (cards[0] if cards else ())}
    return Structure(tuple(sorted(keys)), {"article": len(cards)} | matched, cards if compare else [])


def _card(html: bytes, start: int, end: int) -> dict[str, object]:
    end = min(end, start + _MAX_LENGTH)
    title, upvotes = _TITLE.search(html, start, end), _UPVOTES.search(html, start, end)
    arxiv = split_arxiv(title[1].decode(errors="replace")) if title else None
    talk = html.find(b"#community", start, end)
    return {
        "key": f"arxiv:{arxiv[0]}" if arxiv else None,
        "title": squeeze(unescape(title[2].decode(errors="replace"))) if title else None,
        "upvotes": _count_in(upvotes[1].strip()) if upvotes else None,
        "author_count": _count_in(_before(html, start, html.rfind(b" author", start, end))),
        "comments": _count_in(_before(html, start, html.find(b"</a>", talk, end))) if talk >= 0 else None,
    }


def _before(html: bytes, start: int, end: int) -> bytes:
    """The last word of the text that ends at `end`, if that is a place."""
    words = html[max(end - 40, start) : end].rpartition(b">")[2].split() if end >= 0 else ()
    return words[-1] if words else b""


def _count_in(text: bytes) -> int | None:
    digits = text.replace(b",", b"")
    return int(digits) if digits.isdigit() and len(digits) < 10 else None
