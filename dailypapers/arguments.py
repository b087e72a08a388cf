"""Arguments of the Python interface, as users write them: sources, days, times."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from dailypapers.ingest.clock import parse_day, parse_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES, series_named
from dailypapers.snapshots.store.layout import Series

from .errors import InvalidDay, InvalidQuery, InvalidTime, UnknownSource


def source_series(source: str, query: str | None, *, is_complete: bool = True) -> SourceSeries:
    """The series of a source. Raises UnknownSource or InvalidQuery.

    Unless the words of a search must be there (`is_complete`), a search without them stands for all of them.
    """
    if source not in SOURCES:
        raise UnknownSource(f"no source {source!r}; there are: {', '.join(SOURCES)}")
    if query is None and not is_complete:
        return SourceSeries(SOURCES[source], Series(source))
    try:
        return SourceSeries(SOURCES[source], series_named(SOURCES[source], query))
    except UsageError as error:
        raise InvalidQuery(str(error).replace("--query", "query")) from error


def day_range(since: date | str | None, until: date | str | None) -> tuple[date | None, date | None]:
    """The first and the last day of a range. Raises InvalidDay."""
    first, last = (None if day is None else as_day(day) for day in (since, until))
    if first is not None and last is not None and last < first:
        raise InvalidDay(f"the range ends on {last}, before it begins on {first}")
    return first, last


def as_day(day: date | str) -> date:
    """A day. Raises InvalidDay."""
    if isinstance(day, datetime):
        raise InvalidDay(f"{day!r} is an instant; give its day, for example {day.date()}")
    try:
        return parse_day(day) if isinstance(day, str) else day
    except UsageError as error:
        raise InvalidDay(str(error)) from error


def as_instant(when: datetime | str) -> datetime:
    """A time in UTC, in whole seconds. Raises InvalidTime."""
    try:
        instant = parse_instant(when) if isinstance(when, str) else when
    except UsageError as error:
        raise InvalidTime(str(error)) from error
    if instant.tzinfo is None:
        raise InvalidTime(f"{when!r} has no zone; add one, for example tzinfo=UTC")
    return instant.astimezone(UTC).replace(microsecond=0)


def as_since(since: datetime | date | str) -> datetime:
    """The time after which a paper must have been first seen; of a day, its first second is included.

    Raises InvalidTime or InvalidDay.
    """
    if isinstance(since, datetime) or (isinstance(since, str) and len(since) > len("2025-12-08")):
        return as_instant(since)
    day = as_day(since)
    # Nothing comes before the first day of the calendar.
    return datetime.combine(day, time(), UTC) - timedelta(seconds=day > date.min)
