"""Where the parsers stop: what no listing has so much of is refused in words, and one less is read."""

import json
from collections.abc import Sequence

import pytest

from dailypapers.parsers import NotAListing, Page, Parsed, ParseError, parse
from dailypapers.parsers.hf.text_entries import Part, parts
from dailypapers.parsers.markup import excess

DEEP = "more than 400 elements that are open at once"
TAGS = "more than 50,000 tags"
ATTRIBUTES = "a tag with more than 1,000 attributes"
TITLE = '<h3><a href="/papers/2608.99001">Lamps</a></h3>'
VOTES = '<label><div class="leading-none">29</div></label>'


def read(content: str | bytes, parser: str) -> Parsed:
    body = content if isinstance(content, bytes) else content.encode()
    return parse(Page("", 200, (), body, None), parser, source="hf-daily")


def refusal(content: str | bytes, parser: str) -> ParseError:
    with pytest.raises(ParseError) as raised:
        read(content, parser)
    return raised.value


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([("<br>", 50_000)], None),
        ([("<br>", 50_001)], TAGS),
        ([("<BR>", 50_001)], TAGS),
        ([("</br>", 50_001)], None),
        ([("<p>", 400)], None),
        ([("<p>", 401)], DEEP),
        ([("<P></p>", 500)], None),
        ([("<p></P>", 500)], None),
        ([("</p>", 9), ("<p>", 400)], None),
        ([("</p>", 9), ("<p>", 401)], DEEP),
        ([("<p>", 2), ("</p>", 9), ("<p>", 401)], DEEP),
        ([("<p></p>", 9), ("<p>", 401)], DEEP),
        ([("<p></div>", 401)], DEEP),
        ([("<p>", 400), ("</p>", 1), ("<div>", 1)], None),
        ([("<path/>", 500)], None),
        ([("<path d='m'/>", 500)], None),
        ([("<PATH/>", 500)], None),
        ([("<path>", 401)], DEEP),
        ([("<p/>", 401)], DEEP),
        ([("<a>", 250), ("<br>", 250)], None),
        ([("<a>", 250), ("<br>", 251)], "250 formatting elements that nothing closes among 501 tags"),
        ([("<a>", 250), ("</a>", 250), ("<br>", 251)], "250 formatting elements that nothing closes among 501 tags"),
        ([("<a></a>", 1000)], None),
        ([("<b><i></i></b>", 1000)], None),
        ([("<p>", 400), ("<br>", 400)], None),
        ([("<b>", 50), ("<i>", 50), ("<br>", 1150)], None),
        ([("<b>", 50), ("<i>", 50), ("<br>", 1151)], "100 formatting elements that nothing closes among 1,251 tags"),
        ([("<p ", 1), ("a ", 1000), (">", 1)], None),
        ([("<p ", 1), ("a ", 1001), (">", 1)], ATTRIBUTES),
        ([("<p ", 1), ('a="1 2" ', 1000), (">", 1)], None),
        ([("<p ", 1), ("a='1 2' ", 1001), (">", 1)], ATTRIBUTES),
        ([('<p x="', 1), ("a ", 1500), ('">', 1)], None),
        ([("<p x='", 1), ("a ", 1500), ("'>", 1)], None),
        ([('<p x="', 1), ("a ", 1500), (">", 1)], None),
        ([("<br ", 1), ("a ", 1001), ("><br>", 1)], ATTRIBUTES),
        ([("<p ", 1), ("a< ", 1001), (">", 1)], ATTRIBUTES),
        ([('<p a=b="c', 1), (" d", 1001), ('">', 1)], ATTRIBUTES),
        ([('<p a= "', 1), (" d", 1500), ('">', 1)], None),
        ([('<p a="" b="', 1), (" d", 1500), ('">', 1)], None),
        ([("<div><!--</div>-->", 401)], DEEP),
        ([("<div><!--</div><?php></div>-->", 401)], DEEP),
        ([("<div><!-- x --></div>", 500)], None),
        ([("<!doctype html><div></div>", 500)], None),
        ([("<div>--></div>", 500)], None),
        ([("<!--", 1), ("<p>", 401)], DEEP),
        ([("a < b <3 ", 500)], None),
    ],
)
def test_what_an_html_parser_is_not_asked_to_read(pieces: Sequence[tuple[str, int]], problem: str | None) -> None:
    assert excess("".join(piece * times for piece, times in pieces).encode()) == problem


@pytest.mark.parametrize("parser", ["hf_html", "hf_cards"])
def test_a_page_of_too_much_is_refused_in_words(parser: str) -> None:
    error = refusal("<br>" * 50_001, parser)
    assert (type(error), error.url, str(error)) == (
        ParseError,
        "",
        f"page: the page has {TAGS}; no listing has so many",
    )


def test_a_listing_of_arxiv_may_have_more_tags() -> None:
    page = f"<h2>Authors and titles for August 2026</h2>{'<br>' * 119_999}"
    assert read(page, "arxiv_list").items == 0
    assert "more than 120,000 tags; no listing has so many" in str(refusal(page + "<br>", "arxiv_list"))


def items(*authors: int) -> bytes:
    """Items with this many wrong authors each."""
    papers = [{"id": f"2608.9900{at}", "title": "Lamps", "authors": [{}] * many} for at, many in enumerate(authors)]
    return json.dumps([{"paper": paper} for paper in papers]).encode()


def test_errors_beyond_what_anybody_reads_are_counted() -> None:
    full, last, counted = read(items(9_999, 1, 2), "hf_api").rejects
    assert (len(full.errors), len(last.errors), last.errors[0].path) == (9_999, 1, "authors.0.name")
    assert [(error.path, error.message) for error in counted.errors] == [
        ("", "2 errors, on a page that has more than 10000")
    ]


def test_errors_of_other_kinds_count_too_and_are_told() -> None:
    numbers = json.dumps([7, *json.loads(items(9_999, 2)), 7]).encode()
    first, full, counted, last = read(numbers, "hf_api").rejects
    assert first.errors == last.errors
    assert len(full.errors) == 9_999
    assert first.errors[0].message == "expected an object with a paper, found the value 7"
    assert [error.message for error in counted.errors] == ["2 errors, on a page that has more than 10000"]


@pytest.mark.parametrize("name", ["authors", "ai_keywords", "mediaUrls"])
def test_a_list_that_no_paper_has_is_refused_by_its_length(name: str) -> None:
    paper: dict[str, object] = {"id": "2608.99001", "title": "Lamps"}
    value = {"name": "A"} if name == "authors" else "x"
    found = read(json.dumps([{"paper": paper | {name: [value] * 10_000}}]).encode(), "hf_api")
    assert (len(found.papers), len(found.rejects)) == (1, 0)
    item = {"paper": paper | {name: [value] * 10_001}}
    (reject,) = read(json.dumps([item]).encode(), "hf_api").rejects
    assert [(error.path, error.message) for error in reject.errors] == [
        ("", "holds a list of 10001; no paper has more than 10000 of anything")
    ]


def test_a_text_of_more_blocks_than_any_listing_is_refused() -> None:
    text = "a\n\n" * 50_000
    assert parts(text) == [Part("a")] * 50_000
    error = refusal(text + "a", "hf_text")
    assert error.url == ""
    assert str(error) == "page: more than 50000 blocks of text; no listing has so many"


@pytest.mark.parametrize(("others", "error"), [(19, NotAListing), (20, ParseError)])
def test_twenty_headings_are_looked_at(others: int, error: type[ParseError]) -> None:
    assert type(refusal("<h2>x</h2>" * others + "<h2>captcha</h2>", "hf_html")) is error


def test_a_thousand_characters_are_a_label() -> None:
    said = "· 6 authors"
    for blanks, count in ((1_000 - len(said), 6), (1_001 - len(said), None)):
        card = f"<article>{TITLE}{VOTES}<li>{' ' * blanks}{said}</li></article>"
        assert read(card, "hf_cards").papers[0].author_count == count


def test_a_card_that_holds_another_is_refused_and_the_inner_one_read() -> None:
    for broken in (b"", b"\xff"):
        page = f"<article>{TITLE}{VOTES}<article>{TITLE}{VOTES}</article></article>".encode() + broken
        found = read(page, "hf_cards")
        assert [paper.title for paper in found.papers] == ["Lamps"]
        assert [(reject.raw, reject.errors[0].message) for reject in found.rejects] == [
            ("(left out)", "holds another card: its end tag is missing")
        ]
