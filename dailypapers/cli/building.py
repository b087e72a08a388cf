"""Build stale days, as the first step of a command; parsers are loaded only if there are any."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date

from dailypapers.ingest.build.staleness import is_stale, warn_if_damaged
from dailypapers.ingest.build.up_to_date import UpToDateDays
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.snapshots.store.layout import Store

from .summary import RunSummary


def build_stale(
    store: Store,
    source_series: SourceSeries,
    days: Iterable[date],
    summary: RunSummary,
    planned: Container[date] = (),
    *,
    synced: Container[date] = (),
) -> tuple[set[date], dict[date, DayHistory]]:
    """Build those of the days that are stale.

    Returns the days that cannot be built, and the histories of the `planned` ones as they are after it. Other days are
    not opened if none of their files changed since a run found them up to date. The archives of the `synced` days are
    on the disk already.
    """
    broken: set[date] = set()
    histories: dict[date, DayHistory] = {}
    settings = summary.settings
    up_to_date = UpToDateDays(settings.state_folder, store, source_series, settings.clock.today())
    for day in days:
        if day not in planned and day in up_to_date:
            continue
        stored = load_day(store, source_series.on(day))
        # Of the other days neither state nor due time is asked for, and their files stay closed.
        is_edited = day in planned and not stored.has_intact_certificate
        if is_edited or is_stale(stored):
            stored = _build(stored, summary, broken, synced=day in synced)
        else:
            up_to_date.add(stored)
        if day in planned:
            histories[day] = stored.history
    up_to_date.save()
    return broken, histories


def _build(stored: StoredDay, summary: RunSummary, broken: set[date], *, synced: bool) -> StoredDay:
    from dailypapers.ingest.build.write import build_and_write

    warn_if_damaged(stored)
    summary.report.open()
    result = build_and_write(stored.store, stored.source_day, synced=synced)
    summary.add(result, built_only=True)
    if result.built is None:
        broken.add(stored.source_day.day)
    return stored.refreshed()
