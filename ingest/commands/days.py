"""The days that a command line asks for."""

from __future__ import annotations

from datetime import date, timedelta

from ingest.clock import Clock, parse_day
from ingest.errors import UsageError
from ingest.sources import Source


def asked_days(source: Source, clock: Clock, day: str | None, since: str | None, until: str | None) -> list[date]:
    """The days of `--day`, or of `--since` to `--until` (today unless said); today where nothing is said.

    Raises UsageError for a day before the source's first, one in the future, and a range that ends before it begins.
    """
    if day is not None and (since is not None or until is not None):
        raise UsageError("--day is one day and --since/--until are a range: say one of the two")
    if since is None and until is not None and day is None:
        raise UsageError("--until needs --since, the first day of the range")
    first = _day(day or since, clock)
    last = _day(day or until, clock)
    check_day(source, first, clock)
    check_day(source, last, clock)
    if last < first:
        raise UsageError(f"the range ends on {last}, before it begins on {first}")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _day(text: str | None, clock: Clock) -> date:
    return clock.today() if text is None else parse_day(text)


def check_day(source: Source, day: date, clock: Clock) -> None:
    """Raises UsageError for a day that the source cannot have listed."""
    if day < source.first_day:
        raise UsageError(f"{source.name} begins on {source.first_day}; {day} is before that")
    if day > clock.today():
        raise UsageError(f"{day} is in the future; today is {clock.today()} (UTC)")


def bounds(since: str | None, until: str | None) -> tuple[date, date]:
    """The first and the last day that `--since` and `--until` let through. Raises UsageError on what is no day."""
    return (parse_day(since) if since else date.min), (parse_day(until) if until else date.max)
