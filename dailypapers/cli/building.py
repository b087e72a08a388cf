"""Build stale days, as the first step of a command; parsers are loaded only if there are any."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date

from ingest.build.staleness import is_stale, warn_if_damaged
from ingest.plan.inventory import load_day
from ingest.plan.revisit import DayHistory
from ingest.sources.model import SourceDay
from snapshots.store.layout import Store

from .summary import RunSummary


def build_stale(
    store: Store, days: Iterable[SourceDay], summary: RunSummary, planned: Container[date] = ()
) -> tuple[set[date], dict[date, DayHistory]]:
    """Build those of the days that are stale.

    Returns the days that cannot be built, and the histories of the `planned` ones as they are after it.
    """
    broken, histories = set(), {}
    for source_day in days:
        stored = load_day(store, source_day)
        # Of the other days neither state nor due time is asked for, and their files stay closed.
        is_edited = source_day.day in planned and not stored.has_intact_certificate
        if is_edited or is_stale(stored):
            from ingest.build.write import build_and_write

            warn_if_damaged(stored)

            summary.report.open()
            result = build_and_write(store, source_day)
            summary.add(result, built_only=True)
            if result.built is None:
                broken.add(source_day.day)
            stored = stored.refreshed()
        if source_day.day in planned:
            histories[source_day.day] = stored.history
    return broken, histories
