"""What a certificate says of the fields of a day and of the views that differ."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.views import Comparison, Coverage, compare, only_in
from tests.support.written_days import DAY, paper, papers


def compared(listed: list[Paper], others: list[Paper]) -> Comparison:
    return compare(listed, [each.__dict__ for each in others], ("api", "html"))


def test_coverage_counts_the_papers_that_have_a_value() -> None:
    coverage = Coverage()
    coverage.add(paper(1, upvotes=0, keywords=["a"], withdrawn=False, extra={"b": "", "a": 1}))
    coverage.add(paper(2, upvotes=3, abstract="", keywords=[], extra={"b": 1}))
    counts = coverage.counts()
    names = ("key", "upvotes", "keywords", "withdrawn", "abstract", "doi", "extra", "extra.a", "extra.b")
    assert [counts[name] for name in names] == [2, 2, 1, 2, 0, 0, 2, 1, 2]
    assert list(counts) == [*Paper.model_fields, "extra.a", "extra.b"]


def test_coverage_of_no_paper_has_every_field() -> None:
    assert Coverage().counts() == dict.fromkeys(Paper.model_fields, 0)


@given(st.lists(papers(), max_size=4))
def test_coverage_is_the_number_of_values_that_are_not_missing(listed: list[Paper]) -> None:
    coverage = Coverage()
    for each in listed:
        coverage.add(each)
    for name in Paper.model_fields:
        values = [getattr(each, name) for each in listed]
        assert coverage.counts()[name] == sum(value is not None and value not in ("", [], {}) for value in values)


@pytest.mark.parametrize(
    ("listings", "expected"),
    [
        ({}, {}),
        ({"api": [1, 2]}, {}),
        ({"api": [1, 2], "html": [2, 1]}, {}),
        ({"api": [1, 2], "html": [1, 4, 3]}, {"api": [2], "html": [3, 4]}),
        ({"api": [1, 2], "html": [1]}, {"api": [2]}),
        ({"api": [1, 2], "html": [1, 2], "feed": [1]}, {"api": [2], "html": [2]}),
        ({"api": [1], "html": []}, {"api": [1]}),
    ],
)
def test_papers_that_not_every_view_shows(listings: dict[str, list[int]], expected: dict[str, list[int]]) -> None:
    found = only_in({view: [paper(number) for number in numbers] for view, numbers in listings.items()})
    assert found == {view: [paper(number).key for number in numbers] for view, numbers in expected.items()}


def test_views_are_compared_over_the_papers_that_both_show() -> None:
    listed = [paper(1, upvotes=3), paper(2, upvotes=0, doi="a"), paper(3, upvotes=5)]
    others = [paper(4, upvotes=9), paper(2, upvotes=7), paper(1, upvotes=3, doi="b")]
    found = compared(listed, others)
    assert (found.agreement["upvotes"], found.agreement["title"]) == ([1, 2], [2, 2])
    assert found.disagreements == {
        "upvotes": {"papers": 1, "compared": 2, "key": paper(2).key, "values": {"api": 0, "html": 7}}
    }
    assert "doi" not in found.agreement  # no paper has one in both


def test_the_example_is_of_the_first_paper_that_differs() -> None:
    listed = [paper(number, comments=number) for number in (1, 2, 3)]
    found = compared(listed, [paper(1, comments=1), paper(2, comments=0), paper(3, comments=0)])
    assert found.agreement["comments"] == [1, 3]
    assert found.disagreements["comments"] == {
        "papers": 2,
        "compared": 3,
        "key": paper(2).key,
        "values": {"api": 2, "html": 0},
    }


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("upvotes", None, 1),
        ("upvotes", 1, None),
        ("upvotes", None, None),
        ("abstract", "", "a"),
        ("keywords", [], ["a"]),
        ("keywords", ["a"], []),
        ("extra", {}, {"a": 1}),
    ],
)
def test_a_missing_value_is_not_compared(name: str, value: object, other: object) -> None:
    found = compared([paper(1, **{name: value}), paper(2)], [paper(1, **{name: other}), paper(2)])
    assert (name in found.agreement, name in found.disagreements) == (False, False)


@pytest.mark.parametrize(("name", "value", "other"), [("upvotes", 0, 1), ("withdrawn", False, True)])
def test_zero_and_false_are_values(name: str, value: object, other: object) -> None:
    listed = [paper(1, **{name: value})]
    assert compared(listed, listed).agreement[name] == [1, 1]
    assert compared(listed, [paper(1, **{name: other})]).agreement[name] == [0, 1]


def test_the_place_in_a_listing_is_not_compared() -> None:
    seen = datetime(2026, 1, 1, tzinfo=UTC)
    first = paper(1, rank=1, source="a", published_inferred=True, published=DAY)
    second = paper(1, rank=2, source="b", last_seen=seen, first_seen=seen, published=DAY)
    found = compared([first], [second])
    assert found.disagreements == {}
    assert found.agreement.keys() == {"title", "published", "withdrawn"}


def test_views_without_a_common_paper_have_no_agreement() -> None:
    assert compared([paper(1)], [paper(2)]) == Comparison({}, {}) == compared([], [])


@pytest.mark.parametrize(
    ("size", "is_whole"), [(1, True), (198, True), (199, False), (500, False)], ids=lambda value: f"{value}"
)
def test_a_long_value_is_shown_from_its_beginning(size: int, is_whole: bool) -> None:
    found = compared([paper(1, abstract="a" * size)], [paper(1, abstract="other")])
    values = found.disagreements["abstract"]["values"]
    assert values == {"api": "a" * size if is_whole else f'"{"a" * 196}...', "html": "other"}


def test_examples_are_json() -> None:
    published, other = DAY, date(2025, 12, 9)
    found = compared([paper(1, published=published)], [paper(1, published=other)])
    assert found.disagreements["published"]["values"] == {"api": f"{published}", "html": f"{other}"}
