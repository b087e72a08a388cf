"""Every form in which arXiv shows its papers tells the parsers what the invented papers are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dailypapers.parsers import Claims, NotAListing, Page, Parsed, parse
from dailypapers.parsers.model import line
from tests.papersite.arxiv import atom, feeds, listing, oai, paper_page
from tests.papersite.arxiv.announcements import Announcements, Listed, Sizes, midnight
from tests.papersite.arxiv.papers import ArxivPaper

DAY = date(2026, 8, 12)
NOW = datetime(2026, 8, 12, 6, tzinfo=UTC)
BUSY = Sizes(79, 132, 28)
LISTED = Announcements({DAY: BUSY}).of("cs.CL", DAY)
PAPERS = [listed.paper for listed in LISTED]


def read(text: str, parser: str, url: str = "https://arxiv.org/") -> Parsed:
    return parse(Page(url, 200, (), text.encode(), None), parser, source="arxiv", day=None)


def facts(paper: ArxivPaper, *names: str) -> dict[str, Any]:
    """What every form shows, and the named rest."""
    of_some = {
        "arxiv_version": paper.version,
        "abstract": paper.abstract,
        "published": f"{paper.published:%Y-%m-%d}",
        "updated": f"{paper.updated:%Y-%m-%d}",
        "doi": paper.doi or None,
        "journal_ref": paper.journal_ref or None,
        "author_comment": paper.comment or None,
        "license": paper.license,
        "submitter": paper.submitter,
        "categories": [*paper.categories],
        "withdrawn": paper.withdrawn,
    }
    of_all = {
        "key": f"arxiv:{paper.id}",
        "title": paper.title,
        "author_count": len(paper.authors),
        "url": f"https://arxiv.org/abs/{paper.id}",
        "pdf_url": f"https://arxiv.org/pdf/{paper.id}",
    }
    return of_all | {name: of_some[name] for name in names}


def names_of(paper: ArxivPaper, *, affiliations: bool = False) -> list[tuple[str, str | None]]:
    return [(each.name, "; ".join(each.affiliations) or None if affiliations else None) for each in paper.authors]


def assert_reads(
    parsed: Parsed, papers: Sequence[ArxivPaper], *names: str, affiliations: bool = False, **more: Any
) -> None:
    assert (parsed.rejects, parsed.unknown, parsed.items) == ([], {}, len(papers))
    for record, paper in zip(parsed.papers, papers, strict=True):
        got = json.loads(line(record))
        want = facts(paper, *names) | more
        assert {name: got[name] for name in want} == want
        assert [(each["name"], each["affiliation"]) for each in got["authors"]] == names_of(
            paper, affiliations=affiliations
        )


def test_the_papers_have_what_makes_parsing_hard() -> None:
    assert len({paper.id for paper in PAPERS}) == len(PAPERS) == sum(BUSY) == 239
    for name in ("comment", "journal_ref", "doi", "report", "classes", "withdrawn"):
        assert 0 < sum(bool(getattr(paper, name)) for paper in PAPERS) < len(PAPERS), name
    assert any(author.tex != author.name for paper in PAPERS for author in paper.authors)
    assert {listed.announce_type for listed in LISTED} == {"new", "cross", "replace", "replace-cross"}


def test_the_query_api() -> None:
    parsed = read(atom.feed(PAPERS, "search_query=cat:cs.CL", total=7000, start=0, size=300, now=NOW), "arxiv_atom")
    shown = ("arxiv_version", "abstract", "published", "updated", "doi", "journal_ref", "author_comment", "categories")
    assert_reads(parsed, PAPERS, *shown, "withdrawn", affiliations=True)
    assert parsed.claims == Claims(promised=7000)
    assert [paper.extra for paper in parsed.papers] == [
        {"classes": "; ".join(paper.classes)} if paper.classes else {} for paper in PAPERS
    ]


def test_the_error_of_the_query_api() -> None:
    with pytest.raises(NotAListing, match="the API answers with an error: 'incorrect id format for x'"):
        read(atom.error("incorrect id format for x", NOW), "arxiv_atom")


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_the_feeds(form: str) -> None:
    make = {"rss": feeds.rss, "atom": feeds.atom}[form]
    parsed = read(make("cs.CL", LISTED, midnight(DAY), NOW), "arxiv_rss")
    assert (parsed.reading, parsed.claims) == ({"rss": "rss", "atom": "feed"}[form], Claims(DAY, "day"))
    shown = ("arxiv_version", "abstract", "doi", "journal_ref", "license", "categories")
    assert_reads(parsed, PAPERS, *shown, listed=str(DAY))
    assert [paper.announce_type for paper in parsed.papers] == [listed.announce_type for listed in LISTED]


@pytest.mark.parametrize(
    ("make", "claims"), [(feeds.rss, Claims(date(2026, 8, 15), "day")), (feeds.atom, Claims())], ids=["rss", "atom"]
)
def test_an_empty_feed(make: Any, claims: Claims) -> None:
    parsed = read(make("cs.CL", [], midnight(date(2026, 8, 15)), NOW), "arxiv_rss")
    assert (parsed.items, parsed.claims) == (0, claims)


def test_the_error_of_a_feed() -> None:
    with pytest.raises(NotAListing, match=r"the feed is an error: 'Feed error for query: cs.XX'"):
        read(feeds.error("cs.XX", "no such category", NOW), "arxiv_rss")


def assert_lists(parsed: Parsed, listed: Sequence[Listed], *names: str, **more: Any) -> None:
    papers = [each.paper for each in listed]
    assert_reads(parsed, papers, "categories", "author_comment", "journal_ref", *names, **more)
    versions = [paper.version if listing.has_html(paper) else None for paper in papers]
    assert [paper.arxiv_version for paper in parsed.papers] == versions


def test_new() -> None:
    parsed = read(listing.new_page("cs.CL", DAY, LISTED), "arxiv_list")
    assert_lists(parsed, LISTED, "abstract", "withdrawn")
    assert parsed.claims == Claims(DAY, "day", 239)
    assert [paper.announce_type for paper in parsed.papers] == [listed.section for listed in LISTED]
    assert parsed.structure().matched["dt"] == parsed.structure().matched["abstract"] == 239


def test_an_entry_that_is_missing_below_its_heading_is_named() -> None:
    page = listing.new_page("cs.CL", DAY, LISTED)
    gone = listing.entry(LISTED[100], 101, abstracts=True)
    assert gone in page
    parsed = read(page.replace(gone, ""), "arxiv_list")
    note = "Cross submissions: the heading promises 132 entries, the page shows 131"
    assert (parsed.items, parsed.claims) == (238, Claims(DAY, "day", 239, notes=(note,)))


@pytest.mark.parametrize(("skip", "show"), [(0, 50), (50, 50), (200, 25), (75, 100)])
def test_a_page_of_new(skip: int, show: int) -> None:
    parsed = read(listing.new_page("cs.CL", DAY, LISTED, skip=skip, show=show), "arxiv_list")
    assert_lists(parsed, LISTED[skip : skip + show])
    assert parsed.claims == Claims(DAY, "day", 239)


def test_new_without_entries() -> None:
    parsed = read(listing.new_page("cs.CL", DAY, []), "arxiv_list")
    assert (parsed.items, parsed.claims) == (0, Claims(DAY, "day"))


@pytest.mark.parametrize("abstracts", [True, False])
def test_catchup(abstracts: bool) -> None:
    parsed = read(listing.catchup_page("cs.CL", DAY, LISTED, abstracts=abstracts), "arxiv_list")
    assert_lists(parsed, LISTED, *(["abstract"] if abstracts else []))
    assert parsed.claims == Claims(DAY, "day", 239)


def test_recent() -> None:
    announcements = Announcements({})
    days = [(day, announcements.new_and_cross("cs.CL", day)) for day in (date(2026, 8, 12), date(2026, 8, 11))]
    parsed = read(listing.recent_page("cs.CL", days, show=len(days[0][1]) + 5), "arxiv_list")
    shown = [(day, each) for day, listed in days for each in listed][: len(days[0][1]) + 5]
    assert_lists(parsed, [each for _, each in shown])
    assert [paper.listed for paper in parsed.papers] == [day for day, _ in shown]
    marks = [None if each.announce_type == "new" else "cross" for _, each in shown]
    assert [paper.announce_type for paper in parsed.papers] == marks
    assert parsed.claims == Claims(period="mixed", promised=sum(len(listed) for _, listed in days))


@pytest.mark.parametrize(
    ("title", "claims"),
    [("August 2026", Claims(date(2026, 8, 1), "month", 239)), ("2026", Claims(date(2026, 1, 1), "year", 239))],
)
def test_a_month_and_a_year(title: str, claims: Claims) -> None:
    parsed = read(listing.period_page("cs.CL", title, LISTED, skip=50, show=100), "arxiv_list")
    assert_lists(parsed, LISTED[50:150])
    assert parsed.claims == claims


@pytest.mark.parametrize("form", ["arXiv", "arXivRaw", "oai_dc"])
def test_oai_pmh(form: str) -> None:
    request = {"verb": "ListRecords", "metadataPrefix": form, "from": str(DAY), "until": str(DAY)}
    found = [oai.record(paper, DAY, form) for paper in PAPERS]
    url = f"https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix={form}"
    parsed = read(oai.answer(NOW, request, oai.records(found, "7|1001&x")), "arxiv_oai", url)
    shown = {
        "arXiv": ("doi", "license", "categories"),
        "arXivRaw": ("doi", "license", "categories", "arxiv_version", "updated", "submitter"),
        "oai_dc": ("doi",),
    }[form]
    common = ("abstract", "published", "journal_ref", "author_comment", "withdrawn")
    assert_reads(parsed, PAPERS, *common, *shown, affiliations=form != "oai_dc")
    more = "https://oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken=7%7C1001%26x"
    assert parsed.claims == Claims(day=DAY, next_url=more)
    if form != "arXivRaw":
        dates = [f"{paper.updated:%Y-%m-%d}" if paper.version > 1 else None for paper in PAPERS]
        assert [paper.updated and str(paper.updated) for paper in parsed.papers] == dates


def test_oai_pmh_without_records() -> None:
    body = oai.error("noRecordsMatch", "The combination of the values results in an empty list.")
    parsed = read(oai.answer(NOW, {"verb": "ListRecords"}, body), "arxiv_oai")
    assert (parsed.items, parsed.claims.notes) == (0, ("noRecordsMatch: the site says that there are no records",))


def test_oai_pmh_names_deleted_records() -> None:
    body = oai.records([oai.record(PAPERS[0], DAY), oai.deleted(PAPERS[1], DAY)], "")
    parsed = read(oai.answer(NOW, {"verb": "ListRecords"}, body), "arxiv_oai")
    assert_reads(parsed, PAPERS[:1], affiliations=True)
    assert parsed.claims == Claims(notes=(f"deleted: 'oai:arXiv.org:{PAPERS[1].id}'",))


def test_an_error_of_oai_pmh() -> None:
    with pytest.raises(NotAListing, match="error 'badResumptionToken': 'The value of the token has expired'"):
        read(oai.answer(NOW, {}, oai.error("badResumptionToken", "The value of the token has expired")), "arxiv_oai")


@pytest.mark.parametrize("place", range(0, 239, 7))
def test_the_page_of_a_paper(place: int) -> None:
    paper = PAPERS[place]
    parsed = read(paper_page.paper_page(paper), "arxiv_abs")
    shown = ("arxiv_version", "abstract", "published", "updated", "doi", "journal_ref", "author_comment", "license")
    assert_reads(parsed, [paper], *shown, "submitter", "categories", "withdrawn")
    (record,) = parsed.papers
    msc, acm = paper.classes or (None, None)
    extra = {"acm-class": acm, "msc-class": msc, "report-no": paper.report or None}
    assert record.extra == {name: value for name, value in extra.items() if value}


def test_the_page_of_an_older_version_of_a_withdrawn_paper() -> None:
    paper = next(paper for paper in PAPERS if paper.withdrawn)
    page = paper_page.paper_page(paper, 1)
    page = page.replace("This paper has been withdrawn", "There is a newer version").replace(paper.comment, "5 pages")
    (record,) = read(page, "arxiv_abs").papers
    assert (record.arxiv_version, record.withdrawn, record.updated) == (1, False, paper.published.date())
