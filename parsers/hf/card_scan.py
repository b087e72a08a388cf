"""A glance at the rendered cards of a Daily Papers page, beside its hydration blob: what most of them must show.

No DOM: it is asked of every page that is built, and takes a quarter of the time. It is no
parser (that is `hf_cards`): what it does not find is not compared, and how much it finds tells how the page is built.
"""

import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from typing import Final

from parsers.keys import split_arxiv
from parsers.model import Structure
from parsers.text import squeeze

_CARD: Final = re.compile(rb"<article")
_TITLE: Final = re.compile(rb'<h3[^<>]*>\s*<a\s[^<>]{0,500}?href="/papers/([^"#?<>]+)"[^<>]{0,500}>([^<]*)</a>')
_UPVOTES: Final = re.compile(rb'class="leading-none"[^<>]*>([^<]*)<')
# A card is 5 kB; what is longer is no card alone.
_MAX_LENGTH: Final = 40_000


def glance(html: bytes, start: int = 0, keys: Sequence[str] = (), *, compare: bool = True) -> Structure:
    """What the cards of a page show, and how many show it; the blob, whose names are `keys`, ends at `start`.

    The cards' values are given only if they are to be compared.
    """
    places = [found.start() for found in _CARD.finditer(html, start)]
    shown = [_card(html, *span) for span in pairwise([*places, len(html)])]
    matched = {name: sum([card[name] is not None for card in shown]) for name in (shown[0] if shown else ())}
    return Structure(tuple(sorted(keys)), {"article": len(shown)} | matched, shown if compare else [])


def _card(html: bytes, start: int, end: int) -> dict[str, object]:
    end = min(end, start + _MAX_LENGTH)
    title, upvotes = _TITLE.search(html, start, end), _UPVOTES.search(html, start, end)
    found = split_arxiv(title[1].decode(errors="replace")) if title else None
    talk = html.find(b"#community", start, end)
    return {
        "key": f"arxiv:{found[0]}" if found else None,
        "title": squeeze(unescape(title[2].decode(errors="replace"))) if title else None,
        "upvotes": _number(upvotes[1].strip()) if upvotes else None,
        "author_count": _number(_before(html, start, html.rfind(b" author", start, end))),
        "comments": _number(_before(html, start, html.find(b"</a>", talk, end))) if talk >= 0 else None,
    }


def _before(html: bytes, start: int, end: int) -> bytes:
    """The last word of the text that ends there; nothing where there is no such place."""
    words = html[max(end - 40, start) : end].rpartition(b">")[2].split() if end >= 0 else ()
    return words[-1] if words else b""


def _number(text: bytes) -> int | None:
    digits = text.replace(b",", b"")
    return int(digits) if digits.isdigit() and len(digits) < 10 else None
