"""When a fetch is whole, when it is doubtful, and when a doubt is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.completeness.verdict import FetchResult, Judge, Rules, Verdict, ViewResult, judge
from tests.support.hypothesis_examples import examples

END = datetime(2025, 12, 11, tzinfo=UTC)
WORKDAY = Rules(END, may_be_empty=False)
WEEKEND = Rules(END, may_be_empty=True)


def look(hours: float, api: int | range | str, html: int | range | str | None = None) -> FetchResult:
    """A fetch this many hours after the end of the day; a view shows the papers 0..n, or failed with a text."""
    views = {"api": shown(api), "html": shown(api if html is None else html)}
    return FetchResult(END + timedelta(hours=hours), views)


def shown(papers: int | range | str) -> ViewResult:
    """What a view showed."""
    if isinstance(papers, str):
        return ViewResult(frozenset(), failed=papers)
    numbers = range(papers) if isinstance(papers, int) else papers
    return ViewResult(frozenset(map(str, numbers)), last_count=len(numbers))


def last(*passes: FetchResult, rules: Rules = WORKDAY) -> Verdict:
    """The verdict on the newest fetch."""
    return judge(passes, rules)[-1]


def test_views_that_agree_are_whole() -> None:
    assert last(look(-3, 20)) == Verdict(whole=True)


@pytest.mark.parametrize(
    ("api", "html", "doubt"),
    [
        (20, 20, None),
        (20, 18, None),  # two papers are tolerated whatever their share
        (20, 17, "apart"),
        (100, 95, None),  # 5 % is not more than 5 %
        (100, 94, "apart"),
        (3, 0, "apart"),
        (2, 0, None),
        (range(10), range(5, 15), "apart"),
    ],
)
def test_views_apart(api: int | range, html: int | range, doubt: str | None) -> None:
    assert last(look(1, api, html)).doubt == doubt


def test_views_that_show_different_listings_are_not_compared() -> None:
    assert last(look(1, 100, 60), rules=Rules(END, may_be_empty=False, comparable=False)).whole


def test_a_failed_view_is_a_doubt_before_any_other() -> None:
    verdict = last(look(1, 20, "HTTP 500"))
    assert (verdict.whole, verdict.doubt, verdict.reason) == (False, "failed", "html: HTTP 500")


@pytest.mark.parametrize(
    ("passes", "rules", "doubt"),
    [
        ([look(-3, 0)], WORKDAY, None),  # an open day may still be empty
        ([look(-9, 5), look(-3, 0)], WORKDAY, "nothing"),  # but not when it had papers
        ([look(1, 0)], WORKDAY, "nothing"),
        ([look(1, 0)], WEEKEND, None),
        ([look(-9, 5), look(1, 0)], WEEKEND, "nothing"),
    ],
)
def test_nothing(passes: list[FetchResult], rules: Rules, doubt: str | None) -> None:
    assert last(*passes, rules=rules).doubt == doubt


@pytest.mark.parametrize(("now", "doubt"), [(20, None), (18, None), (17, "fall")])
def test_fall(now: int, doubt: str | None) -> None:
    assert last(look(1, 20), look(2, now)).doubt == doubt


def test_a_fall_of_less_than_a_tenth_is_none() -> None:
    assert last(look(1, 100), look(2, 90)).whole
    assert last(look(1, 100), look(2, 89)).doubt == "fall"


@pytest.mark.parametrize(("hours", "whole"), [(2.5, False), (3, True)])
def test_a_fall_is_believed_when_a_second_fetch_an_hour_later_agrees(hours: float, whole: bool) -> None:
    assert last(look(1, 20), look(2, 15), look(hours, 15)).whole is whole


def test_a_fall_that_shows_other_papers_missing_does_not_agree() -> None:
    assert not last(look(1, 20), look(2, 15), look(4, range(5, 20))).whole


def test_a_fall_is_measured_from_the_newest_whole_fetch() -> None:
    assert last(look(1, 20), look(2, 15), look(4, 15), look(5, 15)).whole


@pytest.mark.parametrize(("hours", "whole"), [([1, 25, 49], False), ([1, 25, 49, 72], False), ([1, 25, 49, 73], True)])
@pytest.mark.parametrize(("api", "html"), [(0, 0), (20, 10)])
def test_a_doubt_that_stays_is_believed(hours: list[float], whole: bool, api: int, html: int) -> None:
    first = [look(-5, api, html)] if api else []
    verdict = last(*first, *(look(hour, api, html) for hour in hours))
    assert verdict.whole is whole
    if whole:
        assert verdict.reason is not None
        assert verdict.reason.startswith("believed: ")


def test_a_new_paper_or_a_failure_does_not_help_belief() -> None:
    doubts = [look(hour, 20, 10) for hour in (1, 25, 49)]
    assert not last(look(-5, 20, 10), *doubts, look(73, 21, 10)).whole
    assert not last(look(-5, 20, 10), *doubts[:2], look(49, "down", 10), look(73, 20, 10)).whole


@pytest.mark.parametrize(("count", "doubt"), [(49, None), (50, "cut"), (51, None), (100, "cut")])
def test_one_view_alone_is_neither_whole_nor_doubtful_unless_it_was_cut(count: int, doubt: str | None) -> None:
    verdict = last(FetchResult(END, {"api": shown(count)}, all_asked=False))
    assert (verdict.whole, verdict.doubt) == (False, doubt)
    if doubt:
        assert verdict.reason == f"api: cut at {count}"


def test_quiet_looks_of_weeks_before_do_not_make_an_empty_answer_believed() -> None:
    whole = [look(hours, 20) for hours in (1, 25, 73, 169, 337)]
    assert last(*whole, look(721, 0)).doubt == "nothing"
    assert last(*whole, *(look(721 + hours, 0) for hours in (0, 1, 3, 71))).doubt == "nothing"
    assert last(*whole, *(look(721 + hours, 0) for hours in (0, 1, 3, 72))).whole


@pytest.mark.parametrize(
    ("between", "whole"),
    [
        (look(30, 20), False),  # whole with nothing against it
        (look(30, 21, 10), False),  # a new paper
        (look(30, 20, "down"), True),  # neither counts nor ends it
        (FetchResult(look(30, 20).at, {"api": shown(20)}, all_asked=False), True),  # left out
    ],
)
def test_what_ends_a_row_of_doubts(between: FetchResult, whole: bool) -> None:
    doubts = [look(hours, 20, 10) for hours in (1, 2, 25)]
    assert last(look(-5, 20), *doubts, between, look(73, 20, 10)).whole is whole


def test_a_row_goes_on_with_what_it_made_whole() -> None:
    doubts = [look(hours, 20, 10) for hours in (1, 25, 49, 73)]
    assert last(look(-5, 20), *doubts, look(80, 20, 10)).whole
    assert not last(look(-5, 20), *doubts, look(80, 20), look(81, 20, 10)).whole


def test_views_that_differ_for_good_do_not_make_an_empty_answer_believed() -> None:
    apart = [look(hours, 20, 10) for hours in (1, 25, 49, 73, 97)]
    assert judge(apart, WORKDAY)[-1].whole
    assert not last(*apart, look(400, 0)).whole
    assert last(*apart, *(look(400 + hours, 0) for hours in (0, 24, 48, 72))).whole


def test_a_confirmed_fall_ends_the_row() -> None:
    row = [look(hours, 20, 10) for hours in (1, 25, 49)]
    falls = [look(70, 8), look(74, 8)]
    verdicts = judge([look(-5, 20), *row, *falls, look(75, 8, 2)], WORKDAY)
    assert [verdict.whole for verdict in verdicts] == [True, False, False, False, False, True, False]


def test_each_doubt_gives_its_reason() -> None:
    assert last(look(1, 20, 10)).reason == "the views differ by 10 of 20 papers (api 20, html 10)"
    assert last(look(1, 0)).reason == "no view lists anything where papers are due"
    assert last(look(-9, 5), look(1, 0)).reason == "no view lists anything, but the day had 5 papers"
    assert last(look(-9, 5), look(-5, range(5, 10)), look(1, 0)).reason == (
        "no view lists anything, but the day had 10 papers"
    )
    fall = "5 of the 20 papers of the newest whole fetch are in no view"
    assert last(look(1, 20), look(2, 15)).reason == fall
    assert last(look(1, 20), look(2, 15), look(3, 15)).reason == f"believed: {fall}"
    assert last(look(1, "HTTP 500", "HTTP 502")).reason == "api: HTTP 500; html: HTTP 502"


def test_a_fetch_exactly_at_the_end_of_the_day_is_one_after_it() -> None:
    assert last(look(0, 0)).doubt == "nothing"
    assert last(look(-1 / 3600, 0)).doubt is None
    filled = Rules(END, may_be_empty=False, filled=END - timedelta(hours=4))
    assert last(look(-4, 0), rules=filled).doubt == "nothing"
    assert last(look(-4.1, 0), rules=filled).doubt is None
    # The fetch at the end is the first of the four that confirm a doubt.
    before = look(-5, 20, 10)
    assert last(before, *(look(hours, 20, 10) for hours in (0, 24, 48, 72))).whole
    assert not last(before, *(look(hours, 20, 10) for hours in (-0.1, 24, 48, 72))).whole


def test_two_papers_may_always_go_and_a_third_only_of_many() -> None:
    assert last(look(1, 3), look(2, 1)).whole
    assert last(look(1, 3), look(2, range(3, 6))).doubt == "fall"
    assert last(look(1, 10), look(2, 7)).doubt == "fall"


def test_a_paper_that_comes_back_is_not_missing_in_an_earlier_fall() -> None:
    falls = look(1, 20), look(2, 15), look(2.5, range(5, 20))
    # Since the last two, other papers are missing than before.
    assert not last(*falls, look(3.2, 15)).whole
    assert last(*falls, look(3.2, 15), look(4.3, 15)).whole


def test_four_fetches_over_three_days_must_be_the_newest_ones() -> None:
    quiet = [look(hours, 20, 10) for hours in (1, 2, 3)]
    assert not last(look(-5, 20, 10), *quiet, look(72.9, 20, 10)).whole
    assert last(look(-5, 20, 10), *quiet, look(73, 20, 10)).whole
    assert not last(look(-5, 20, 10), *quiet, look(73, "down", 10)).whole


def test_a_fetch_of_one_view_changes_no_later_verdict() -> None:
    alone = FetchResult(END + timedelta(hours=2), {"api": shown(5)}, all_asked=False)
    assert last(look(1, 20), alone, look(3, 15)).doubt == "fall"


def test_three_views_agree_only_if_all_three_do() -> None:
    views = {"api": shown(20), "html": shown(20), "text": shown(10)}
    assert last(FetchResult(END + timedelta(hours=1), views)).doubt == "apart"


VIEW = st.sampled_from([shown(papers) for papers in (20, 19, 12, 0, range(5, 25), range(40), "HTTP 500")])
FETCHES = st.lists(st.tuples(st.sampled_from([0.5, 1, 12, 30]), VIEW, VIEW, st.booleans()), max_size=12)


@examples(200)
@given(FETCHES, st.integers(0, 12))
def test_a_judge_continues_from_its_state(drawn: list[tuple[float, ViewResult, ViewResult, bool]], place: int) -> None:
    hours = accumulate((step for step, *_ in drawn), initial=-10.0)
    fetches = [
        FetchResult(END + timedelta(hours=hour), {"api": api, "html": html} if both else {"html": html}, both)
        for hour, (_, api, html, both) in zip(hours, drawn, strict=False)
    ]
    first = Judge(WORKDAY)
    verdicts = [first.judge(fetch) for fetch in fetches[:place]]
    second = Judge(WORKDAY, json.loads(json.dumps(first.state)))
    assert verdicts + [second.judge(fetch) for fetch in fetches[place:]] == judge(fetches, WORKDAY)
