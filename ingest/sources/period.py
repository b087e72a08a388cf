"""The period of a listing: a day, an ISO week, a month, or the time of the fetch."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum


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
