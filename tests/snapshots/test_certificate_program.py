"""docs/check_certificate.py judges any fetches of a day as the product does: two implementations of one page."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dailypapers.snapshots.completeness.state import Bounds, FetchSummary, state_of
from dailypapers.snapshots.completeness.verdict import FetchResult, Rules, ViewResult, judge

PROGRAM = Path(__file__).parents[2] / "docs" / "check_certificate.py"
END = datetime(2025, 12, 11, tzinfo=UTC)
PAPERS = [f"arxiv:2512.{number:05}" for number in range(12)]


@pytest.fixture(scope="module")
def program() -> Any:
    spec = importlib.util.spec_from_file_location("check_certificate", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class View:
    """What the program knows of a view when it judges a fetch."""

    papers: dict[str, None]
    counts: bool
    last_count: int


@dataclass(frozen=True)
class Listing:
    end: datetime
    filled: datetime
    may_be_empty: bool


def view(most: int) -> st.SearchStrategy[View]:
    papers = st.integers(0, most).map(lambda count: dict.fromkeys(PAPERS[:count]))
    return st.builds(View, papers, counts=st.sampled_from([True] * 9 + [False]), last_count=st.sampled_from([7, 50]))


FETCHES = st.lists(
    st.tuples(
        st.sampled_from([1, 5, 13, 26, 80]),
        st.one_of(
            st.lists(view(12), min_size=2, max_size=2),
            # Poor answers in a row, which are what lasting doubts are made of.
            st.lists(st.builds(View, st.just({}), counts=st.just(True), last_count=st.just(0)), min_size=2, max_size=2),
            st.lists(view(4), min_size=1, max_size=2),
        ),
    ),
    max_size=14,
)


def times(gaps: Sequence[int]) -> list[datetime]:
    """The times of fetches with gaps in hours, the first gap from ten hours before the end of the day."""
    start = END - timedelta(hours=10)
    return [start + timedelta(hours=sum(gaps[: number + 1])) for number in range(len(gaps))]


def by_program(program: Any, at: list[datetime], views: list[list[View]], may_be_empty: bool) -> list[Any]:
    verdicts = program.judge(list(zip(at, views, strict=True)), Listing(END, END, may_be_empty))
    return [(whole, doubt) for whole, doubt, _ in verdicts]


def by_product(at: list[datetime], views: list[list[View]], may_be_empty: bool) -> list[Any]:
    def result(at: datetime, shown: list[View]) -> FetchResult:
        results = {
            name: ViewResult(frozenset(each.papers), None if each.counts else "failed", each.last_count)
            for name, each in zip(("api", "html"), shown, strict=False)
        }
        return FetchResult(at, results, all_asked=len(shown) == 2)

    verdicts = judge([result(*each) for each in zip(at, views, strict=True)], Rules(END, may_be_empty))
    return [(verdict.whole, None if verdict.whole else verdict.doubt) for verdict in verdicts]


@settings(max_examples=150)
@given(fetches=FETCHES, may_be_empty=st.booleans())
def test_both_judge_fetches_alike(program: Any, fetches: list[tuple[int, list[View]]], may_be_empty: bool) -> None:
    at, views = times([gap for gap, _ in fetches]), [shown for _, shown in fetches]
    assert by_program(program, at, views, may_be_empty) == by_product(at, views, may_be_empty)


def test_views_that_differ_for_days_prove_nothing_about_an_empty_answer(program: Any) -> None:
    full, half, none = (View(dict.fromkeys(PAPERS[:count]), counts=True, last_count=count) for count in (12, 6, 0))
    views = [[full, full], [full, half], [full, half], [full, half], [none, none]]
    at = times([1, 13, 26, 26, 26])
    assert by_program(program, at, views, False) == by_product(at, views, False)
    assert by_program(program, at, views, False)[-1] == (False, "nothing")


SUMMARIES = st.lists(
    st.tuples(
        st.sampled_from([1, 5, 13, 26, 80, 800]),
        st.sampled_from([(True, None), (False, "apart"), (False, "nothing"), (False, None)]),
        st.sampled_from([0, 0, 5]),
        st.sampled_from([0, 0, 0, 1]),
        st.booleans(),
        st.sampled_from(["fetch", "fetch", "import"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150)
@given(rows=SUMMARIES, may_be_empty=st.booleans())
def test_both_give_a_day_the_same_state(program: Any, rows: list[Any], may_be_empty: bool) -> None:
    at = times([gap for gap, *_ in rows])
    claimed, summaries = [], []
    for time, (_, (whole, doubt), papers, new, elsewhere, kind) in zip(at, rows, strict=True):
        fetch = {"whole": whole, "doubt": doubt, "papers": papers, "new": min(new, papers), "elsewhere": elsewhere}
        claimed.append(fetch | {"at": f"{time:%Y-%m-%dT%H:%M:%SZ}", "kind": kind})
        summaries.append(FetchSummary(time, reason=doubt, made=kind == "fetch", **fetch))
    expected = state_of(summaries, Bounds(END, may_be_empty), max(at))
    assert program.state_of(claimed, Listing(END, END, may_be_empty)) == expected.name
