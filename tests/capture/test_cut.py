"""Cutting a list in a text: the items kept stay byte for byte as they were."""

from __future__ import annotations

import html
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.errors import CaptureError
from dailypapers.ingest.fixtures.cut import Items, cut, elements, escaped_lists, keep_items, lists
from dailypapers.parsers import Page
from dailypapers.parsers.tolerant_json import MAX_DEPTH
from tests.support.hypothesis_examples import examples

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LISTS = st.lists(VALUES, min_size=1, max_size=6)
FORMS = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])


@examples(50)
@given(items=LISTS, form=FORMS, data=st.data())
def test_a_cut_list_holds_the_items_kept(items: list[Any], form: dict[str, Any], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(range(len(items)))))
    text = json.dumps({"before": [], "list": items, "after": {"x": "]"}}, **form)
    (spans,) = (spans for spans in lists(text) if len(spans) == len(items))
    assert [json.loads(text[begin:end]) for begin, end in spans] == items
    shorter = json.loads(keep_items(text, spans, kept))
    assert shorter == {"before": [], "list": [items[position] for position in sorted(kept)], "after": {"x": "]"}}


@examples(50)
@given(items=LISTS, data=st.data())
def test_an_escaped_list_is_cut_within_its_escapes(items: list[Any], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(range(len(items)))))
    raw = html.escape(json.dumps(items, ensure_ascii=False))
    (spans,) = escaped_lists(raw)
    shorter = keep_items(raw, spans, kept)
    assert json.loads(html.unescape(shorter)) == [items[position] for position in sorted(kept)]


@pytest.mark.parametrize("text", ["", "[1,", '{"a" 1}', "[1 2", '{"a":[}', "nothing"])
def test_invalid_json_has_no_lists(text: str) -> None:
    assert list(lists(text)) == []


def test_a_list_is_cut_unless_its_items_are_nested_too_deeply_for_the_parsers() -> None:
    text = "[7, " + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "]"
    assert next(iter(lists(text))) == [(1, 2), (4, len(text) - 1)]
    deeper = text.replace("7, ", "7, [") + "]"
    assert (1, 2) not in next(iter(lists(deeper)))


def test_outermost_elements_are_found_and_unclosed_ones_are_not() -> None:
    text = "<ul>\n <li>a<li>b</li></li> <li class='x'>c</LI><link><li>d"
    assert [text[begin:end] for begin, end in elements(text, "li")] == [
        "\n <li>a<li>b</li></li>",
        " <li class='x'>c</LI>",
    ]


def test_a_page_that_cannot_be_cut_is_an_error() -> None:
    page = Page("https://a.example", 200, (), b'{"error": "no list"}', None)
    with pytest.raises(CaptureError, match=r"cannot be cut between its 2 items; capture it whole"):
        cut(page, "hf_api", date(2025, 12, 10), Items([1, 2], ["", ""], ["", ""]), [0])
