"""Pages that are XML: arXiv's API, feeds and OAI-PMH, all of them UTF-8.

Entities are what makes XML dangerous (https://docs.python.org/3/library/xml.html#xml-security), and they need a
DOCTYPE, which no answer of arXiv has: a page with one is refused, and so is an expat older than 2.4.1.
"""

import json
import pyexpat
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from xml.etree.ElementTree import Element, XMLParser
from xml.etree.ElementTree import ParseError as XmlError

from selectolax.lexbor import LexborNode

from dailypapers.parsers.markup import text
from dailypapers.parsers.model import NotAListing, Page, ParseError
from dailypapers.parsers.text import first_bytes
from dailypapers.parsers.tolerant_json import Unreadable


def text_with_links(node: LexborNode) -> str:
    """The text of a node; where the page shows `this https URL`, the address, and a blank for a line break.

    The node is changed.
    """
    for link in node.css("a"):
        target = link.attributes.get("href")
        if target and text(link).startswith("this http"):
            link.replace_with(target)
    for line_break in node.css("br"):
        line_break.replace_with(" ")
    return without_label(node)


def without_label(node: LexborNode) -> str:
    """The text of a node without its label (`Title:`); the node is changed."""
    for label in node.css("span.descriptor"):
        label.decompose()
    return text(node)


SAFE_EXPAT: Final = (2, 4, 1)

_BROKEN: Final = "\ufdd0"  # a code point that no text has (https://www.unicode.org/faq/private_use.html#noncharacters)
# What XML 1.0 has no place for (https://www.w3.org/TR/xml/#charsets); broken bytes are decoded as surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE: Final = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """The root element; `clean` says that the page was well-formed."""

    root: Element
    clean: bool

    def items(self, items: Sequence[T]) -> Sequence[T | Unreadable]:
        """The items, with those that hold a broken character as Unreadable."""
        return items if self.clean else [_readable(item) for item in items]


def load_xml(page: Page) -> XmlDocument:
    """Read a page that is XML as a whole; raises ParseError that says what it is instead.

    A page that is not well-formed for single bytes or characters alone is read, and only the items that hold one are
    lost.
    """
    if pyexpat.version_info < SAFE_EXPAT:
        raise ParseError(page.url, f"this Python has {pyexpat.EXPAT_VERSION}, XML needs 2.4.1 or newer: update Python")
    body = page.body
    # From the end, because CPython's search is three times as fast there.
    if body.rfind(b"<!DOCTYPE") >= 0:
        raise NotAListing(page.url, "the page has a DOCTYPE: no answer of arXiv has one")
    if not first_bytes(body).startswith(b"<"):
        raise NotAListing(page.url, f"expected XML, found {_beginning(body)}")
    try:
        return XmlDocument(_root(body), clean=True)
    except XmlError as error:
        return _mended(page, error)


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element) -> str:
    """All text inside an element."""
    return "".join(element.itertext()) if len(element) else element.text or ""


def _root(body: bytes) -> Element:
    # The encoding is given so that no other one, which could hide a DOCTYPE, is read.
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - safe without a DOCTYPE
    parser.feed(body)
    root: Element = parser.close()
    return root


def _mended(page: Page, error: XmlError) -> XmlDocument:
    text = page.body.decode(errors="surrogateescape")
    mended = _REFERENCE.sub(_reference, _FORBIDDEN.sub(_BROKEN, text))
    if mended == text:
        raise ParseError(page.url, f"no valid XML: {error}") from error
    try:
        return XmlDocument(_root(mended.encode()), clean=False)
    except XmlError as other:
        raise ParseError(page.url, f"no valid XML: {other}") from other


def _reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return _BROKEN if number > 0x10FFFF or _FORBIDDEN.match(chr(number)) else match[0]


def _readable(item: T) -> T | Unreadable:
    if _BROKEN not in json.dumps(item, ensure_ascii=False):
        return item
    return Unreadable(item, "contains a broken byte or a character that XML does not allow, shown here as U+FDD0")


def _beginning(body: bytes) -> str:
    text = first_bytes(body)[:60].decode(errors="replace")
    return f"the text {text!a}" if text else "nothing"
