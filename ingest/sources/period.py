"""What stretch of days a listing is for: a day, an ISO week, a month, or the moment it is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum


class Period(Enum):
    """The stretch of days that one listing of a source covers; its first day names it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    NOW = "now"
    """No date of its own: the UTC day of the fetch names it."""

    def first_day(self, day: date) -> date:
        """The day that names the listing in which `day` lies: Monday of its ISO week, the 1st of its month, itself."""
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

    def days(self, first: date) -> list[date]:
        """The days of the listing that `first` names."""
        return [first + timedelta(days=number) for number in range((self.after(first) - first).days)]

    def end(self, first: date) -> datetime:
        """The first instant after the listing that `first` names, in UTC."""
        return datetime.combine(self.after(first), time(), UTC)
