"""The rendered cards of a Daily Papers page: a second reading of the listing, independent of the hydration blob.

One `article` a paper. Class names are not stable, so what is selected is what a card links to and what it says.
It shows title, votes, comments, the number of authors, who submitted it, and since 2026 the organisation and the
GitHub stars; neither abstract nor authors nor dates.

`scan_cards` is quicker and no parser: it runs on every page that is built, beside the blob, and needs no DOM, which
takes a quarter of the time. What it does not find is not compared, and how much it finds shows how the page is built.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import pairwise
from operator import itemgetter
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dailypapers.parsers.keys import ARXIV_ID, split_arxiv
from dailypapers.parsers.links import repository
from dailypapers.parsers.markup import SelectionError, attr, body, maybe, one, page_tree, text
from dailypapers.parsers.model import Claims, Page, ParseError, Structure
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import is_utf8, squeeze
from dailypapers.parsers.tolerant_json import Unreadable

from .claims import claims_of_date, refuse
from .item import identity

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


_MAX_NODES: Final = 400
"""Ten times what a card has: the text of each node holds that of all inside it, which is quadratic where they nest."""

_MAX_LABEL: Final = 1_000
"""Characters, white space of the markup included."""

_PAPER: Final = re.compile(r"(?:https?://[^/]+)?/papers/([^?#]+)")
_ACCOUNT: Final = re.compile(r"(?:https?://huggingface\.co)?/([\w.-]+)/?", re.ASCII)
_ARROW: Final = re.compile(r"/papers[/?](date|week|month)[/=]\d")
_AUTHORS: Final = re.compile(r"· ?([\d,]+) authors?")
_NUMBER: Final = re.compile(r"(?:GitHub )?(\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)
_SUBMITTED: Final = "Submitted by"


class Card(str):
    """The HTML of one card."""

    __slots__ = ()


def load(page: Page, _day: date | None = None, *, reason: str = "") -> Document[Card]:
    """Find the cards; raises ParseError if there are none. `reason` says what else was missing."""
    try:
        tree = page_tree(page.body)
    except SelectionError as error:
        raise ParseError(page.url, f"{error}") from error
    nodes = tree.css('article:has(a[href*="/papers/"])')
    if not nodes:
        refuse(page, tree)
        missing = " and ".join(filter(None, (reason, _no_card(tree))))
        raise ParseError(page.url, f"a page without a listing: {missing}; has the site changed?")
    cards = _cards(tree, nodes)
    return Document("cards", _claims(tree), cards if is_utf8(page.body) else [*map(_readable, cards)])


def fields(item: Card) -> dict[str, object]:
    """One card by the names of the record, without what it does not show."""
    card = one(body(item), "article")
    link = one(card, "h3 a[href]")
    badge = _badge(card)
    return {
        **_identity(attr(link, "href")),
        "title": text(link),
        "upvotes": _number(one(card, 'a[href*="/login"] div.leading-none, label div.leading-none')),
        "comments": _number(maybe(card, 'a[href*="#community"]')),
        "author_count": _author_count(card),
        "submitter": _submitter(badge),
        "thumbnail_url": _thumbnail(card),
        "organization": _organization(card, badge),
        **_github(card),
    }


PARSER: Final = Parser(load, fields)


def _cards(tree: LexborHTMLParser, nodes: Sequence[LexborNode]) -> list[Card | Unreadable]:
    # One that holds others would be copied with all of them, and so would each of them.
    outer = {node.mem_id for node in tree.css("article:has(article)")}
    unreadable = Unreadable("(left out)", "holds another card: its end tag is missing")
    return [unreadable if node.mem_id in outer else Card(node.html or "") for node in nodes]


def _no_card(tree: LexborHTMLParser) -> str:
    links = (_PAPER.fullmatch(attr(link, "href")) for link in tree.css("a[href]"))
    papers = {match[1] for match in links if match and ARXIV_ID.fullmatch(match[1])}
    if papers:
        return f"the cards are renamed: {len(papers)} papers are linked, none of them in an article"
    return "no card (article with a link to /papers/ID)"


def _readable(card: Card | Unreadable) -> Card | Unreadable:
    """The card, unless the HTML parser put U+FFFD for a broken byte in it."""
    if isinstance(card, Unreadable):
        return card
    return Unreadable(card, "holds a broken byte, which is no UTF-8") if "\ufffd" in card else card


def _claims(tree: LexborHTMLParser) -> Claims:
    time = tree.css_first("time[datetime]:not(article time)")
    if time is None:
        return Claims(notes=("the page's header shows no date",))
    period = _period(tree)
    claims = claims_of_date(time.attributes["datetime"], period)
    return claims if period or claims.period != "day" else replace(claims, period=None)


def _period(tree: LexborHTMLParser) -> str | None:
    """The kind of period that the arrows to the one before and after lead to, if they agree."""
    links = (_ARROW.search(attr(link, "href")) for link in tree.css('a[href*="/papers"]'))
    kinds = {match[1] for match in links if match}
    return kinds.pop().replace("date", "day") if len(kinds) == 1 else None


def _identity(href: str) -> dict[str, object]:
    match = _PAPER.match(href)
    return identity(match[1] if match else href)


def _number(node: LexborNode | None) -> int | None:
    """The exact number that a node shows; None for `-` and rounded numbers (`1.2k`)."""
    match = _NUMBER.fullmatch(text(node)) if node else None
    return int(match[1].replace(",", "")) if match else None


def _author_count(card: LexborNode) -> int | None:
    counts = (_AUTHORS.fullmatch(label) for _, label in _labels(card, "li, div"))
    return next((int(match[1].replace(",", "")) for match in counts if match), None)


def _labels(card: LexborNode, selector: str) -> Iterator[tuple[LexborNode, str]]:
    """The first nodes of the selector that hold no more text than a label, with that text."""
    for node in card.css(selector)[:_MAX_NODES]:
        label = node.text(deep=True)
        if len(label) <= _MAX_LABEL:
            yield node, squeeze(label)


def _badge(card: LexborNode) -> LexborNode | None:
    """The innermost node that says who submitted the paper."""
    labels = ((len(label), node) for node, label in _labels(card, "div, span, a") if label.startswith(_SUBMITTED))
    named = (badge for badge in labels if badge[0] > len(_SUBMITTED))
    return min(named, key=itemgetter(0), default=(0, None))[1]


def _submitter(badge: LexborNode | None) -> str | None:
    """The user name, which has no blanks; of a display name, the account that it links to."""
    if badge is None:
        return None
    name = text(badge).removeprefix(_SUBMITTED).strip()
    return name if name and " " not in name else _linked(badge)


def _linked(node: LexborNode) -> str | None:
    links = (_ACCOUNT.fullmatch(attr(link, "href")) for link in node.css("a[href]"))
    return next((match[1] for match in links if match), None)


def _thumbnail(card: LexborNode) -> str | None:
    image = card.css_first('img[src^="https://cdn-thumbnails.huggingface.co/"]')
    return attr(image, "src") if image else None


def _organization(card: LexborNode, badge: LexborNode | None) -> dict[str, str | None] | None:
    """The chip of 2026: a link to an account that is not the submitter's."""
    submitter = _linked(badge) if badge else None
    for link in card.css("a[href]"):
        match = _ACCOUNT.fullmatch(attr(link, "href"))
        if match and match[1] not in ("login", "papers", submitter):
            return {"name": match[1], "fullname": text(link) or None}
    return None


def _github(card: LexborNode) -> dict[str, object]:
    """Stars stand beside the GitHub mark (drawn 256 by 250), with or without a link to the repository."""
    link = card.css_first('a[href*="github.com/"]')
    mark = card.css_first('svg[viewBox="0 0 256 250"]')
    stars = link or card.css_first('[title^="GitHub"]') or (mark.parent if mark else None)
    return {"github_stars": _number(stars), "code_url": repository(attr(link, "href")) if link else None}
