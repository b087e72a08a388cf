"""How much work a page costs, in numbers that no clock and no machine changes: parses, decodings, validations.

What is slow is done once: a DOM of the blob's tag alone, one decoding of its JSON, one validation an item.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path
from typing import Any

import orjson
import pytest
from selectolax.lexbor import LexborHTMLParser

from dailypapers.parsers import Page, Paper, Parsed, ParseError, driver, parse
from dailypapers.parsers import markup as nodes
from dailypapers.parsers.hf import cards as hf_cards
from dailypapers.parsers.hf import html as hf_html
from tests.papersite import PaperSite, Request
from tests.support.copied_text import HEAD, ONE

DAY = date(2026, 8, 19)
CASES = Path(__file__).parents[1] / "fixtures" / "hf-daily"
MARKER = b'data-target="DailyPapers" data-props="'


def fixture(case: str) -> bytes:
    return next((CASES / case).glob("page.*")).read_bytes()


class Work:
    """What the real functions were asked for, in order."""

    def __init__(self) -> None:
        self.doms: list[str] = []
        self.decodings = 0
        self.tolerant = 0
        self.validations = 0

    def counting(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            setattr(self, name, getattr(self, name) + 1)
            return real(*given, **named)

        return counted

    def dom(self, html: bytes | str) -> LexborHTMLParser:
        self.doms.append(html if isinstance(html, str) else html.decode(errors="replace"))
        return LexborHTMLParser(html)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    counts = Work()
    for module in (hf_html, hf_cards, nodes):
        monkeypatch.setattr(module, "LexborHTMLParser", counts.dom)
    monkeypatch.setattr(orjson, "loads", counts.counting("decodings", orjson.loads))
    monkeypatch.setattr(json, "loads", counts.counting("tolerant", json.loads))
    validating = type("Validating", (), {"model_validate": counts.counting("validations", Paper.model_validate)})
    monkeypatch.setattr(driver, "Paper", validating)
    return counts


def read(content: bytes, parser: str, known: driver.ValidPapers | None = None) -> Parsed:
    return parse(Page("", 200, (), content, None), parser, source="hf-daily", day=DAY, known=known)


def tag_of(page: bytes) -> bytes:
    """The tag that holds the blob, from `<` to the attribute's end."""
    start = page.index(MARKER)
    end = page.index(b'"', start + len(MARKER))
    return page[page.rindex(b"<", 0, start) : end + 1]


@pytest.mark.parametrize("case", ["html-2024-day", "html-2026-day", "html-2026-week", "html-entities"])
def test_a_page_is_one_dom_of_the_blob_s_tag_and_one_decoding(work: Work, case: str) -> None:
    page = fixture(case)
    found = read(page, "hf_html")
    assert work.doms == [tag_of(page).decode() + ">"]
    assert (work.decodings, work.tolerant, work.validations) == (1, 0, found.items)
    assert found.items > 0


@pytest.mark.parametrize("before", [b"", b"<a>", b"<a>\n"])
def test_the_first_blob_counts_wherever_its_tag_begins(work: Work, before: bytes) -> None:
    tag = tag_of(fixture("html-2026-day"))
    second = b'"</div><div ' + MARKER + b'{}">'
    found = read(before + tag + b">" + second, "hf_html")
    assert (found.reading, work.doms) == ("blob", [tag.decode() + ">"])


def test_an_answer_is_one_decoding_and_no_dom(work: Work) -> None:
    found = read(fixture("api-2026-every-field"), "hf_api")
    assert (work.doms, work.decodings, work.tolerant, work.validations) == ([], 1, 0, found.items)


def test_one_paper_is_one_decoding(work: Work) -> None:
    read(b'{"id": "2608.99001", "title": "Lamps"}', "hf_paper")
    assert (work.doms, work.decodings, work.tolerant, work.validations) == ([], 1, 0, 1)


def test_what_the_strict_decoder_refuses_is_decoded_once_more(work: Work) -> None:
    found = read(fixture("api-lone-surrogate"), "hf_api")
    assert (work.decodings, work.tolerant) == (1, 1)
    # What cannot be written is not validated.
    assert work.validations == len(found.papers) < found.items


def test_broken_bytes_in_the_blob_cost_its_tag_a_second_dom(work: Work) -> None:
    page = fixture("html-invalid-utf8")
    read(page, "hf_html")
    assert len(work.doms) == 2
    assert max(map(len, work.doms)) < len(page)


def test_another_quoting_costs_one_dom_of_the_page(work: Work) -> None:
    page = fixture("html-2026-day").replace(MARKER, MARKER.replace(b'"', b"'", 2))
    assert read(page, "hf_html").reading == "blob"
    assert (work.doms, work.decodings) == ([page.decode()], 1)


def test_a_marker_inside_another_attribute_is_left_to_the_dom_of_the_page(work: Work) -> None:
    page = b"<p x='y " + MARKER + b"{}\">'>"
    with pytest.raises(ParseError):
        read(page, "hf_html")
    assert work.doms[0] == page.decode()


def test_cards_are_one_dom_of_the_page_and_one_of_each_card(work: Work) -> None:
    page = fixture("cards-2026")
    found = read(page, "hf_cards")
    assert len(work.doms) == 1 + found.items
    assert sum(map(len, work.doms[1:])) < len(page)
    assert (work.decodings, work.validations) == (0, found.items)


def test_a_page_without_its_blob_is_looked_through_three_times(work: Work) -> None:
    page = fixture("html-blob-gone-2026").decode()
    found = read(page.encode(), "hf_html")
    assert (found.reading, work.doms.count(page), len(work.doms)) == ("cards", 3, 3 + found.items)


def test_a_text_needs_no_dom_and_no_decoding(work: Work) -> None:
    found = read(f"{HEAD}Dec 18\n\n{ONE}\n\n{ONE}".encode(), "hf_text")
    assert (work.doms, work.decodings, work.tolerant, work.validations) == ([], 0, 0, found.items)


def test_the_scan_of_cards_for_a_build_makes_no_dom(work: Work) -> None:
    parsed = read(fixture("html-2026-day"), "hf_html")
    before = len(work.doms)
    assert parsed.structure().matched["article"] == parsed.items
    assert (len(work.doms), work.decodings) == (before, 1)


def both_views(*items: dict[str, Any]) -> tuple[bytes, bytes]:
    """The same items as an answer of the API and as a page."""
    answer = json.dumps(items)
    props = escape(json.dumps({"dailyPapers": items}))
    return answer.encode(), f'<div data-target="DailyPapers" data-props="{props}"></div>'.encode()


def test_an_item_that_both_views_show_alike_is_validated_once(work: Work) -> None:
    items = json.loads(fixture("api-2026-every-field"))
    answer, _ = both_views(*items)
    # The page has the fields in another order, and says what its reader upvoted.
    _, page = both_views(*(dict(reversed(item.items())) | {"upvoted": False} for item in items))
    known: driver.ValidPapers = {}
    api = read(answer, "hf_api", known)
    assert work.validations == len(items)
    html = read(page, "hf_html", known)
    assert work.validations == len(items)
    assert [paper.rank for paper in api.papers] == list(range(1, len(items) + 1))
    assert (html.papers, html.unknown) == (read(page, "hf_html").papers, read(page, "hf_html").unknown)


@pytest.mark.parametrize("upvotes", [1.0, True, "1", 2, None])
def test_an_item_that_is_only_equal_to_python_is_validated_again(work: Work, upvotes: object) -> None:
    item = {"paper": {"id": "2608.99001", "title": "Lamps", "upvotes": 1}}
    other = {"paper": {"id": "2608.99001", "title": "Lamps", "upvotes": upvotes}}
    known: driver.ValidPapers = {}
    read(both_views(item)[0], "hf_api", known)
    page = both_views(other)[1]
    shared, alone = read(page, "hf_html", known), read(page, "hf_html")
    assert (shared.papers, shared.rejects) == (alone.papers, alone.rejects)
    assert work.validations == 3


def test_an_item_is_the_same_in_each_form_of_its_own(work: Work) -> None:
    """A page that shows one paper has another form: what it shows is not an item of a list."""
    known: driver.ValidPapers = {}
    read(both_views({"paper": {"id": "2608.99001", "title": "Lamps"}})[0], "hf_api", known)
    read(b'{"id": "2608.99001", "title": "Lamps"}', "hf_paper", known)
    assert work.validations == 2


def test_the_views_of_a_day_of_the_paper_site_are_validated_once(work: Work) -> None:
    """As those of the real one, which differ in the order of their keys and in `upvoted`."""
    with PaperSite(seed=1, sizes={DAY: 5}, now=datetime(2026, 9, 1, tzinfo=UTC)) as site:
        paths = f"/api/daily_papers?date={DAY}&limit=100", f"/papers/date/{DAY}"
        answer, page = (site.serve(Request("GET", path)).body for path in paths)
    known: driver.ValidPapers = {}
    assert len(read(answer, "hf_api", known).papers) == len(read(page, "hf_html", known).papers) == 5
    assert work.validations == 5
