"""The whole messages for pages of arXiv that no parser can read, and for single items."""

from __future__ import annotations

import pyexpat

import pytest

from dailypapers.parsers import NotAListing, Page, Parsed, ParseError, parse
from tests.parsers.test_refusals import URL, refused

LONG = "x" * 300
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:s='http://a9.com/-/spec/opensearch/1.1/'"
    " xmlns:arxiv='http://arxiv.org/schemas/atom'>{}</feed>"
)
TOTAL = "<s:totalResults>2</s:totalResults>"


def read(text: str | bytes, parser: str, url: str = URL) -> Parsed:
    content = text.encode() if isinstance(text, str) else text
    return parse(Page(url, 200, (), content, None), parser, source="arxiv")


def feed(*entries: str, total: str = TOTAL) -> str:
    return ATOM.format(total + "".join(f"<entry>{entry}</entry>" for entry in entries))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected XML, found nothing"),
        (b" \r\n", "expected XML, found nothing"),
        (b"Rate exceeded.", "expected XML, found the text 'Rate exceeded.'"),
        (b"\xffoops", "expected XML, found the text '\\ufffdoops'"),
        (LONG.encode(), f"expected XML, found the text '{LONG[:60]}'"),
        (b"<?xml version='1.0'?><!DOCTYPE feed><feed/>", "the page has a DOCTYPE: no answer of arXiv has one"),
    ],
)
@pytest.mark.parametrize("parser", ["arxiv_atom", "arxiv_oai", "arxiv_rss"])
def test_what_is_no_xml(content: bytes, reason: str, parser: str) -> None:
    error = refused(content, parser)
    assert (type(error), error.reason) == (NotAListing, reason)


@pytest.mark.parametrize(
    ("content", "parser", "reason"),
    [
        (b"<feed>", "arxiv_atom", "no valid XML: no element found: line 1, column 6"),
        # Also after its broken character was replaced.
        (b"<feed>\x01", "arxiv_atom", "no valid XML: no element found: line 1, column 7"),
        (b"<feed/>", "arxiv_atom", "expected a feed with totalResults, found <feed>"),
        (
            ATOM.format("").encode(),
            "arxiv_atom",
            "expected a feed with totalResults, found <{http://www.w3.org/2005/Atom}feed>",
        ),
        (b"<html/>", "arxiv_rss", "expected an RSS or Atom feed of announcements, found <html>"),
        (b"<rss/>", "arxiv_rss", "expected an RSS or Atom feed of announcements, found <rss>"),
        (b"<feed/>", "arxiv_oai", "expected an answer of OAI-PMH, found <feed>"),
        (b"<OAI-PMH/>", "arxiv_oai", "expected records of OAI-PMH, found nothing"),
        (
            b"<OAI-PMH><request/><Identify/></OAI-PMH>",
            "arxiv_oai",
            "expected records of OAI-PMH, found request, Identify",
        ),
        (
            f"<OAI-PMH><{LONG}/></OAI-PMH>".encode(),
            "arxiv_oai",
            f"expected records of OAI-PMH, found {LONG[:200]}",
        ),
    ],
)
def test_xml_that_is_no_such_listing(content: bytes, parser: str, reason: str) -> None:
    error = refused(content, parser)
    assert (type(error), error.reason) == (ParseError, reason)


ERROR = "<id>http://arxiv.org/api/errors#x</id><title>Error</title>"


@pytest.mark.parametrize(
    ("content", "parser", "reason"),
    [
        (feed(ERROR), "arxiv_atom", "the API answers with an error: ''"),
        (feed(f"{ERROR}<summary> no  such id </summary>"), "arxiv_atom", "the API answers with an error: 'no such id'"),
        (
            "<OAI-PMH><error>who  knows</error></OAI-PMH>",
            "arxiv_oai",
            "the site answers with the error '': 'who knows'",
        ),
        (
            f"<OAI-PMH><error code='{LONG}'>{LONG}</error></OAI-PMH>",
            "arxiv_oai",
            f"the site answers with the error '{LONG[:50]}': '{LONG[:200]}'",
        ),
        (
            f"<rss><channel><title>Feed error {LONG}</title></channel></rss>",
            "arxiv_rss",
            f"the feed is an error: '{f'Feed error {LONG}'[:200]}'",
        ),
        (
            "<p>",
            "arxiv_list",
            "not a listing of arXiv: no entry, no heading of a day or month; titled ''",
        ),
        (
            f"<title>{LONG}</title>",
            "arxiv_list",
            f"not a listing of arXiv: no entry, no heading of a day or month; titled '{LONG[:80]}'",
        ),
        ("<p>", "arxiv_abs", "not the page of a paper: no citation_arxiv_id, titled ''"),
        (f"<title>{LONG}</title>", "arxiv_abs", f"not the page of a paper: no citation_arxiv_id, titled '{LONG[:80]}'"),
    ],
)
def test_a_page_that_says_it_is_another_one(content: str, parser: str, reason: str) -> None:
    error = refused(content.encode(), parser)
    assert (type(error), error.reason) == (NotAListing, reason)


@pytest.mark.parametrize("parser", ["arxiv_list", "arxiv_abs"])
def test_a_page_with_too_many_tags_is_refused_by_name(parser: str) -> None:
    error = refused(b"<br>" * 130_000, parser)
    name = {"arxiv_list": "not a listing of arXiv: ", "arxiv_abs": "not the page of a paper: "}[parser]
    assert (type(error), error.reason.startswith(name)) == (ParseError, True)


def test_an_entry_with_the_title_of_an_error_is_a_paper() -> None:
    entry = "<id>http://arxiv.org/abs/2608.00001v1</id><title>Error</title>"
    assert [paper.title for paper in read(feed(entry), "arxiv_atom").papers] == ["Error"]


@pytest.mark.parametrize("version", [(2, 4, 0), (2, 3, 9)])
def test_an_old_expat_reads_nothing(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]) -> None:
    monkeypatch.setattr(pyexpat, "version_info", version)
    reason = f"this Python has {pyexpat.EXPAT_VERSION}, XML needs 2.4.1 or newer: update Python"
    assert refused(feed().encode(), "arxiv_atom").reason == reason


def test_the_first_safe_expat_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyexpat, "version_info", (2, 4, 1))
    assert read(feed(), "arxiv_atom").items == 0


BROKEN = "contains a broken byte or a character that XML does not allow, shown here as U+FDD0"


@pytest.mark.parametrize(
    "bad",
    [
        *(b"\xff", b"\x00", b"\x08", b"\x0b", b"\x1f", b"\xef\xbf\xbe", b"\xed\xa0\x80"),
        *(b"&#0;", b"&#31;", b"&#x1F;", b"&#x1f;", b"&#xD800;", b"&#xFFFF;", b"&#65535;", b"&#x110000;", b"&#1114112;"),
    ],
)
def test_a_character_that_xml_has_not_costs_its_entry_alone(bad: bytes) -> None:
    entries = "<id>http://arxiv.org/abs/2608.0000{}v1</id><title>Lamps {} &#x10FFFF; &#1114111; &#9;</title>"
    text = feed(entries.format(1, "BAD"), entries.format(2, "&#x20;")).encode().replace(b"BAD", bad)
    parsed = read(text, "arxiv_atom")
    assert [(reject.position, *map(str, reject.errors)) for reject in parsed.rejects] == [(1, BROKEN)]
    assert [paper.title for paper in parsed.papers] == ["Lamps \U0010ffff \U0010ffff"]
