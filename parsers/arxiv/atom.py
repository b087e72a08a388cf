"""Answers of the query API (https://info.arxiv.org/help/api/user-manual.html): an Atom feed with one entry a paper.

An error is a feed too, with one entry that is titled `Error`. An id that no paper has is left out without notice.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from xml.etree.ElementTree import Element

from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser
from dailypapers.parsers.text import squeeze

from . import item as arxiv_item
from .xml_page import load_xml, text_of

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_SEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"
_AUTHOR, _CATEGORY, _LINK = f"{_ATOM}author", f"{_ATOM}category", f"{_ATOM}link"
_PRIMARY: Final = f"{_ARXIV}primary_category"
_NAME, _AFFILIATION = f"{_ATOM}name", f"{_ARXIV}affiliation"
_NAMES: Final = {
    **{f"{_ATOM}{name}": name for name in ("id", "title", "updated", "published", "summary")},
    **{f"{_ARXIV}{name}": f"arxiv:{name}" for name in ("comment", "journal_ref", "doi")},
}
_KNOWN: Final = frozenset({*_NAMES.values(), "author", "category", "arxiv:primary_category"})


def load(page: Page, _day: date | None = None) -> Document[dict[str, Any]]:
    """Decode the feed; raises ParseError, which says what was found instead, or what the API answered as error."""
    document = load_xml(page)
    root = document.root
    if root.tag != f"{_ATOM}feed" or root.find(f"{_SEARCH}totalResults") is None:
        raise ParseError(page.url, f"expected a feed with totalResults, found <{root.tag}>")
    items = [_item(entry) for entry in root.findall(f"{_ATOM}entry")]
    for item in items:
        if item.get("title") == "Error" and "/api/errors" in (item.get("id") or ""):
            raise NotAListing(page.url, f"the API answers with an error: {squeeze(item.get('summary') or '')!a}")
    promised = (root.findtext(f"{_SEARCH}totalResults") or "").strip()
    claims = Claims(promised=int(promised) if promised.isdecimal() and len(promised) < 19 else None)
    return Document("atom", claims, document.items(items))


def unknown(item: dict[str, Any]) -> Sequence[str]:
    """Elements of an entry that the API did not have before."""
    return () if item.keys() <= _KNOWN else [*(item.keys() - _KNOWN)]


def fields(item: dict[str, Any]) -> dict[str, object]:
    """One entry by the names of the record."""
    get = item.get
    categories, classes = arxiv_item.categories(item["category"], get("arxiv:primary_category"))
    return {
        **arxiv_item.identity(get("id")),
        **arxiv_item.prose(get("title"), get("summary"), get("arxiv:comment")),
        **arxiv_item.authors(item["author"]),
        "published": arxiv_item.day(get("published")),
        "updated": arxiv_item.day(get("updated")),
        "doi": arxiv_item.squeezed(get("arxiv:doi")),
        "journal_ref": arxiv_item.squeezed(get("arxiv:journal_ref")),
        "categories": categories,
        **({"extra": {"classes": classes}} if classes else {}),
    }


PARSER: Final = Parser(load, fields, unknown)


def _item(entry: Element) -> dict[str, Any]:
    """An entry as plain values by the names of its elements."""
    authors: list[tuple[str | None, Sequence[str]]] = []
    terms: list[str] = []
    item: dict[str, Any] = {"author": authors, "category": terms}
    for child in entry:
        # The most frequent first.
        tag = child.tag
        if tag == _AUTHOR:
            authors.append((child.findtext(_NAME), _affiliations(child) if len(child) > 1 else ()))
        elif tag == _CATEGORY:
            terms.append(child.get("term", ""))
        elif tag == _PRIMARY:
            item["arxiv:primary_category"] = child.get("term")
        # Links repeat what the id and the DOI say.
        elif tag != _LINK and (name := _NAMES.get(tag, tag)) not in item:
            item[name] = text_of(child) if len(child) else child.text
    return item


def _affiliations(author: Element) -> list[str]:
    return [text_of(place) for place in author if place.tag == _AFFILIATION]
