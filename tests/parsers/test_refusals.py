"""The whole messages for pages that no parser can read, since the user sees nothing else."""

from datetime import date
from typing import Any

import pytest

from dailypapers.parsers import NotAListing, Page, ParseError, parse
from dailypapers.parsers.markup import SelectionError, body

URL = "https://site.example/papers"
NO_CARD = "no card (article with a link to /papers/ID)"
NO_BLOB = "the hydration blob is gone: nothing has data-target=DailyPapers and data-props"
LONG = "x" * 300


def refused(content: bytes, parser: str, status: int = 200, day: date | None = None) -> ParseError:
    with pytest.raises(ParseError) as raised:
        parse(Page(URL, status, (), content, None), parser, source="hf-daily", day=day)
    assert (raised.value.url, str(raised.value)) == (URL, f"{URL}: {raised.value.reason}")
    return raised.value


@pytest.mark.parametrize(
    ("content", "parser", "reason"),
    [
        (b"<p>", "hf_html", f"a page without a listing: {NO_BLOB} and {NO_CARD}; has the site changed?"),
        (b"<p>", "hf_cards", f"a page without a listing: {NO_CARD}; has the site changed?"),
        (
            b"<article><a href='/blog'></a></article>",
            "hf_cards",
            f"a page without a listing: {NO_CARD}; has the site changed?",
        ),
        (
            b'<p data-target="DailyPapers" data-props="{',
            "hf_html",
            f"a page without a listing: the page ends inside the hydration blob: it was cut off and {NO_CARD}; "
            "has the site changed?",
        ),
        (
            b"{",
            "hf_paper",
            "no valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (b"[1, 2]", "hf_paper", "expected a paper with an id, found a list of 2"),
        (b'{"title": "Lamps"}', "hf_paper", "expected a paper with an id, found an object with the keys 'title'"),
        (b'["error"]', "hf_paper", "expected a paper with an id, found a list of 1"),
        (b"[", "hf_api", "no valid JSON: Expecting value: line 1 column 2 (char 1)"),
        (b"X<p>", "hf_api", "no valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"7", "hf_api", "expected a list of items, found the value 7"),
        (b"[7, 8]", "hf_api", "none of 2 items has a paper, the first is the value 7"),
        (b"[" * 100_000, "hf_api", "no valid JSON: nested too deeply to be read"),
    ],
)
def test_a_page_that_cannot_be_read(content: bytes, parser: str, reason: str) -> None:
    error = refused(content, parser)
    assert (type(error), error.reason) == (ParseError, reason)


GRID = b'<p data-target="Menu" data-props="{}"></p><div id="x" data-target="PaperGrid" data-state=\'%s\'></div>'


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (b'{"query": "", "papers": [7, {"paper": {}}]}', True),
        (b'{"tags": ["a"], "papers": [{"paper": {}}]}', True),
        (b'{"papers": [{"paper": 7}]}', False),
        (b'{"papers": {"paper": {}}}', False),
        (b'[{"paper": {}}]', False),
        (b"{", False),
        (b"", False),
    ],
)
def test_a_blob_by_another_name_is_known_by_its_papers(inside: bytes, found: bool) -> None:
    renamed = "the hydration blob is renamed: a list of papers is in data-state behind data-target=PaperGrid"
    reason = refused(GRID % inside, "hf_html").reason
    assert reason == f"a page without a listing: {renamed if found else NO_BLOB} and {NO_CARD}; has the site changed?"


def test_cards_by_another_name_are_known_by_their_links() -> None:
    links = ("2608.99001", "2608.99002v2", "2608.99001", "trending", "date/2026-08-19")
    page = "".join(f'<section><a href="/papers/{link}"></a><a></a></section>' for link in links)
    assert refused(page.encode(), "hf_cards").reason == (
        "a page without a listing: the cards are renamed: 2 papers are linked, none of them in an article; "
        "has the site changed?"
    )


@pytest.mark.parametrize(
    ("content", "parser", "status", "reason"),
    [
        (b"", "hf_html", 200, "the page is empty"),
        (b"\xef\xbb\xbf \t\r\n", "hf_html", 200, "the page is empty"),
        (b" " * 512 + b"<p>", "hf_html", 200, "the page is empty"),
        (b"X<p>", "hf_html", 200, "no HTML page, it begins with 'X<p>'; is it an API answer? Try hf_api"),
        (b" \xef\xbb\xbf[1]", "hf_html", 200, "no HTML page, it begins with '[1]'; is it an API answer? Try hf_api"),
        (
            b"\xff" + b"y" * 50,
            "hf_html",
            200,
            f"no HTML page, it begins with '\\ufffd{'y' * 39}'; is it an API answer? Try hf_api",
        ),
        (
            b"<title>Just a moment</title>",
            "hf_html",
            403,
            "a challenge page came, the site took us for a bot: its title is 'Just a moment'",
        ),
        (
            b"<h1>Are you a  human?</h1>",
            "hf_html",
            200,
            "a challenge page came, the site took us for a bot: its title is 'Are you a human?'",
        ),
        (
            b"<h1>Lamps</h1><h2>captcha</h2>",
            "hf_html",
            200,
            "a challenge page came, the site took us for a bot: its title is 'Lamps'",
        ),
        (b"<p>", "hf_html", 400, "an error page came (status 400): it has no title"),
        (b"<title>502</title>", "hf_html", 200, "an error page came (status 200): its title is '502'"),
        (
            f"<title>Not found {LONG}</title>".encode(),
            "hf_html",
            200,
            f"an error page came (status 200): its title is 'Not found {LONG[:190]}'",
        ),
        (
            b'<title>Lamps</title><p data-target="PaperContent">',
            "hf_html",
            200,
            "the page of one paper, not a listing: its title is 'Lamps'",
        ),
        (b"", "hf_api", 200, "the answer is empty, not even an empty list"),
        (b"\xef\xbb\xbf \t\r\n", "hf_api", 200, "the answer is empty, not even an empty list"),
        (b" " * 512 + b"[]", "hf_api", 200, "the answer is empty, not even an empty list"),
        (b"\xef\xbb\xbf <p>", "hf_api", 200, "an HTML page came where the API answers JSON, it has no title"),
        (b"<title></title>", "hf_api", 200, "an HTML page came where the API answers JSON, it has no title"),
        (
            b"<Title lang=en>502 \xff\n Bad</title>",
            "hf_api",
            200,
            "an HTML page came where the API answers JSON, its title is '502 \\ufffd Bad'",
        ),
        (
            f"<title>{LONG}</title>".encode(),
            "hf_api",
            200,
            f"an HTML page came where the API answers JSON, its title is '{LONG[:200]}'",
        ),
        (
            b'{"error": "Too big"}',
            "hf_api",
            400,
            "the API answers with an error (status 400): the text 'Too big'",
        ),
        (
            b'{"error": "Paper not found"}',
            "hf_paper",
            404,
            "the API answers with an error (status 404): the text 'Paper not found'",
        ),
        (b" \n", "hf_text", 200, "the text is empty"),
        (b" " * 512 + b"x", "hf_text", 200, "the text is empty"),
        (b"\n A  b\n\0", "hf_text", 200, "binary data, no text; it begins with 'A b'"),
        (b"<!DOCTYPE html>", "hf_text", 200, "an HTML page, not the text copied from one; parse it as hf-daily"),
        (b"<html>", "hf_text", 200, "an HTML page, not the text copied from one; parse it as hf-daily"),
    ],
)
def test_a_page_that_is_no_listing(content: bytes, parser: str, status: int, reason: str) -> None:
    error = refused(content, parser, status)
    assert (type(error), error.reason) == (NotAListing, reason)


@pytest.mark.parametrize(("letters", "error"), [(192, NotAListing), (193, ParseError)])
def test_two_hundred_letters_of_a_heading_are_looked_at(letters: int, error: type[ParseError]) -> None:
    assert type(refused(f"<title>{'x' * letters} captcha</title><p>".encode(), "hf_html")) is error


def test_a_paper_that_has_an_error_besides_its_id_is_a_paper() -> None:
    content = b'{"id": "2608.99001", "title": "Lamps", "error": "none"}'
    assert parse(Page(URL, 200, (), content, None), "hf_paper", source="hf-paper").papers[0].title == "Lamps"


def test_more_items_than_any_listing_has_are_refused() -> None:
    items: Any = b",".join([b'{"paper": {}}'] * 10_001)
    reason = "10001 items on one page, more than the 10000 that any listing has"
    assert refused(b"[" + items + b"]", "hf_api").reason == reason
    whole = parse(Page(URL, 200, (), b"[" + items[14:] + b"]", None), "hf_api", source="hf-daily")
    assert whole.items == len(whole.rejects) == 10_000


def test_a_page_of_frames_has_no_body() -> None:
    with pytest.raises(SelectionError) as raised:
        body("<frameset></frameset>")
    assert str(raised.value) == "there is no HTML to select from"
