"""Listing pages (https://arxiv.org/list/cs.CL/new): new, recent, pastweek, a month, a year, and catchup.

An entry is a `dt` with the id and a `dd` with the rest. Headings say which day, month or section follows and how many
entries it has: what they promise is checked against what the page shows. Ids are read from `dt` alone, since abstracts
name other papers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dailypapers.parsers.keys import split_arxiv
from dailypapers.parsers.markup import SelectionError, attr, page_tree, text
from dailypapers.parsers.model import Claims, NotAListing, Page, ParseError, Structure
from dailypapers.parsers.protocol import Document, Parser

from . import item as arxiv_item
from .xml_page import text_with_links, without_label

MAX_TAGS: Final = 120_000
"""2,000 entries, the most that a page shows, with twice the 30 tags that an entry has."""

_NEW_DAY: Final = re.compile(r"Showing new listings for \w+, (\d{1,2} \w+ \d{4})")
_CATCHUP_DAY: Final = re.compile(r"Catchup results for .* on \w+, (\d{1,2} \w+ \d{4})")
_PERIOD: Final = re.compile(r"Authors and titles for (?:(\w+) )?(\d{4})")
_SECTION: Final = re.compile(r"(New|Cross|Replacement) submissions\b")
_ONE_DAY: Final = re.compile(r"\w{3}, (\d{1,2} \w{3} \d{4})\b")
_COUNTS: Final = re.compile(r"\((?:[a-z]+, )*showing (?:first |last )?(\d{1,7}) of (\d{1,7}) entries ?\)")
_TOTAL: Final = re.compile(r"\btotal of (\d{1,7}) entries", re.IGNORECASE)
_CODE: Final = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)\s*(?:;|$)")
_HTML_VERSION: Final = re.compile(r"/html/(\S+)")
_TYPES: Final = {"New": "new", "Cross": "cross", "Replacement": "replace"}


@dataclass(slots=True)
class _Section:
    """A heading that counts its entries, and how many were found below it."""

    heading: str
    shown: int | None = None
    total: int | None = None
    announce_type: str | None = None
    listed: str | None = None
    entries: int = 0


@dataclass(slots=True)
class _Reading:
    """What was read of a page so far."""

    sections: list[_Section] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    total: int | None = None
    claims: Claims | None = None


def load(page: Page, _day: date | None = None) -> Document[dict[str, Any]]:
    """Read the entries; raises ParseError for a page that is no listing."""
    try:
        tree = page_tree(page.body, MAX_TAGS)
        reading = _read(tree)
    except SelectionError as error:
        raise ParseError(page.url, f"not a listing of arXiv: {error}") from error
    if not reading.items and reading.claims is None:
        raise _no_listing(page, tree)
    structure = partial(_structure, reading.items)
    return Document("list", _claims(reading), reading.items, structure=structure, states_empty=not reading.items)


def fields(item: dict[str, Any]) -> dict[str, object]:
    """One entry by the names of the record."""
    names, codes = item["authors"], item["subjects"]
    return {
        **arxiv_item.identity(item["id"]),
        **arxiv_item.prose(item.get("title"), item.get("abstract"), item.get("comments")),
        **arxiv_item.authors([(name, ()) for name in names]),
        "arxiv_version": item.get("version"),
        "listed": arxiv_item.day(item.get("listed")),
        "announce_type": item.get("announce_type"),
        "categories": arxiv_item.categories(codes)[0],
        "journal_ref": item.get("journal_ref"),
    }


PARSER: Final = Parser(load, fields)


def _read(tree: LexborHTMLParser) -> _Reading:
    reading = _Reading()
    for node in tree.css("h1, h2, h3, dt, dd, div.paging, #dlpage > div"):
        match node.tag:
            case "dt":
                section = reading.sections[-1] if reading.sections else None
                reading.items.append(_entry(node, section))
                if section is not None:
                    section.entries += 1
            case "dd":
                if reading.items:
                    reading.items[-1] |= _details(node)
            case "div":
                total = _TOTAL.search(text(node)) if reading.total is None else None
                reading.total = int(total[1]) if total else reading.total
            case _:
                _read_heading(reading, text(node))
    return reading


def _read_heading(reading: _Reading, heading: str) -> None:
    if match := _NEW_DAY.match(heading) or _CATCHUP_DAY.match(heading):
        reading.claims = Claims(_printed(match[1]), "day")
    elif match := _PERIOD.match(heading):
        month = _printed(f"1 {match[1] or 'January'} {match[2]}")
        reading.claims = Claims(month, "month" if match[1] else "year")
    elif heading.startswith("Authors and titles for recent"):
        reading.claims = Claims(period="mixed")
    elif (match := _SECTION.match(heading)) or (one := _ONE_DAY.match(heading)):
        counts = _COUNTS.search(heading)
        section = _Section(heading[:60])
        if counts:
            section.shown, section.total = int(counts[1]), int(counts[2])
        if match:
            section.announce_type = _TYPES[match[1]]
        else:
            day = _printed(one[1]) if one else None
            section.listed = day.isoformat() if day else None
        reading.sections.append(section)


def _printed(words: str) -> date | None:
    """`12 August 2026` or `12 Aug 2026`."""
    for form in ("%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(words, form).date()
        except ValueError:
            continue
    return None


def _entry(node: LexborNode, section: _Section | None) -> dict[str, Any]:
    """What the `dt` of an entry says: its id, its version, and how it is listed."""
    link = node.css_first("a[href^='/abs/'], a[title='Abstract']") or node.css_first("span.list-identifier a")
    item: dict[str, Any] = {"id": attr(link, "href") if link else text(node)[:100], "authors": [], "subjects": []}
    version = next((_version(found) for found in node.css("a[title='View HTML']")), None)
    words = text(node)
    if section is not None and section.listed:
        item["listed"] = section.listed
    mark = "cross" if "(cross-list" in words else "replace" if "(replaced)" in words else None
    announce_type = (section.announce_type if section else None) or mark
    return item | arxiv_item.scalars(version=version, announce_type=announce_type)


def _version(link: LexborNode) -> int | None:
    match = _HTML_VERSION.search(link.attributes.get("href") or "")
    parts = split_arxiv(match[1]) if match else None
    return parts[1] if parts else None


def _details(node: LexborNode) -> dict[str, Any]:
    """What the `dd` of an entry says."""
    title, subjects = node.css_first(".list-title"), node.css_first(".list-subjects")
    journal, comments = node.css_first(".list-journal-ref"), node.css_first(".list-comments")
    abstract = node.css_first("p.mathjax")
    return {
        "authors": [text(link) for link in node.css(".list-authors a:not(.link-external)")],
        "subjects": _CODE.findall(without_label(subjects)) if subjects else [],
        **arxiv_item.scalars(
            title=without_label(title) if title else None,
            journal_ref=without_label(journal) if journal else None,
            comments=text_with_links(comments) if comments else None,
            abstract=text_with_links(abstract) if abstract else None,
        ),
    }


def _claims(reading: _Reading) -> Claims:
    base = reading.claims or Claims(period="mixed")
    totals = [section.total for section in reading.sections if section.total is not None]
    promised = reading.total if reading.total is not None else sum(totals) if totals else None
    return Claims(base.day, base.period, promised, notes=tuple(_missing(reading.sections)))


def _missing(sections: Sequence[_Section]) -> Iterator[str]:
    for section in sections:
        if section.shown is not None and section.entries != section.shown:
            name = section.heading.partition(" (")[0]
            yield f"{name}: the heading promises {section.shown} entries, the page shows {section.entries}"


def _structure(items: Sequence[dict[str, Any]]) -> Structure:
    """How many entries have each of their parts."""
    parts = ("title", "authors", "subjects", "abstract", "comments", "journal_ref", "version")
    matched = {part: sum([bool(item.get(part)) for item in items]) for part in parts}
    return Structure(matched={"dt": len(items)} | matched)


def _no_listing(page: Page, tree: LexborHTMLParser) -> NotAListing:
    title = tree.css_first("title")
    words = text(title) if title else ""
    return NotAListing(
        page.url, f"not a listing of arXiv: no entry, no heading of a day or month; titled {words[:80]!a}"
    )
