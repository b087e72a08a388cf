"""The difference between two day files: what is counted, which examples are shown, and how values are cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.day_diff import EXAMPLES, Change, Difference, Kind, Leaf, compare_days, leaves

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def day(*rows: Mapping[str, object]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def row(number: int, **fields: object) -> dict[str, object]:
    return {"key": f"arxiv:{number}", "title": f"Paper {number}", **fields}


def said(old: object, new: object) -> list[str]:
    return [str(leaf) for leaf in leaves(old, new)]


@given(VALUES, VALUES)
def test_values_differ_in_a_place_exactly_if_their_json_differs(old: Any, new: Any) -> None:
    found = {leaf.path: (leaf.old, leaf.new) for leaf in leaves(old, new)}
    assert bool(found) == (_without_null(old) != _without_null(new))
    assert {leaf.path: (leaf.new, leaf.old) for leaf in leaves(new, old)} == found


def _without_null(value: Any) -> str:
    """JSON text; a name that is null is as good as none, and the order of names does not count."""

    def clean(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: clean(inner) for name, inner in part.items() if inner is not None}
        return [clean(inner) for inner in part] if isinstance(part, list) else part

    return json.dumps(clean(value), sort_keys=True)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (1, 2, [": 1 -> 2"]),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "y"}]}}, ['a.b[1].c: "x" -> "y"']),
        ([[1], [2, 3]], [[1], [2, 4]], ["[1][1]: 3 -> 4"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: [1] -> [1,2]"]),
        ({"a": {"b": 1}}, {"a": [1]}, ['a: {"b":1} -> [1]']),
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, ["a: 1 -> null", "b: 2 -> 3", "c: null -> 4"]),
        ({"a": "\ud83d"}, {"a": "\U0001f600"}, ["a: '\\ud83d' -> \"\U0001f600\""]),
    ],
)
def test_a_place_is_named_by_its_path(old: object, new: object, lines: list[str]) -> None:
    assert said(old, new) == lines


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, 0, Kind.FILLED),
        ([], [1], Kind.FILLED),
        ({}, {"a": 1}, Kind.FILLED),
        (0, None, Kind.EMPTIED),
        ([1], [], Kind.EMPTIED),
        ("a", {}, Kind.EMPTIED),
        ("", "a", Kind.CHANGED),
        (0, 1, Kind.CHANGED),
        (False, "", Kind.CHANGED),
    ],
)
def test_null_and_empty_lists_and_objects_are_missing_values(old: object, new: object, kind: Kind) -> None:
    assert Leaf("a", old, new).kind is kind


def test_a_field_is_a_path_without_places_in_lists() -> None:
    assert Leaf("authors[12].names[0].first", 1, 2).field == "authors[].names[].first"


def test_records_are_counted_and_those_in_one_file_alone_are_named() -> None:
    old = day(row(1, upvotes=1), row(2), row(3), {"key": "arxiv:4", "title": "X"})
    new = day(row(1, upvotes=2), row(2), row(5), {"key": "arxiv:6", "title": "X"})
    found = compare_days(old, new)
    assert (found.same, found.changed) == (1, 2)
    assert found.gained == [("arxiv:5", "Paper 5")]
    assert found.lost == [("arxiv:3", "Paper 3")]
    assert str(found.fields["key"][Kind.CHANGED].examples[0].leaf) == 'key: "arxiv:4" -> "arxiv:6"'


def test_equal_files_are_not_decoded() -> None:
    assert compare_days(day(row(1), row(2)), day(row(1), row(2))) == Difference(same=2)
    assert compare_days(b"", b"") == Difference()


def test_a_damaged_line_is_left_out() -> None:
    found = compare_days(day(row(1), row(2)), day(row(1)) + b'{"key": "arxiv:2", "ti')
    assert (found.same, found.lost, found.gained) == (1, [("arxiv:2", "Paper 2")], [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([("a", "T")], [("b", "T"), ("c", "T")]),
        ([("a", "T"), ("b", "T")], [("c", "T")]),
        ([("a", "T")], [("b", "U")]),
    ],
)
def test_a_title_that_is_not_that_of_one_record_each_does_not_match(
    old: list[tuple[str, str]], new: list[tuple[str, str]]
) -> None:
    before, after = ([{"key": key, "title": title} for key, title in each] for each in (old, new))
    found = compare_days(day(*before), day(*after))
    assert (found.lost, found.gained, found.changed, found.same) == (old, new, 0, 0)


def test_a_record_with_another_key_is_not_also_that_of_its_title() -> None:
    """Only records whose keys are in one file alone are matched by their titles."""
    old = day({"key": "a", "title": "T"}, {"key": "b", "title": "T"})
    new = day({"key": "a", "title": "T"}, {"key": "c", "title": "T"})
    found = compare_days(old, new)
    assert (found.same, found.changed, found.lost, found.gained) == (1, 1, [], [])
    assert found.fields == {"key": {Kind.CHANGED: Change(1, found.fields["key"][Kind.CHANGED].examples)}}


def test_a_field_is_counted_once_for_a_record_and_shown_by_its_first_place() -> None:
    difference = Difference()
    for number in range(EXAMPLES + 2):
        old, new = ([{"n": number}, {"n": number}, {"n": None}], [{"n": -1}, {"n": -2}, {"n": 5}])
        difference.add(f"{number}", list(leaves({"list": old}, {"list": new})))
    assert (difference.changed, difference.same) == (EXAMPLES + 2, 0)
    changed, filled = (difference.fields["list[].n"][kind] for kind in (Kind.CHANGED, Kind.FILLED))
    assert (changed.records, filled.records) == (EXAMPLES + 2, EXAMPLES + 2)
    shown = [(example.key, str(example.leaf)) for example in changed.examples]
    assert shown == [(f"{number}", f"list[0].n: {number} -> -1") for number in range(EXAMPLES)]


def cut(old: str, new: str) -> tuple[str, str]:
    """Two texts as they are shown, without their quotes at the ends."""
    first, _, second = str(Leaf("a", old, new)).removeprefix("a: ").partition(" -> ")
    return first, second


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        # With its quotes a text is two longer: 60 characters are shown whole.
        ("a" * 58, "b", ('"' + "a" * 58 + '"', '"b"')),
        ("a" * 59, "b", ('"' + "a" * 59 + "...", '"b"')),
        ("a" * 20 + "b" * 60, "a" * 20, ("..." + "a" * 20 + "b" * 40 + "...", '"' + "a" * 20 + '"')),
        ("x" * 30 + "b" * 60, "y", ('"' + "x" * 30 + "b" * 29 + "...", '"y"')),
        ("a" * 90 + "1", "a" * 90 + "2", ("..." + "a" * 20 + '1"', "..." + "a" * 20 + '2"')),
        ("a" * 58, "a" * 70, ('"' + "a" * 58 + '"', "..." + "a" * 32 + '"')),
        ("a" * 90, "a" * 90 + "2", ("..." + "a" * 20 + '"', "..." + "a" * 20 + '2"')),
    ],
)
def test_long_texts_are_cut_to_where_they_begin_to_differ(old: str, new: str, shown: tuple[str, str]) -> None:
    assert cut(old, new) == shown
    assert cut(new, old) == shown[::-1]


def test_another_key_of_the_same_paper_is_a_changed_field() -> None:
    found = compare_days(day({"key": "title:0", "title": "A"}), day({"key": "arxiv:1", "title": "A"}))
    assert (found.gained, found.lost, found.changed) == ([], [], 1)
    (example,) = found.fields["key"][Kind.CHANGED].examples
    assert str(example.leaf) == 'key: "title:0" -> "arxiv:1"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, ["a changed"]),
        ({"a": 0}, {"a": False}, ["a changed"]),
        ({"a": None}, {"a": 0}, ["a null -> value"]),
        ({"a": [1]}, {"a": []}, ["a value -> null"]),
        ({}, {"a": {"b": 1}}, ["a null -> value"]),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, ["a.b changed", "a.c null -> value"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ["a[].b changed"]),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, ["a changed"]),
    ],
)
def test_places_that_differ(old: dict[str, Any], new: dict[str, Any], said: list[str]) -> None:
    assert [f"{leaf.field} {leaf.kind}" for leaf in leaves(old, new)] == said


def test_long_values_are_shown_where_they_differ() -> None:
    (leaf,) = leaves({"a": "x" * 500 + " old end"}, {"a": "x" * 500 + " new end"})
    said = str(leaf)
    assert len(said) < 140
    assert ("old end" in said, "new end" in said) == (True, True)
