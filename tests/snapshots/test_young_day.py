"""How complete a young day usually is: on a scripted month, and at each limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.completeness.young_day import YoungDay, listed_share, young_day
from tests.papersite import Moving
from tests.papersite.periods import is_quiet, midnight
from tests.support.scripted_month import BUSY, DAYS, FATES, FIRST
from tests.support.simulated_days import Stay, World, live

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YOUNG = date(2025, 12, 10)
PAPERS = Moving(7, BUSY, fates=FATES)
"""The papers of the scripted month, which goes on for another with as many a day."""
NEAR = ((4 * HOUR, 4), (10 * HOUR, 6), (25 * HOUR, 0))
"""Fetches of a day by the time after midnight, each with its new papers: 4 of 10 by 4:00, all by 10:00."""


def fetches(
    day: date, looks: Sequence[tuple[timedelta, int]] = NEAR, *, made: bool = True, doubt: str | None = None
) -> list[FetchSummary]:
    begin = datetime.combine(day, time(), UTC)
    return [FetchSummary(begin + after, doubt is None, doubt, None, new, new, made=made) for after, new in looks]


def weekdays(count: int, until: date = YOUNG) -> dict[date, list[FetchSummary]]:
    days = (until - number * DAY for number in range(1, 100))
    return {day: fetches(day) for day in [day for day in days if day.weekday() < 5][:count]}


def young(hour: float, closed: Mapping[date, Sequence[FetchSummary]], day: date = YOUNG) -> YoungDay | None:
    return young_day(day, fetches(day, [(hour * HOUR, 3)]), closed)


def test_a_scripted_month_is_told_from_its_first_20_days() -> None:
    days = [day for number in range(60) if not is_quiet(day := FIRST + number * DAY) and PAPERS.history(day)]
    first, others = days[:20], days[20:]
    assert len(others) >= 15
    assert set(first) <= set(DAYS)
    looks = {day: simulated_looks(day) for day in days}
    for hour in (6, 12, 18):
        newest = [FetchSummary(midnight(others[0]) + hour * HOUR, True, None, None, 0, 0)]
        result = young_day(others[0], newest, {day: looks[day] for day in first})
        assert result is not None
        assert result.days == 20
        seen = [share for day in others if (share := listed_share(day, looks[day], hour * HOUR)) is not None]
        assert len(seen) == len(others)
        assert abs(result.usual_share - median(seen)) <= 0.1
        # The same for what the site lists, not only for what was fetched.
        assert abs(result.usual_share - median(share_on_site(day, hour) for day in others)) <= 0.1
        # Single days differ by more, whatever the result: the best of all single numbers is hardly nearer to them.
        least = median(abs(median(seen) - share) for share in seen)
        assert median(abs(result.usual_share - share) for share in seen) <= least + 0.02


def share_on_site(day: date, hour: int) -> float:
    """The share of the day's papers that the site listed by that hour."""
    stays = PAPERS.history(day).values()
    return sum(stay.appeared <= midnight(day) + hour * HOUR for stay in stays) / len(stays)


def simulated_looks(day: date) -> list[FetchSummary]:
    """The fetches of a day of the scripted month with cron every hour."""
    papers = [Stay(name, stay.appeared, stay.left) for name, stay in PAPERS.history(day).items()]
    ticks = [midnight(day) + number * HOUR + timedelta(minutes=7) for number in range(30 * 24)]
    return live(World(papers, day=day), ticks).looks


def test_the_sentence() -> None:
    result = young(10, weekdays(20))
    assert str(result) == "3 papers so far; by 10:00 UTC 100 % of a day's papers have usually been listed"
    assert str(YoungDay(midnight(YOUNG), 1, 0.615, 20)).startswith("1 paper so far; by 00:00 UTC 62 %")


@pytest.mark.parametrize(
    ("hour", "share"), [(0, 0.0), (1, 0.1), (4, 0.4), (7, 0.7), (10, 1.0), (10.5, None), (24.5, None), (25.5, None)]
)
def test_papers_come_evenly_between_two_fetches_that_are_near(hour: float, share: float | None) -> None:
    result = listed_share(YOUNG, fetches(YOUNG), hour * HOUR)
    assert result == (share if share is None else pytest.approx(share))


def test_fetches_more_than_six_hours_apart_tell_nothing_between_them() -> None:
    apart = fetches(YOUNG, [(4 * HOUR, 4), (10 * HOUR + timedelta(seconds=1), 6)])
    assert listed_share(YOUNG, apart, 7 * HOUR) is None
    assert listed_share(YOUNG, apart, 4 * HOUR) == 0.4


def test_a_doubtful_fetch_is_no_point_but_its_papers_count_at_the_next_one() -> None:
    begin = midnight(YOUNG)
    failed = FetchSummary(begin + 5 * HOUR, False, "failed", "api: HTTP 500", 5, 5)
    looks = [*fetches(YOUNG, [(4 * HOUR, 2)]), failed, *fetches(YOUNG, [(7 * HOUR, 3)])]
    assert listed_share(YOUNG, looks, 5 * HOUR) == pytest.approx(0.2 + 0.8 / 3)


def test_a_day_without_papers_or_with_papers_from_an_import_says_nothing() -> None:
    assert listed_share(YOUNG, fetches(YOUNG, [(HOUR, 0)]), HOUR) is None
    imported = fetches(YOUNG, [(HOUR, 1)], made=False)
    assert listed_share(YOUNG, imported + fetches(YOUNG), 4 * HOUR) is None
    nothing_new = fetches(YOUNG, [(HOUR, 0)], made=False)
    assert listed_share(YOUNG, nothing_new + fetches(YOUNG), 4 * HOUR) == 0.4


def test_twenty_weekdays_of_sixty_days_are_needed() -> None:
    assert young(4, weekdays(19)) is None
    result = young(4, weekdays(20))
    assert result == YoungDay(midnight(YOUNG) + 4 * HOUR, 3, 0.4, 20)
    weekend = {YOUNG - 3 * DAY: fetches(YOUNG - 3 * DAY)}
    later = {YOUNG: fetches(YOUNG), YOUNG + DAY: fetches(YOUNG + DAY)}
    assert young(4, weekdays(19) | weekend | later) is None
    assert len(weekdays(60)) == 60
    every = young(4, weekdays(60))
    assert every is not None
    assert every.days == 42  # of 60 days: the one 60 days before is the first
    long_ago = {day - 61 * DAY: fetches(day - 61 * DAY) for day in weekdays(20)}
    assert young(4, long_ago) is None


@pytest.mark.parametrize("count", [20, 21, 22, 23])
def test_the_usual_share_is_the_median_of_the_days(count: int) -> None:
    shares = [number**2 for number in range(count)]
    days = {
        day: fetches(day, [(4 * HOUR, share), (10 * HOUR, 1000 - share)])
        for day, share in zip(weekdays(count), shares, strict=True)
    }
    result = young(4, days)
    assert result == YoungDay(midnight(YOUNG) + 4 * HOUR, 3, median(share / 1000 for share in shares), count)


def test_a_fetch_exactly_at_midnight_shows_what_is_listed_then() -> None:
    at_midnight = fetches(YOUNG, [(timedelta(0), 2), (4 * HOUR, 2)])
    assert [listed_share(YOUNG, at_midnight, hour * HOUR) for hour in (0, 2, 4)] == [0.5, 0.75, 1]


def test_nothing_is_said_of_a_weekend_or_of_a_day_whose_newest_fetch_is_no_point() -> None:
    closed = weekdays(30, date(2025, 12, 16))
    assert young(4, closed, date(2025, 12, 13)) is None
    assert young(4, closed, date(2025, 12, 15)) is not None
    monday = date(2025, 12, 15)
    assert young_day(monday, [], closed) is None
    assert young_day(monday, fetches(monday, made=False), closed) is None
    assert young_day(monday, fetches(monday, doubt="apart"), closed) is None
    assert young_day(monday, fetches(monday), closed) is None  # its newest fetch is of the day after


@given(st.lists(st.tuples(st.integers(1, 359), st.integers(0, 9)), min_size=1, max_size=9), st.integers(0, 3000))
def test_a_share_never_falls_and_ends_at_one(steps: list[tuple[int, int]], minute: int) -> None:
    looks, after = [], timedelta(0)
    for minutes, new in steps:
        after += timedelta(minutes=minutes)
        looks.append((after, new))
    day = fetches(YOUNG, looks)
    early = listed_share(YOUNG, day, timedelta(minutes=minute))
    late = listed_share(YOUNG, day, timedelta(minutes=minute + 1))
    if early is not None and late is not None:
        assert 0 <= early <= late <= 1
    if any(new for _, new in steps):
        assert listed_share(YOUNG, day, after) == 1
