"""When a day is due, what state it is in, when it raises the alarm: tables of cases, and a thousand simulated days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from dailypapers.ingest.plan.revisit import DayHistory, alarm_of, next_look, window
from dailypapers.ingest.sources.calendars import Period, arxiv, hugging_face
from dailypapers.snapshots.completeness.state import Bounds, FetchSummary, state_of
from tests.support.simulated_days import (
    BEGIN,
    DAY,
    END,
    HOUR,
    LAST,
    Life,
    Problem,
    Stay,
    World,
    changes,
    hourly,
    live,
    random_ticks,
)
from tests.support.simulated_days import random_world as world_of

WORKDAY = Bounds(END, may_be_empty=False)
WEEKEND = Bounds(END, may_be_empty=True)


def look(
    hours: float, papers: int = 5, new: int = 0, doubt: str | None = None, made: bool = True, elsewhere: bool = False
) -> FetchSummary:
    """A fetch this many hours after the end of the day; whole unless it has a doubt."""
    return FetchSummary(END + hours * HOUR, doubt is None, doubt, doubt, papers, new, elsewhere, made)


def listed(*looks: FetchSummary, bounds: Bounds = WORKDAY) -> DayHistory:
    """The day as the plan sees it."""
    return DayHistory(Period.DAY, DAY, bounds, looks)


@pytest.mark.parametrize(
    ("looks", "bounds", "hours", "state"),
    [
        ([], WORKDAY, -1, "open"),
        ([], WORKDAY, 0, "settling"),
        ([look(-3)], WORKDAY, 0, "settling"),
        ([look(1)], WORKDAY, 1, "settling"),
        ([look(1), look(12.9)], WORKDAY, 13, "settling"),
        ([look(1), look(13)], WORKDAY, 13, "closed"),
        ([look(1), look(13, new=1)], WORKDAY, 13, "settling"),  # a late paper reopens
        ([look(1), look(13), look(80, new=1)], WORKDAY, 80, "settling"),
        ([look(1), look(13), look(80, new=1), look(92)], WORKDAY, 92, "closed"),
        ([look(-1), look(13)], WORKDAY, 13, "settling"),  # before its end proves nothing about it
        ([look(1), look(13), look(80, doubt="failed")], WORKDAY, 80, "closed"),  # un-closes nothing
        ([look(1), look(13), look(80, doubt="failed", new=1)], WORKDAY, 80, "partial"),
        ([look(1), look(5, doubt="apart")], WORKDAY, 5, "partial"),
        ([look(1), look(5, doubt="apart"), look(14)], WORKDAY, 14, "closed"),
        ([look(24 * 30)], WORKDAY, 24 * 30, "closed"),
        ([look(24 * 30 - 1)], WORKDAY, 24 * 30, "settling"),
        ([look(24 * 30, made=False)], WORKDAY, 24 * 30, "settling"),
        ([look(24 * 30, papers=0)], WORKDAY, 24 * 30, "settling"),
        ([look(1, 0), look(1.9, 0)], WEEKEND, 2, "settling"),
        ([look(1, 0), look(2, 0)], WEEKEND, 2, "settling"),  # a throttled site answers like that
        ([look(1, 0, elsewhere=True), look(2, 0)], WEEKEND, 2, "empty"),
        ([look(1, 0), look(2, 0, elsewhere=True)], WEEKEND, 2, "empty"),
        ([look(1, 0), look(1.5, 0, elsewhere=True), look(2, 0)], WEEKEND, 2, "settling"),
        ([look(-5, 0, elsewhere=True), look(1, 0), look(73, 0)], WEEKEND, 73, "settling"),
        ([look(1, 0), look(168, 0)], WEEKEND, 168, "settling"),
        ([look(1, 0), look(169, 0)], WEEKEND, 169, "empty"),
        ([look(-5), look(1, 0), look(2, 0)], WEEKEND, 2, "settling"),
        ([look(-5, 0), look(2, 0)], WEEKEND, 2, "settling"),
        ([look(24 * 31, 0)], WEEKEND, 24 * 31, "settling"),
    ],
)
def test_states(looks: list[FetchSummary], bounds: Bounds, hours: float, state: str) -> None:
    assert state_of(looks, bounds, END + hours * HOUR).name == state


@pytest.mark.parametrize(("bounds", "state"), [(WEEKEND, "empty"), (WORKDAY, "settling")])
def test_one_late_look_proves_an_empty_day_if_the_site_showed_another(bounds: Bounds, state: str) -> None:
    late = FetchSummary(END + timedelta(days=30), True, None, None, 0, 0, elsewhere=True)
    assert state_of([late], bounds, late.at).name == state


def test_lists_of_the_moment_close_at_once() -> None:
    at_once = Bounds(END, may_be_empty=False, at_once=True)
    assert state_of([look(-9)], at_once, END - 9 * HOUR).name == "closed"
    assert state_of([look(-9, doubt="failed")], at_once, END - 9 * HOUR).name == "partial"


def test_one_view_only_is_said() -> None:
    one = FetchSummary(END + HOUR, False, None, None, 50, 50, made=False)
    assert state_of([one], WORKDAY, one.at).reason == "seen in one view only"


@pytest.mark.parametrize(
    ("looks", "due"),
    [
        ([], BEGIN + HOUR),
        ([look(-23)], BEGIN + 4 * HOUR),
        ([look(-20.5)], BEGIN + 4 * HOUR),
        ([look(-10)], BEGIN + 16 * HOUR),
        ([look(-1)], END + HOUR),
        ([look(1)], END + 25 * HOUR),
        ([look(12)], END + 25 * HOUR),
        ([look(14)], END + 49 * HOUR),  # 25 h would be less than 12 h after the newest whole fetch
        ([look(1), look(25)], END + 73 * HOUR),  # closed: 3 days and an hour
        ([look(1), look(25), look(73)], END + (7 * 24 + 1) * HOUR),
        ([look(1), look(25), look(24 * 15)], END + (30 * 24 + 1) * HOUR),
        ([look(1), look(25), look(24 * 31)], None),
        ([look(1, doubt="apart")], END + 2 * HOUR),
        ([look(1, doubt="apart"), look(2, doubt="apart")], END + 4 * HOUR),
        ([look(n, doubt="apart") for n in (1, 2, 4, 8, 16)], END + 32 * HOUR),
        ([look(n, doubt="apart") for n in (1, 2, 4, 8, 16, 32)], END + 56 * HOUR),
        ([look(n, doubt="apart") for n in (1, 2, 4, 8, 16, 32, 56)], END + 80 * HOUR),
        ([look(1, doubt="apart"), look(2), look(3, doubt="apart")], END + 4 * HOUR),
        ([look(24 * 30 + 1, doubt="apart")], END + (24 * 30 + 2) * HOUR),  # looked at until it is believed
        ([look(24 * 33, doubt="apart")], END + (24 * 33 + 1) * HOUR),
        ([look(24 * 30 + n, doubt="failed") for n in (1, 25, 49)], END + (24 * 32 + 5) * HOUR),
        ([look(24 * 30 + n, doubt="failed") for n in (1, 25, 49, 72)], END + (24 * 33 + 8) * HOUR),
        ([look(24 * 30 + n, doubt="failed") for n in (1, 25, 49, 73)], None),
        ([look(1), look(25), *(look(24 * 30 + n, doubt="failed") for n in (1, 25, 49, 73))], None),
        (
            [*(look(24 * 27 + n, doubt="failed") for n in (1, 25, 49, 73)), look(24 * 31, doubt="failed")],
            END + timedelta(days=31, hours=16),
        ),
        ([look(1), look(25), look(30, doubt="failed")], END + 73 * HOUR),  # by hand, between the late looks
        ([look(1), look(25), look(73, doubt="failed")], END + 74 * HOUR),
        ([look(1), look(25), look(73, doubt="failed"), look(74)], END + (7 * 24 + 1) * HOUR),
        ([look(-23, made=False)], BEGIN + HOUR),  # an import settles no look
    ],
)
def test_next_look(looks: list[FetchSummary], due: datetime | None) -> None:
    assert next_look(listed(*looks), LAST) == due


@pytest.mark.parametrize(
    ("looks", "hours", "kind"),
    [
        ([], -23 + 30, None),
        ([], -23 + 31, "missing"),
        ([look(-10)], -8 + 31, "overdue"),
        ([look(1)], 24, None),
        ([look(1, doubt="apart"), look(3, doubt="apart")], 3, None),
        ([look(1, doubt="apart"), look(4, doubt="apart")], 4, "doubt"),
        ([look(1, doubt="apart"), look(4, doubt="apart"), look(5)], 5, None),
        ([look(1, doubt="apart"), look(7 * 24 + 1, doubt="apart")], 7 * 24 + 1, None),
        ([look(1, doubt="apart"), look(4, doubt="apart")], 24 * 36, None),
    ],
)
def test_alarms(looks: list[FetchSummary], hours: float, kind: str | None) -> None:
    alarm = alarm_of(listed(*looks), END + hours * HOUR)
    assert (alarm.kind if alarm else None) == kind


def test_window_is_todays_first_and_begins_with_the_first_day_held() -> None:
    today = date(2025, 12, 19)
    assert window(Period.DAY, None, today) == [today]
    assert window(Period.DAY, date(2025, 12, 17), today) == [date(2025, 12, 19 - number) for number in range(3)]
    assert len(window(Period.DAY, date(2024, 1, 1), today)) == 36
    assert window(Period.WEEK, date(2025, 12, 8), today) == [date(2025, 12, 15), date(2025, 12, 8)]
    assert window(Period.MONTH, date(2025, 11, 1), today) == [date(2025, 12, 1), date(2025, 11, 1)]


def test_a_week_is_looked_at_once_a_day_and_after_its_end_like_a_day() -> None:
    monday = date(2025, 12, 8)
    end = datetime(2025, 12, 15, tzinfo=UTC)
    found: list[datetime] = []
    looks: list[FetchSummary] = []
    for _ in range(9):
        due = next_look(DayHistory(Period.WEEK, monday, Bounds(end, False), looks), LAST)
        assert due is not None
        found.append(due)
        looks.append(FetchSummary(due, True, None, None, 9, 0))
    assert found == [datetime(2025, 12, day, 1, tzinfo=UTC) for day in range(8, 17)]


@pytest.mark.parametrize(("day", "quiet"), [(6, True), (7, True), (8, False), (25, True), (26, False)])
def test_hugging_face_calendar(day: int, quiet: bool) -> None:
    assert hugging_face(date(2025, 12, day)) is quiet


@pytest.mark.parametrize(
    ("day", "quiet"), [("2026-11-26", True), ("2026-11-27", False), ("2026-12-29", True), ("2026-12-26", True)]
)
def test_arxiv_calendar(day: str, quiet: bool) -> None:
    assert arxiv(date.fromisoformat(day)) is quiet


def paper(number: int, hours: float, until: float | None = None) -> Stay:
    """A paper that appears this many hours after the start of the day, and may vanish."""
    return Stay(f"paper-{number}", BEGIN + hours * HOUR, None if until is None else BEGIN + until * HOUR)


HEALTHY = [paper(number, number / 2) for number in range(40)]


def final(life: Life) -> str:
    """What the day is in the end."""
    return state_of(life.looks, life.bounds, LAST).name


def test_a_healthy_day_is_closed_after_its_second_morning_with_the_looks_of_the_plan_alone() -> None:
    life = live(World(HEALTHY), hourly())
    assert [round((one.at - BEGIN) / HOUR) for one in life.looks] == [
        1,
        4,
        7,
        10,
        13,
        16,
        19,
        22,
        25,
        49,
        97,
        193,
        361,
        745,
    ]
    assert [state.name for state in life.states].index("closed") == 9
    assert all(one.whole for one in life.looks)


def test_a_late_paper_reopens_the_day_and_is_found_by_the_next_look() -> None:
    life = live(World([*HEALTHY, paper(99, 60)]), hourly())
    assert [state.name for state in life.states][9:13] == ["closed", "settling", "closed", "closed"]
    assert "paper-99" in life.seen(10)


def test_a_day_whose_view_is_down_for_weeks_is_partial_and_then_left_alone() -> None:
    down = Problem("html", "down", BEGIN, LAST)
    life = live(World(HEALTHY, [down]), hourly())
    assert final(life) == "partial"
    assert len(life.looks) < 50
    assert next_look(life.listed(), LAST) is None


@pytest.mark.parametrize("kind", ["hides", "stale", "empty"])
def test_a_view_that_differs_for_good_is_believed_after_three_days(kind: str) -> None:
    life = live(World(HEALTHY, [Problem("html", kind, BEGIN, LAST)]), hourly())  # type: ignore[arg-type]
    assert final(life) == "closed"
    assert len(life.seen(len(life.looks))) == 40


def test_a_working_day_without_papers_is_empty_only_after_four_looks_over_three_days() -> None:
    life = live(World([]), hourly())
    number = next(changes(life, "empty"))
    answered = [one.at for one in life.looks[: number + 1] if one.at >= END]
    assert len(answered) >= 4
    assert answered[-1] - answered[0] >= timedelta(days=3)


def test_a_throttled_site_makes_no_empty_day() -> None:
    both = [Problem(view, "empty", BEGIN, END + 60 * HOUR) for view in ("api", "html")]
    life = live(World(HEALTHY, both), hourly())
    assert "empty" not in {state.name for state in life.states}
    assert final(life) == "closed"


@pytest.mark.parametrize("block", range(4))
def test_random_days(block: int) -> None:
    """A thousand worlds, troubles and rhythms of cron."""
    for seed in range(block * 250, block * 250 + 250):
        rng = Random(seed)
        life = live(world_of(rng), random_ticks(rng))
        _check_closing(life, seed)
        _check_end(life, seed)


def _check_closing(life: Life, seed: int) -> None:
    for number in changes(life, "closed"):
        at = life.looks[number].at
        for stay in life.world.papers:
            if stay.is_there(at) and stay.is_there(at - 12 * HOUR):
                shown = any(stay.key in view.keys for view in life.passes[number].views.values())
                assert stay.key in life.seen(number) or not shown, (seed, stay)
                assert stay.key in life.seen(number) or life.looks[number].doubt or _hidden(life, at), (seed, stay)


def _hidden(life: Life, at: datetime) -> bool:
    """Whether both views are in trouble: then the site itself does not show the paper."""
    return {one.view for one in life.world.problems if one.since <= at < one.until} == {"api", "html"}


def _check_end(life: Life, seed: int) -> None:
    names = {state.name for state in life.states}
    if life.world.papers and life.seen(len(life.looks)):
        assert "empty" not in names or not life.seen(len(life.looks) - 1), seed
    if not life.world.problems and life.looks and life.looks[-1].at > END + timedelta(days=20):
        assert final(life) in {"closed", "empty"}, seed
        assert not any(one.doubt == "failed" for one in life.looks), seed
    last = life.looks[-1].at if life.looks else BEGIN
    missed = [
        stay for stay in life.world.papers if stay.is_there(last) and stay.key not in life.seen(len(life.looks) - 1)
    ]
    assert not missed or _hidden(life, last), (seed, missed)


def test_four_hundred_healthy_days_with_failed_answers_raise_no_alarm() -> None:
    """One answer of a hundred fails, for a quarter of an hour; cron runs every hour."""
    for seed in range(400):
        rng = Random(seed)
        failures = [
            Problem(view, "down", tick, tick + HOUR / 4)
            for tick in hourly(END + timedelta(days=31))
            for view in ("api", "html")
            if rng.random() < 0.01
        ]
        life = live(World(HEALTHY, failures), hourly())
        assert final(life) == "closed", seed
        for number, one in enumerate(life.looks):
            before = DayHistory(Period.DAY, DAY, life.bounds, life.looks[: number + 1])
            assert alarm_of(before, one.at) is None, (seed, one.at)


def unanswered(hours: float) -> FetchSummary:
    """A fetch this many hours after the end of the day that no view answered."""
    return FetchSummary(END + hours * HOUR, False, "failed", "refused", 0, 0)


@pytest.mark.parametrize(
    ("looks", "passes", "due"),
    [
        ([], [1], 2),
        ([], [1, 2], 4),
        ([look(-1)], [1, 2, 4], 8),
        ([look(1, doubt="failed")], [2], 4),  # the row goes on
        ([look(5)], [1, 2], 25),  # answered since: what a killed run left counts no more
        ([look(1), look(25)], [30], 73),  # by hand, between the late looks
        ([look(1), look(25)], [73], 74),
    ],
)
def test_a_pass_without_any_answer_rests_as_a_doubt_does(
    looks: list[FetchSummary], passes: list[float], due: float
) -> None:
    history = listed(*looks)._replace(unanswered=[unanswered(hours) for hours in passes])
    assert next_look(history, LAST) == END + due * HOUR


def test_a_new_paper_at_a_doubtful_late_look_is_looked_at_until_the_day_is_closed_again() -> None:
    late = look(24 * 30 + 1, doubt="apart", papers=9, new=1)
    opened = listed(look(1), look(25), late)
    assert state_of(opened.looks, opened.bounds, late.at).name == "partial"
    assert next_look(opened, late.at) == late.at + HOUR
    closed = listed(*opened.looks, look(24 * 30 + 2, papers=9))
    assert (state_of(closed.looks, closed.bounds, LAST).name, next_look(closed, LAST)) == ("closed", None)
