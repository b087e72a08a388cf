"""Which days of a series a run looks at: those that are due, those of a range that are not settled yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """The days to fetch, in order, and those that a run can no longer reach because it was away for too long."""

    days: Sequence[date]
    missed: Sequence[date] = ()


def due_days(store: Store, source_series: SourceSeries, now: datetime) -> DueDays:
    """The days of the window that are due for a look, today's first."""
    source = source_series.source
    if not source.fetched:
        return DueDays([])
    held = store.days_with_snapshots(source_series.series)
    days = window(source.period, held[0] if held else None, now.date())
    if source.period is Period.NOW:
        days = days[:1]
    seen = {day: day_history(store, source_series.on(day)) for day in days}
    due = [day for day in days if _is_due(seen[day], now)]
    return DueDays(due, _missed(store, source_series, held, now.date(), seen))


def unsettled(store: Store, source_series: SourceSeries, days: Iterable[date], now: datetime) -> list[date]:
    """Those of the days that are neither closed nor empty."""
    found = ((day, day_history(store, source_series.on(day))) for day in days)
    return [day for day, one in found if state_of(one.looks, one.bounds, now).name not in {"closed", "empty"}]


def unfinished(store: Store, source_series: SourceSeries, days: Iterable[date], now: datetime) -> list[date]:
    """Those of the days of which a backfill has work left: never looked at by us, doubtful, or due for a look."""
    return [day for day in days if _is_unfinished(day_history(store, source_series.on(day)), now)]


def _is_unfinished(one: DayHistory, now: datetime) -> bool:
    if state_of(one.looks, one.bounds, now).name in {"closed", "empty"}:
        return False
    return one.newest is None or one.newest.doubt is not None or _is_due(one, now)


def _is_due(one: DayHistory, now: datetime) -> bool:
    look = next_look(one, now)
    return look is not None and look <= now


def _missed(
    store: Store, source_series: SourceSeries, held: Sequence[date], today: date, seen: dict[date, DayHistory]
) -> list[date]:
    """The days between the newest day held and the window, where nothing in the window was ever fetched by us."""
    period = source_series.source.period
    if period is Period.NOW or not held or any(one.newest for one in seen.values()):
        return []
    if day_history(store, source_series.on(held[-1])).newest is None:
        return []
    first, last = period.after(held[-1]), today - timedelta(days=WINDOW + 1)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(period.first_day(day) for day in days))
