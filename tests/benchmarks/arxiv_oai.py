"""Row 13: from a page of arXiv's OAI-PMH to validated JSON lines."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from xml.etree import ElementTree

from dailypapers.parsers import parse
from dailypapers.parsers.links import repository
from dailypapers.parsers.model import Page
from dailypapers.snapshots.writer import day_bytes
from tests.benchmarks.arxiv_records import DAY, NOW, SOURCE, author, papers, record
from tests.benchmarks.same import check
from tests.benchmarks.table import Table, Target, figures
from tests.benchmarks.turns import Contender, take_turns
from tests.papersite.arxiv import oai

TURNS = 20
RECORDS = 280
WALK = "ElementTree walk + json, not validated"
TARGETS = (Target(WALK, 1.5),)

_OAI, _ARXIV = "{http://www.openarchives.org/OAI/2.0/}", "{http://arxiv.org/OAI/arXiv/}"


def measure() -> list[Table]:
    page = answer()
    check(written(page), walked(page.body), WALK)
    contenders = [
        Contender("ours", "parsers.parse + day file, validated", partial(written, page)),
        Contender("peer", WALK, partial(walked, page.body)),
    ]
    work = f"arXiv OAI-PMH ({len(page.body) // 1000} kB, {RECORDS} records) -> JSON lines"
    return [Table(13, work, figures(contenders, take_turns(contenders, TURNS)), TARGETS)]


def answer() -> Page:
    found = [oai.record(paper, DAY) for paper in papers(RECORDS)]
    body = oai.answer(NOW, {"verb": "ListRecords"}, oai.records(found)).encode()
    return Page("https://oaipmh.arxiv.org/oai", 200, (), body, None)


def written(page: Page) -> bytes:
    """Ours."""
    return day_bytes(parse(page, "arxiv_oai", source=SOURCE).papers)


def walked(body: bytes) -> bytes:
    records = ElementTree.fromstring(body).iter(f"{_OAI}record")
    return "\n".join(json.dumps(_record(each), ensure_ascii=False) for each in records).encode()


def _record(element: ElementTree.Element) -> dict[str, Any]:
    metadata = element.find(f"{_OAI}metadata/{_ARXIV}arXiv")
    assert metadata is not None

    def text(name: str, parent: ElementTree.Element = metadata) -> str | None:
        found = parent.findtext(f"{_ARXIV}{name}")
        return " ".join(found.split()) if found else None

    authors = [
        author(
            " ".join(filter(None, (text(part, each) for part in ("forenames", "keyname", "suffix")))),
            [place.text or "" for place in each.findall(f"{_ARXIV}affiliation")],
        )
        for each in metadata.iterfind(f"{_ARXIV}authors/{_ARXIV}author")
    ]
    comment = text("comments")
    extra = {name: text(name) for name in ("acm-class", "msc-class", "report-no")}
    return record(
        arxiv_id=text("id"),
        title=text("title"),
        abstract=text("abstract"),
        authors=authors,
        author_count=len(authors),
        published=text("created"),
        updated=text("updated"),
        doi=text("doi"),
        journal_ref=text("journal-ref"),
        author_comment=comment,
        license=text("license"),
        categories=(text("categories") or "").split(),
        code_url=repository(text("abstract")) or repository(comment),
        withdrawn=bool(comment and comment.startswith("This paper has been withdrawn")),
        extra={
            **{name: value for name, value in extra.items() if value},
            "datestamp": element.findtext(f"{_OAI}header/{_OAI}datestamp"),
        },
    )
