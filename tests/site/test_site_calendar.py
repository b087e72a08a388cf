"""Days in words, and the calendar of a year: which days it shows, in which state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dailypapers.site import listing as dates
from dailypapers.site.calendar import Cell, DayState, SeriesYear, SiteChange, series_year
from dailypapers.site.listing import Listing
from dailypapers.snapshots.store.layout import Series

DAILY = Listing(Series("hf-daily"), "Daily Papers", "day")
WEEKLY = Listing(Series("hf-weekly"), "Weekly Papers", "week")
MONTHLY = Listing(Series("hf-monthly"), "Monthly Papers", "month")
TRENDING = Listing(Series("hf-trending"), "Trending Papers", "now")
DAY = date(2025, 12, 10)


@pytest.mark.parametrize(
    ("period", "day", "heading", "subheading", "short"),
    [
        ("day", DAY, "10 December 2025", "Wednesday", "Wed 10 Dec"),
        ("now", DAY, "10 December 2025", "Wednesday", "Wed 10 Dec"),
        ("week", date(2025, 12, 1), "Week 49, 2025", "1 – 7 December 2025", "Week 49"),
        ("week", date(2025, 9, 29), "Week 40, 2025", "29 September – 5 October 2025", "Week 40"),
        ("week", date(2025, 12, 29), "Week 1, 2026", "29 December 2025 – 4 January 2026", "Week 1"),
        ("month", date(2025, 12, 1), "December 2025", None, "December 2025"),
    ],
)
def test_days_in_words(period: Any, day: date, heading: str, subheading: str | None, short: str) -> None:
    assert dates.heading(period, day) == heading
    assert dates.subheading(period, day) == subheading
    assert dates.short(period, day) == short


@pytest.mark.parametrize(
    ("listing", "day", "end"),
    [
        (DAILY, date(2025, 12, 31), date(2026, 1, 1)),
        (TRENDING, DAY, date(2025, 12, 11)),
        (WEEKLY, date(2025, 12, 29), date(2026, 1, 5)),
        (MONTHLY, date(2025, 12, 1), date(2026, 1, 1)),
        (MONTHLY, date(2024, 2, 1), date(2024, 3, 1)),
    ],
)
def test_a_listing_ends_before_the_next_one(listing: Listing, day: date, end: date) -> None:
    assert listing.end(day) == datetime(end.year, end.month, end.day, tzinfo=UTC)
    assert listing.following(day) == end


def year(listing: Listing, states: dict[date, DayState], number: int = 2025, **options: Any) -> SeriesYear:
    changes: Sequence[SiteChange] = options.get("changes", ())
    return series_year(listing, number, states, changes, options.get("is_waived", lambda _: False))


def cells(of_year: SeriesYear) -> dict[str, Cell]:
    """The cells with a state, by their labels."""
    days = [cell for month in of_year.months for week in month.weeks for cell in week if cell is not None]
    return {cell.label: cell for cell in [*days, *of_year.periods] if cell.state is not None}


def test_the_calendar_of_a_year() -> None:
    states = {
        date(2025, 11, 29): DayState("closed", 1),
        date(2025, 12, 1): DayState("partial", 1200),
        date(2025, 12, 4): DayState("open", 0),
    }
    changes = [SiteChange("2025-12-01", "2025-12-01", "certain", "a field is new")]
    of_year = year(DAILY, states, changes=changes, is_waived=lambda day: day == date(2025, 12, 2))
    assert cells(of_year) == {
        "29 November 2025": Cell(
            29, "29 November 2025", "closed", "29 November 2025: closed, 1 paper", "hf-daily/2025-11-29.html"
        ),
        "30 November 2025": Cell(30, "30 November 2025", "missing", "30 November 2025: missing"),
        "1 December 2025": Cell(
            1,
            "1 December 2025",
            "partial",
            "1 December 2025: partial, 1200 papers, the site changed",
            "hf-daily/2025-12-01.html",
            changed=True,
        ),
        "2 December 2025": Cell(2, "2 December 2025", "waived", "2 December 2025: waived"),
        "3 December 2025": Cell(3, "3 December 2025", "missing", "3 December 2025: missing"),
        "4 December 2025": Cell(
            4, "4 December 2025", "open", "4 December 2025: open, 0 papers", "hf-daily/2025-12-04.html"
        ),
    }
    assert of_year.summary == "3 days (1 closed, 1 open, 1 partial), 1,201 papers"
    assert (of_year.title, of_year.periods, of_year.changes) == ("Daily Papers", [], changes)


def test_the_weeks_of_a_month_begin_on_monday() -> None:
    months = year(DAILY, {date(2025, 11, 29): DayState("closed", 1), DAY: DayState("closed", 2)}).months
    assert [month.name for month in months] == ["November", "December"]
    weeks = [[cell.number if cell else 0 for cell in week] for week in months[0].weeks]
    assert weeks[0] == [0, 0, 0, 0, 0, 1, 2]
    assert weeks[1:4] == [list(range(first, first + 7)) for first in (3, 10, 17)]
    assert weeks[4] == list(range(24, 31))
    assert [cell.number if cell else 0 for cell in months[1].weeks[4]] == [29, 30, 31, 0, 0, 0, 0]
    assert len(months[1].weeks) == 5


@pytest.mark.parametrize(("number", "months"), [(2024, 2), (2025, 12), (2026, 3)])
def test_a_year_has_the_months_from_the_first_to_the_newest_day(number: int, months: int) -> None:
    states = {date(2024, 11, 5): DayState("closed", 1), date(2026, 3, 1): DayState("closed", 1)}
    assert len(year(DAILY, states, number).months) == months
    first = year(DAILY, states, number).months[0].name
    assert first == ("November" if number == 2024 else "January")


def test_weeks_and_months_are_in_a_row() -> None:
    weeks = {date(2025, 12, 15): DayState("closed", 3), date(2026, 1, 5): DayState("open", 1)}
    of_year = year(WEEKLY, weeks)
    assert (of_year.months, of_year.summary) == ([], "1 week (1 closed), 3 papers")
    assert [(cell.label, cell.state) for cell in of_year.periods] == [
        ("Week 51", "closed"),
        ("Week 52", "missing"),
        ("Week 1", "missing"),
    ]
    assert [cell.label for cell in year(WEEKLY, weeks, 2026).periods] == ["Week 2"]
    months = {date(2025, 10, 1): DayState("closed", 3), date(2025, 12, 1): DayState("closed", 1)}
    of_months = year(MONTHLY, months)
    assert [cell.label for cell in of_months.periods] == ["October 2025", "November 2025", "December 2025"]
    assert of_months.summary == "2 months (2 closed), 4 papers"


def test_a_year_without_days_between_two_that_have_some() -> None:
    states = {date(2024, 12, 31): DayState("closed", 1), date(2026, 1, 1): DayState("closed", 1)}
    assert year(DAILY, states).summary == "nothing stored"


def test_days_on_which_nobody_looked_at_the_trending_papers_are_not_missing() -> None:
    states = {date(2025, 12, 1): DayState("closed", 2), date(2025, 12, 4): DayState("closed", 2)}
    is_waived = {date(2025, 12, 2)}.__contains__
    assert list(cells(year(TRENDING, states, is_waived=is_waived))) == [
        "1 December 2025",
        "2 December 2025",
        "4 December 2025",
    ]
