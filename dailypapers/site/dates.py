"""Days in words."""

from __future__ import annotations

from datetime import date, timedelta

from .listing import Period


def heading(period: Period, day: date) -> str:
    """What a listing is headed by."""
    match period:
        case "week":
            return f"Week {day.isocalendar().week}, {day.isocalendar().year}"
        case "month":
            return f"{day:%B} {day.year}"
        case _:
            return f"{day.day} {day:%B} {day.year}"


def subheading(period: Period, day: date) -> str | None:
    """The day of the week, or the days of a week."""
    if period == "month":
        return None
    if period != "week":
        return f"{day:%A}"
    last = day + timedelta(days=6)
    first = f"{day.day} {day:%B} {day.year}"
    if day.year == last.year:
        first = f"{day.day} {day:%B}" if day.month != last.month else f"{day.day}"
    return f"{first} – {last.day} {last:%B} {last.year}"


def short(period: Period, day: date) -> str:
    """The same in a link to it."""
    match period:
        case "week":
            return f"Week {day.isocalendar().week}"
        case "month":
            return f"{day:%B} {day.year}"
        case _:
            return f"{day:%a} {day.day} {day:%b}"
