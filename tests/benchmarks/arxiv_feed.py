"""Row 3: from an answer of arXiv's query API to validated JSON lines."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import feedparser

from dailypapers.parsers import parse
from dailypapers.parsers.links import repository
from dailypapers.parsers.model import Page
from dailypapers.snapshots.writer import day_bytes
from tests.benchmarks.arxiv_records import NOW, SOURCE, author, papers, record
from tests.benchmarks.same import check
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, take_turns
from tests.papersite.arxiv import atom

TURNS = 20
ENTRIES = 100
FLOOR, WALK, PEER = "expat tokenising", "ElementTree walk + json, not validated", "feedparser, its own fields"
TARGETS = (Target(FLOOR, 10), Target(PEER, 1 / 12))
REMARK = "feedparser gives no author affiliations and no primary category; it is shown as what its users wait for"

_NAMESPACES = {"": "http://www.w3.org/2005/Atom", "arxiv": "http://arxiv.org/schemas/atom"}


def measure() -> list[Table]:
    page = answer()
    check(written(page), walked(page.body), WALK)
    contenders = [
        Contender("ours", "parsers.parse + day file, validated", partial(written, page)),
        Contender("floor", FLOOR, partial(tokenised, page.body)),
        Contender("peer", WALK, partial(walked, page.body)),
        Contender("peer", PEER, lambda: len(feedparser.parse(page.body).entries)),
    ]
    work = f"arXiv Atom ({len(page.body) // 1000} kB, {ENTRIES} entries) -> JSON lines"
    return [Table(3, work, figures(contenders, take_turns(contenders, TURNS)), TARGETS, (REMARK,))]


def answer() -> Page:
    body = atom.feed(papers(ENTRIES), "search_query=cat:cs.CL", total=ENTRIES, start=0, size=ENTRIES, now=NOW).encode()
    return Page("https://export.arxiv.org/api/query", 200, (), body, None)


def written(page: Page) -> bytes:
    """Ours."""
    return day_bytes(parse(page, "arxiv_atom", source=SOURCE).papers)


def tokenised(body: bytes) -> int:
    return expat.ParserCreate().Parse(body, True)


def walked(body: bytes) -> bytes:
    entries = ElementTree.fromstring(body).findall("entry", _NAMESPACES)
    return "\n".join(json.dumps(_entry(entry), ensure_ascii=False) for entry in entries).encode()


def _entry(entry: ElementTree.Element) -> dict[str, Any]:
    def text(path: str) -> str | None:
        found = entry.findtext(path, namespaces=_NAMESPACES)
        return " ".join(found.split()) if found else None

    arxiv_id, _, version = (text("id") or "").partition("/abs/")[2].partition("v")
    terms = [category.get("term", "") for category in entry.findall("category", _NAMESPACES)]
    classes = [term for term in terms if re.search(r"\d", term)]
    authors = [
        author(
            each.findtext("name", "", _NAMESPACES),
            [place.text or "" for place in each.findall("arxiv:affiliation", _NAMESPACES)],
        )
        for each in entry.findall("author", _NAMESPACES)
    ]
    comment = text("arxiv:comment")
    return record(
        arxiv_id=arxiv_id,
        arxiv_version=int(version),
        title=text("title"),
        abstract=text("summary"),
        authors=authors,
        author_count=len(authors),
        published=(text("published") or "")[:10],
        updated=(text("updated") or "")[:10],
        doi=text("arxiv:doi"),
        journal_ref=text("arxiv:journal_ref"),
        author_comment=comment,
        categories=[term for term in terms if term not in classes],
        code_url=repository(text("summary")) or repository(comment),
        withdrawn=bool(comment and comment.startswith("This paper has been withdrawn")),
        extra={"classes": "; ".join(classes)} if classes else {},
    )
