"""The days that a user may ask a source for, due or not."""

from __future__ import annotations

from datetime import date, timedelta

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.sources.model import Source
from dailypapers.ingest.sources.period import Period


def check_day(source: Source, day: date, today: date) -> None:
    """Raises UsageError for a day that the source cannot have listed."""
    if source.period.first_day(day) < source.first_day:
        raise UsageError(f"{source.name} begins on {source.first_day}; {day} is before that")
    if day > today:
        raise UsageError(f"{day} is in the future; today is {today} (UTC)")


def listings_between(source: Source, first: date, last: date, today: date) -> list[date]:
    """The days that name the listings of the source from `first` to `last`.

    Raises UsageError for days before the source's first and in the future, and for any day but today if the source
    shows only its current list.
    """
    check_day(source, first, today)
    check_day(source, last, today)
    if source.period is Period.NOW and first != today:
        raise UsageError(f"{source.name} shows only its current list: the only day to fetch is today, {today}")
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(source.period.first_day(day) for day in days))


def has_past_days(source: Source) -> bool:
    """Whether days other than today can be fetched, so that a range for all sources includes this one."""
    return source.fetched and source.period is not Period.NOW
