"""Which days a run fetches: those of a series that are due, those of a range that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import Source, SourceSeries
from dailypapers.snapshots.completeness.state import state_of
from dailypapers.snapshots.store.layout import Store

from .inventory import day_history, first_day
from .revisit import SETTLED_STATES, DayHistory, is_due, is_unfinished, window


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


def histories_of(
    store: Store, source_series: SourceSeries, days: Iterable[date], known: Mapping[date, DayHistory]
) -> dict[date, DayHistory]:
    """The histories of some days; those that are `known` are not read again."""
    return {day: known.get(day) or day_history(store, source_series.on(day)) for day in days}


def due_days(
    store: Store, source_series: SourceSeries, now: datetime, known: Mapping[date, DayHistory]
) -> list[DayHistory]:
    """The days of the window that are due for a look, today's first."""
    period = source_series.source.period
    if not source_series.source.fetched:
        return []
    days = window(period, first_day(store, source_series), now.date())
    histories = histories_of(store, source_series, days[:1] if period is Period.NOW else days, known)
    return [history for history in histories.values() if is_due(history, now)]


def unsettled(histories: Iterable[DayHistory], now: datetime) -> list[DayHistory]:
    """The days that are neither closed nor empty."""
    return [one for one in histories if state_of(one.looks, one.bounds, now).name not in SETTLED_STATES]


def unfinished(histories: Iterable[DayHistory], now: datetime) -> list[DayHistory]:
    """The days that a backfill still has to fetch: never fetched by us, doubtful, or due for a look."""
    return [history for history in histories if is_unfinished(history, now)]
