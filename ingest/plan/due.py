"""Which days a run fetches: those of a series that are due, those of a range that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.period import Period
from dailypapers.snapshots.completeness.state import state_of
from dailypapers.snapshots.store.layout import Store

from .inventory import day_history, first_day
from .reach import window
from .revisit import SETTLED_STATES, DayHistory, is_due, is_unfinished


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
