"""Days on which a site may list nothing; on any other day an empty answer is doubtful."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final


class Period(Enum):
    """The days that one listing covers; the first of them names it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    NOW = "now"
    """No date of its own: it is named by the UTC day of the fetch."""

    def first_day(self, day: date) -> date:
        """The first day of the listing that contains `day`: the Monday, the 1st of the month, or the day itself."""
        match self:
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)
            case _:
                return day

    def after(self, first: date) -> date:
        """The first day of the next listing."""
        match self:
            case Period.WEEK:
                return first + timedelta(days=7)
            case Period.MONTH:
                return (first + timedelta(days=31)).replace(day=1)
            case _:
                return first + timedelta(days=1)

    def before(self, day: date) -> date:
        """The first day of the last listing that begins before `day`."""
        return self.first_day(day - timedelta(days=1))

    def count(self, first: date, last: date) -> int:
        """The number of listings from one to another, both included; they are named by their first days."""
        match self:
            case Period.WEEK:
                return (last - first).days // 7 + 1
            case Period.MONTH:
                return (last.year - first.year) * 12 + last.month - first.month + 1
            case _:
                return (last - first).days + 1

    def days(self, first: date) -> list[date]:
        """The days of the listing that begins on `first`."""
        return [first + timedelta(days=number) for number in range((self.after(first) - first).days)]

    def end(self, first: date) -> datetime:
        """The first instant after the listing that begins on `first`, in UTC."""
        return datetime.combine(self.after(first), time(), UTC)


Calendar = Callable[[date], bool]
"""Whether a site may list nothing on a day."""

_HUGGING_FACE_DAYS: Final = frozenset({(1, 1), (12, 25)})

# Announced year by year at https://info.arxiv.org/help/availability.html. A year that is not here has only weekends:
# a missing holiday then shows as a doubtful day, and no day with papers is taken for empty.
_ARXIV_DAYS: Final = frozenset(
    date(2026, month, day)
    for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)


def hugging_face(day: date) -> bool:
    """Saturdays, Sundays, 1 January and 25 December: all of them were empty so far, and no other day for certain."""
    return _is_weekend(day) or (day.month, day.day) in _HUGGING_FACE_DAYS


def every_day(_: date) -> bool:
    """The calendar of a site that lists something every day."""
    return False


def no_day(_: date) -> bool:
    """The calendar of a listing that may be empty on any day."""
    return True


def arxiv(day: date) -> bool:
    """Weekends and announced holidays: nothing is announced on them (https://info.arxiv.org/help/availability.html)."""
    return _is_weekend(day) or day in _ARXIV_DAYS


def _is_weekend(day: date) -> bool:
    return day.weekday() > 4
