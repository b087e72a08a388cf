"""What state a day is in and for which reason, to the second at its end and at each limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dailypapers.snapshots.certificate import FetchEvidence
from dailypapers.snapshots.completeness.state import Bounds, FetchSummary, State, state_of, summaries

END = datetime(2025, 12, 11, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
WORKDAY = Bounds(END, may_be_empty=False)
WEEKEND = Bounds(END, may_be_empty=True)


def fetch(
    after: timedelta,
    papers: int = 5,
    new: int = 0,
    *,
    whole: bool = True,
    doubt: str | None = None,
    reason: str | None = None,
    elsewhere: bool = False,
    made: bool = True,
) -> FetchSummary:
    """A fetch so long after the end of the day."""
    return FetchSummary(END + after, whole and doubt is None, doubt, reason, papers, new, elsewhere, made)


def state(*fetches: FetchSummary, bounds: Bounds = WORKDAY, after: timedelta = 40 * DAY) -> State:
    """The state of a day so long after its end."""
    return state_of(fetches, bounds, END + after)


def test_a_day_is_over_at_its_end_and_not_a_second_before() -> None:
    assert state(after=-SECOND) == State("open", "it is not over")
    assert state(after=timedelta(0)) == State("settling", "it is over and was never fetched")


def test_a_fetch_exactly_at_the_end_of_the_day_is_one_after_it() -> None:
    at_end, later = fetch(timedelta(0)), fetch(12 * HOUR)
    whole = "whole at 2025-12-11 00:00; another whole fetch 12 h apart must find nothing new"
    assert state(at_end, after=HOUR) == State("settling", whole)
    assert state(fetch(-SECOND), after=HOUR) == State("settling", "it is over; no whole fetch after its end yet")
    closed = "whole at 2025-12-11 00:00 and 2025-12-11 12:00, and no new paper since"
    assert state(at_end, later) == State("closed", closed)
    assert state(fetch(-SECOND), later).name == "settling"
    nothing = State("empty", "2 whole fetches after its end found nothing")
    assert state(fetch(timedelta(0), 0), fetch(7 * DAY, 0)) == nothing
    assert state(fetch(-SECOND, 0), fetch(7 * DAY, 0)).name == "settling"


def test_the_newest_whole_fetch_is_the_one_that_is_named() -> None:
    whole = "whole at 2025-12-11 02:00; another whole fetch 12 h apart must find nothing new"
    assert state(fetch(HOUR), fetch(2 * HOUR)) == State("settling", whole)


def test_two_whole_fetches_twelve_hours_apart_close_a_day_unless_a_paper_came_between() -> None:
    assert state(fetch(HOUR), fetch(13 * HOUR - SECOND)).name == "settling"
    assert state(fetch(HOUR), fetch(13 * HOUR)).name == "closed"
    assert state(fetch(HOUR), fetch(2 * HOUR, new=1), fetch(13 * HOUR)).name == "settling"
    assert state(fetch(HOUR), fetch(2 * HOUR, new=1), fetch(14 * HOUR)).name == "closed"
    between = fetch(2 * HOUR, whole=False)
    assert state(fetch(HOUR), between, fetch(13 * HOUR)).name == "closed"


def test_the_newest_pair_that_closes_a_day_is_the_one_that_is_named() -> None:
    fetches = [fetch(hours * HOUR) for hours in (1, 13, 26)]
    assert state(*fetches).reason == "whole at 2025-12-11 13:00 and 2025-12-12 02:00, and no new paper since"


def test_thirty_days_after_the_end_one_whole_fetch_with_papers_is_enough() -> None:
    late = State("closed", "whole at 2026-01-10 00:00, 30 days or more after its end")
    assert state(fetch(30 * DAY)) == late
    assert state(fetch(30 * DAY - SECOND)).name == "settling"
    assert state(fetch(30 * DAY, made=False)).name == "settling"
    assert state(fetch(30 * DAY, 0)).name == "settling"
    assert state(fetch(30 * DAY, 1)).name == "closed"


def test_an_empty_day_takes_two_whole_fetches_seven_days_apart() -> None:
    first, last = fetch(HOUR, 0), fetch(7 * DAY + HOUR, 0)
    assert state(first, last) == State("empty", "2 whole fetches after its end found nothing")
    assert state(first, fetch(2 * HOUR, 0), last) == State("empty", "3 whole fetches after its end found nothing")
    assert state(first, fetch(HOUR, 1), last).name != "empty"
    needed = "it is empty if the site shows papers of another day, or lists nothing 7 days after the first time"
    nearly = fetch(7 * DAY + HOUR - SECOND, 0)
    assert state(first, nearly) == State("settling", f"nothing listed at 2025-12-18 00:59; {needed}")


def test_an_hour_is_enough_if_the_site_showed_papers_of_another_day() -> None:
    first, later = fetch(HOUR, 0), fetch(2 * HOUR, 0)
    shown_first, shown_later = fetch(HOUR, 0, elsewhere=True), fetch(2 * HOUR, 0, elsewhere=True)
    assert state(first, later).name == "settling"
    assert state(shown_first, later).name == "empty"
    assert state(first, shown_later).name == "empty"
    assert state(shown_first, fetch(2 * HOUR - SECOND, 0)).name == "settling"
    assert state(shown_first).name == "settling"
    # It is an hour apart from the first or from the last one.
    middle = fetch(2 * HOUR, 0, elsewhere=True)
    assert state(fetch(1.5 * HOUR, 0), middle, fetch(2.5 * HOUR, 0)).name == "settling"
    assert state(fetch(1.5 * HOUR, 0), middle, fetch(3 * HOUR, 0)).name == "empty"


def test_one_late_fetch_proves_an_empty_day_if_the_site_showed_another() -> None:
    reason = "nothing 30 days after its end, while the site showed papers of another day"
    assert state(fetch(30 * DAY, 0, elsewhere=True), bounds=WEEKEND) == State("empty", reason)
    for wrong in (
        fetch(30 * DAY - SECOND, 0, elsewhere=True),
        fetch(30 * DAY, 0),
        fetch(30 * DAY, 0, elsewhere=True, made=False),
        fetch(30 * DAY, 0, elsewhere=True, whole=False),
    ):
        assert state(wrong, bounds=WEEKEND).name == "settling"
    assert state(fetch(30 * DAY, 0, elsewhere=True), bounds=WORKDAY).name == "settling"


def test_lists_of_the_moment_close_with_one_whole_fetch() -> None:
    at_once = Bounds(END, may_be_empty=False, at_once=True)
    assert state(fetch(-HOUR), bounds=at_once) == State("closed", "looked at once, as it was then")
    assert state(fetch(-HOUR, whole=False), fetch(-HOUR), bounds=at_once).name == "closed"
    assert state(fetch(-HOUR, whole=False), bounds=at_once, after=-HOUR).name == "open"


def test_the_newest_doubt_makes_a_day_partial_with_its_reason() -> None:
    assert state(fetch(HOUR, doubt="fall", reason="9 of 10 missing")) == State("partial", "9 of 10 missing")
    assert state(fetch(HOUR, doubt="fall")) == State("partial", "fall")
    assert state(fetch(HOUR, doubt="fall"), fetch(2 * HOUR)).name == "settling"
    assert state(fetch(-2 * HOUR, doubt="fall"), after=-HOUR).name == "partial"


@pytest.mark.parametrize(("after", "name"), [(-HOUR, "open"), (2 * HOUR, "settling")])
def test_a_day_seen_in_one_view_says_so(after: timedelta, name: str) -> None:
    one = fetch(-2 * HOUR, whole=False)
    assert state(one, after=after) == State(name, "seen in one view only")  # type: ignore[arg-type]
    assert state(fetch(-2 * HOUR, doubt="cut"), one, after=after).reason != "seen in one view only"
    assert state(fetch(-3 * HOUR), one, after=after).reason != "seen in one view only"


def test_the_summary_of_a_fetch_is_what_its_certificate_says() -> None:
    evidence: list[FetchEvidence] = [
        {**_EVIDENCE, "kind": "import", "whole": True, "elsewhere": True},
        {**_EVIDENCE, "kind": "fetch", "doubt": "apart", "reason": "the views differ"},
    ]
    assert summaries(evidence) == [
        FetchSummary(END, True, None, None, 7, 3, elsewhere=True, made=False),
        FetchSummary(END, False, "apart", "the views differ", 7, 3, elsewhere=False, made=True),
    ]


_EVIDENCE: FetchEvidence = {
    "file": "20251211T000000Z-0.warc.gz",
    "bytes": 1,
    "sha256": "",
    "at": "2025-12-11T00:00:00Z",
    "at_known": True,
    "kind": "fetch",
    "whole": False,
    "doubt": None,
    "reason": None,
    "papers": 7,
    "new": 3,
    "left": 0,
    "elsewhere": False,
    "views": [],
}
