"""The page of a paper (https://arxiv.org/abs/ID), of its newest version or of the one that its address names.

The `citation_*` tags of the head have been the same for years; they are what is read where both show it. Categories,
comments, the licence and the history of versions are in the body alone.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers.markup import SelectionError, page_tree, text
from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError
from dailypapers.parsers.protocol import Document, Parser

from . import item as arxiv_item
from .author_names import turned
from .item import parse_identifier
from .xml_page import text_with_links

_META: Final = 'meta[name^="citation_"]'
_CODE: Final = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)\s*(?:;|$)")
_VERSION: Final = re.compile(r"\[v(\d{1,9})\]")
_SUBMITTER: Final = re.compile(r"From: (.*?) \[")
_LABELS: Final = {
    "Comments:": "comments",
    "Subjects:": "subjects",
    "MSC classes:": "msc-class",
    "ACM classes:": "acm-class",
    "Report number:": "report-no",
    "Journal reference:": "journal-ref",
    "Related DOI:": "doi",
}
_CLASSES: Final = ("msc-class", "acm-class", "report-no")


def load(page: Page, _day: date | None = None) -> Document[dict[str, Any]]:
    """Read the page; raises ParseError for any other one."""
    try:
        tree = page_tree(page.body)
    except SelectionError as error:
        raise ParseError(page.url, f"not the page of a paper: {error}") from error
    tags = [(node.attributes.get("name") or "", node.attributes.get("content") or "") for node in tree.css(_META)]
    item: dict[str, Any] = {"citation_author": [content for name, content in tags if name == "citation_author"]}
    item |= {name: content for name, content in tags if name != "citation_author"}
    if "citation_arxiv_id" not in item:
        title = tree.css_first("title")
        words = text(title) if title else ""
        raise NotAListing(page.url, f"not the page of a paper: no citation_arxiv_id, titled {words[:80]!a}")
    return Document("abs", Claims(), [item | _table(tree) | _history(tree)])


def fields(item: dict[str, Any]) -> dict[str, object]:
    """The paper by the names of the record."""
    get = item.get
    prose = arxiv_item.prose(get("citation_title"), get("citation_abstract"), get("comments"))
    subjects = _CODE.findall(get("subjects") or "")
    return {
        **arxiv_item.identity(get("citation_arxiv_id")),
        **prose,
        **arxiv_item.authors([(turned(name), ()) for name in item["citation_author"]]),
        "arxiv_version": get("version"),
        "published": _day(get("citation_date")),
        "updated": _day(get("citation_online_date")),
        "submitter": get("submitter"),
        "categories": arxiv_item.categories(subjects)[0],
        "doi": arxiv_item.squeezed(get("citation_doi") or get("doi")),
        "journal_ref": arxiv_item.squeezed(get("journal-ref") or get("citation_journal_title")),
        "license": get("license"),
        "withdrawn": prose["withdrawn"] or item["withdrawn"],
        "extra": {name: item[name] for name in _CLASSES if name in item},
    }


PARSER: Final = Parser(load, fields)


def _table(tree: LexborHTMLParser) -> dict[str, Any]:
    """The rows below the abstract, and the licence."""
    rows: dict[str, Any] = {}
    for row in tree.css("div.metatable tr"):
        label, cell = row.css_first("td.label"), row.css_first("td:not(.label)")
        name = _LABELS.get(text(label)) if label else None
        if name and cell:
            rows[name] = text_with_links(cell)
    licence = tree.css_first("div.abs-license a[href]")
    return rows | arxiv_item.scalars(license=licence.attributes.get("href") if licence else None)


def _history(tree: LexborHTMLParser) -> dict[str, Any]:
    """The version that is shown, whether it is withdrawn, and who submitted the paper."""
    shown = tree.css_first("td.arxividv a[href]")
    address = (shown.attributes.get("href") or "") if shown else ""
    identifier = parse_identifier(address)
    history = tree.css_first("div.submission-history")
    words = text(history) if history else ""
    withdrawn = {int(number) for number, entry in _versions(words) if "(withdrawn)" in entry}
    version = identifier.version if identifier else None
    error = tree.css_first("span.error")
    submitter = _SUBMITTER.search(words)
    return {
        "version": version,
        "withdrawn": version in withdrawn or bool(error and arxiv_item.is_withdrawal(text(error))),
        **arxiv_item.scalars(submitter=submitter[1] if submitter else None),
    }


def _versions(history: str) -> Iterator[tuple[str, str]]:
    """Numbers of versions, each with what the history says about it."""
    parts = _VERSION.split(history)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def _day(printed: str | None) -> object:
    """The date of `2019/02/07`."""
    return arxiv_item.day(printed.replace("/", "-")) if printed else None
