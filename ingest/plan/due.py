"""Which days a run fetches: those of a series that are due, those of a range that are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingest.sources.model import SourceSeries
from ingest.sources.period import Period
from snapshots.completeness.state import state_of
from snapshots.store.layout import Store

from .inventory import day_history
from .revisit import WINDOW, DayHistory, next_look, window


@dataclass(frozen=True, slots=True)
class DueDays:
    """The days to fetch, in order, and those that no run reaches any more because none ran for too long."""

    days: Sequence[DayHistory]
    missed: Sequence[date] = ()


def histories_of(
    store: Store, source_series: SourceSeries, days: Iterable[date], known: Mapping[date, DayHistory]
) -> dict[date, DayHistory]:
    """The histories of some days; those that are `known` are not read again."""
    return {day: known.get(day) or day_history(store, source_series.on(day)) for day in days}


def due_days(store: Store, source_series: SourceSeries, now: datetime, known: Mapping[date, DayHistory]) -> DueDays:
    """The days of the window that are due for a look, today's first."""
    period = source_series.source.period
    if not source_series.source.fetched:
        return DueDays([])
    stored = store.days_with_snapshots(source_series.series)
    days = window(period, stored[0] if stored else None, now.date())
    histories = histories_of(store, source_series, days[:1] if period is Period.NOW else days, known)
    missed = [] if period is Period.NOW else _missed(store, source_series, stored, now.date(), histories)
    return DueDays([history for history in histories.values() if _is_due(history, now)], missed)


def unsettled(histories: Iterable[DayHistory], now: datetime) -> list[DayHistory]:
    """The days that are neither closed nor empty."""
    return [history for history in histories if not _is_settled(history, now)]


def unfinished(histories: Iterable[DayHistory], now: datetime) -> list[DayHistory]:
    """The days that a backfill still has to fetch: never fetched by us, doubtful, or due for a look."""
    return [history for history in unsettled(histories, now) if _needs_fetch(history, now)]


def _needs_fetch(history: DayHistory, now: datetime) -> bool:
    return history.newest is None or history.newest.doubt is not None or _is_due(history, now)


def _is_settled(history: DayHistory, now: datetime) -> bool:
    return state_of(history.looks, history.bounds, now).name in {"closed", "empty"}


def _is_due(history: DayHistory, now: datetime) -> bool:
    look = next_look(history, now)
    return look is not None and look <= now


def _missed(
    store: Store,
    source_series: SourceSeries,
    stored: Sequence[date],
    today: date,
    histories: Mapping[date, DayHistory],
) -> list[date]:
    """The days between the newest stored day and the window, if nothing in the window was ever fetched by us."""
    if not stored or any(history.newest for history in histories.values()):
        return []
    if day_history(store, source_series.on(stored[-1])).newest is None:
        return []
    period = source_series.source.period
    first, last = period.after(stored[-1]), today - timedelta(days=WINDOW + 1)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(period.first_day(day) for day in days))
