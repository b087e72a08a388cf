"""Where items begin and end in JSON, in elements and in plain text, and which of them `--items` selects."""

from __future__ import annotations

import json
from datetime import date
from html import escape

import pytest

from dailypapers.ingest.errors import CaptureError
from dailypapers.ingest.fixtures.cut import (
    Items,
    cut,
    dropped_elements,
    elements,
    entries,
    escaped_lists,
    items_of,
    keep_items,
    lists,
    select_items,
    without_spans,
)
from dailypapers.parsers import Page, ParseError
from tests.parsers.test_arxiv_refusals import feed

DAY = date(2025, 12, 10)
KEYS = ("arxiv:1", "arxiv:2", "arxiv:3", "arxiv:2")
ITEMS = Items([{}, {}, {}, {}], KEYS, ["A", "B", "C", "D"])


@pytest.mark.parametrize(
    ("selection", "positions"),
    [
        ("1", [0]),
        ("4", [0, 1, 2, 3]),
        ("2-2", [1]),
        ("2-4", [1, 2, 3]),
        ("4,1", [0, 3]),
        ("3,2-3", [1, 2]),
        (" 3 , 1 ", [0, 2]),
        ("arxiv:2", [1, 3]),
        ("arxiv:3,1", [0, 2]),
        ("arxiv:1, arxiv:2", [0, 1, 3]),
    ],
)
def test_items_are_selected_by_number_range_or_key(selection: str, positions: list[int]) -> None:
    assert select_items(selection, ITEMS) == positions


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("0", "items 1-0: the page has items 1 to 4"),
        ("5", "items 1-5: the page has items 1 to 4"),
        ("0,1", "items 0: the page has items 1 to 4"),
        ("1,5", "items 5: the page has items 1 to 4"),
        ("3-2", "items 3-2: the page has items 1 to 4"),
        ("1-5", "items 1-5: the page has items 1 to 4"),
        ("", "no item '' on the page; --items takes 3 (the first three), 2,5-7 or keys"),
        ("1,,2", "no item '' on the page; --items takes 3 (the first three), 2,5-7 or keys"),
        ("-1", "no item '-1' on the page; --items takes 3 (the first three), 2,5-7 or keys"),
        ("1-", "no item '1-' on the page; --items takes 3 (the first three), 2,5-7 or keys"),
        ("1234567,1", "no item '1234567' on the page; --items takes 3 (the first three), 2,5-7 or keys"),
    ],
)
def test_items_that_are_not_on_the_page_are_named(selection: str, message: str) -> None:
    with pytest.raises(CaptureError) as error:
        select_items(selection, ITEMS)
    assert f"{error.value}" == message


def page(body: str) -> Page:
    return Page("https://site.example/a", 200, (), body.encode("utf-8", "surrogateescape"), None)


def test_items_have_the_keys_and_titles_that_the_parser_reads() -> None:
    values = [{"paper": {"id": "2512.00001", "title": " A \n title"}}, {"paper": {}}, 7]
    found = items_of(page(json.dumps(values)), "hf_api", DAY)
    assert found.values == values
    assert (found.keys, found.titles) == (["arxiv:2512.00001", "", ""], ["A title", "", ""])
    with pytest.raises(ParseError):
        items_of(page("{}"), "hf_api", DAY)


def cut_of(text: str, *kept: int) -> str:
    whole = page(text)
    shorter = cut(whole, "hf_api", DAY, items_of(whole, "hf_api", DAY), kept)
    assert (shorter.url, shorter.status) == (whole.url, whole.status)
    return shorter.body.decode("utf-8", "surrogateescape")


ONE = '{"paper": {"id": "2512.00001", "tags": ["a", "b"], "title": "A \\"]"}}'
TWO = '{"paper":{"id":"2512.00002","tags":[],"title":"\u00e9 \\ud83d"} }'


@pytest.mark.parametrize(
    ("start", "between", "end"), [("[", ",", "]"), ("\ufeff \n[ ", " ,\r\n\t", "\n] "), ("[", ", ", "]\n")]
)
def test_a_list_is_cut_and_everything_around_it_stays(start: str, between: str, end: str) -> None:
    text = start + between.join([ONE, TWO, ONE]) + end
    assert cut_of(text, 1) == start + TWO + end
    assert cut_of(text, 0, 2) == start + ONE + between + ONE + end
    assert cut_of(text, 0, 1) == start + ONE + between + TWO + end


def test_bytes_that_are_not_utf_8_stay_as_they_are() -> None:
    odd = ONE.replace("A ", "A \udcff")
    assert cut_of(f"[{TWO}, {odd}]", 1) == f"[{odd}]"


def test_an_error_names_the_page_and_its_items() -> None:
    with pytest.raises(CaptureError) as error:
        cut(page("{}"), "hf_api", DAY, ITEMS, [0])
    message = "https://site.example/a: cannot be cut between its 4 items; capture it whole"
    assert f"{error.value}" == message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", [[]]),
        ("[ ]", [[]]),
        ("[1]", [["1"]]),
        ('{"a": [1, [2]], "b": [[3],4 , "]"]}', [["1", "[2]"], ["[3]", "4", '"]"']]),
        ("x[y] [1 , 2]", [["1", "2"]]),
        ("[[1, 2", []),
        ("[[1] x", [["1"]]),
        ("[x [1]]", [["1"]]),
        ("[1\ufeff,\ufeff2]", [["1", "2"]]),
        ('["a\nb"]', [['"a\nb"']]),
    ],
)
def test_outermost_lists_are_found(text: str, found: list[list[str]]) -> None:
    assert [[text[begin:end] for begin, end in spans] for spans in lists(text)] == found


@pytest.mark.parametrize(
    ("kept", "text"),
    [([], "<[]>"), ([0], "<[1]>"), ([2, 0], "<[1 ,3]>"), ([1, 2], "<[2,  3]>"), ([0, 1, 2], "<[1 ,2,  3]>")],
)
def test_a_comma_goes_with_the_item_before_it(kept: list[int], text: str) -> None:
    whole = "<[1 ,2,  3]>"
    (spans,) = lists(whole)
    assert keep_items(whole, spans, kept) == text


def test_a_list_in_an_attribute_has_the_places_of_its_escaped_text() -> None:
    raw = "{&quot;a&quot;:[&quot;&#233;&#xe9;&amp;&nope;&quot;, &quot;b&quot;]}&lt;"
    (spans,) = escaped_lists(raw)
    assert [raw[begin:end] for begin, end in spans] == ["&quot;&#233;&#xe9;&amp;&nope;&quot;", "&quot;b&quot;"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<li>a</li>", ["<li>a</li>"]),
        ("x <LI a='1'>a</Li > y", [" <LI a='1'>a</Li >"]),
        ("<li/><li>a</li></li>", ["<li/><li>a</li></li>"]),
        ("</li><li>a</li>", ["<li>a</li>"]),
        ("<li>a<li>b</li>c</li>\n<li>d</li>", ["<li>a<li>b</li>c</li>", "\n<li>d</li>"]),
        ("<link>a</link><lid>", []),
        ("<li>a", []),
        ("<li>a<li>b</li>", []),
    ],
)
def test_outermost_closed_elements_are_found(text: str, found: list[str]) -> None:
    assert [text[begin:end] for begin, end in elements(text, "li")] == found


@pytest.mark.parametrize(
    ("content", "is_dropped"),
    [
        ("2512.1", True),
        ("/abs/2512.1v2", False),
        ("/abs/2512.1, b", True),
        ("2512.1 2512.2", False),
        ("2512.12", False),
        ("2512.1.5", False),
        ("2512.1.", True),
        ("a2512.1", False),
        ("a.2512.1", False),
        ("2512x1", False),
        ("nothing", False),
        ("2512.3", True),
    ],
)
def test_an_element_is_dropped_for_the_ids_in_it(content: str, is_dropped: bool) -> None:
    text = f"<li>{content}</li>"
    spans = dropped_elements(text, "li", ["2512.1", "2512.3"], ["2512.2"])
    assert spans == ([(0, len(text))] if is_dropped else [])
    assert dropped_elements(text, "li", [], ["2512.2"]) == []
    assert bool(dropped_elements(text, "li", ["2512.1", "2512.3"], [])) == (is_dropped or "2512.2" in content)


TEXT = "Head\n\nOne\n\n12 votes\n  Two  words \nand more\n\nOne\ntail\n\nThree\n"


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        (["One"], ["One\n\n12 votes\n  Two  words \nand more\n\nOne\ntail\n\nThree\n"]),
        (["One", "One tail"], ["One\n\n12 votes\n  Two  words \nand more\n\n", "One\ntail\n\nThree\n"]),
        (["12 votes Two words and more", "Three"], [TEXT[11:-6], "Three\n"]),
        (["One", "One"], None),
        (["Three", "One"], None),
        (["Four"], None),
    ],
)
def test_entries_of_a_text_begin_at_their_titles(titles: list[str], found: list[str] | None) -> None:
    spans = entries(TEXT, titles)
    parts = None if spans is None else [TEXT[begin:end] for begin, end in spans]
    assert parts == found


@pytest.mark.parametrize(
    ("spans", "text"), [([], "abcdef"), ([(0, 6)], ""), ([(1, 2), (4, 6)], "acd"), ([(0, 1), (1, 2)], "cdef")]
)
def test_spans_are_left_out(spans: list[tuple[int, int]], text: str) -> None:
    assert without_spans("abcdef", spans) == text


ENTRIES = (
    "<title>A</title>",
    "<id>http://arxiv.org/abs/2608.00002v1</id><title>B</title>",
    "<title>C</title>",
    "<id>http://arxiv.org/abs/2608.00004v1</id>",
)


@pytest.mark.parametrize("kept", [[], [0], [1], [0, 2], [2, 3], [0, 1, 2]])
def test_elements_without_an_id_are_cut_by_their_places(kept: list[int]) -> None:
    whole = page(feed(*ENTRIES))
    shorter = cut(whole, "arxiv_atom", DAY, items_of(whole, "arxiv_atom", DAY), kept)
    assert shorter.body.decode() == feed(*(ENTRIES[position] for position in kept))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_list_in_an_attribute_is_cut_in_either_quotes(quote: str) -> None:
    def html_of(*numbers: int) -> str:
        items = [{"paper": {"id": f"2512.0000{number}", "title": "Owls' <i>"}} for number in numbers]
        blob = escape(json.dumps({"date": f"{DAY}", "dailyPapers": items}))
        if quote == "'":
            blob = blob.replace("&quot;", '"')
        return f'<title>A</title><a x="[1]"></a><div data-target="DailyPapers" data-props={quote}{blob}{quote}></div> b'

    whole = page(html_of(1, 2, 3))
    shorter = cut(whole, "hf_html", DAY, items_of(whole, "hf_html", DAY), [0, 2])
    assert shorter.body.decode() == html_of(1, 3)
