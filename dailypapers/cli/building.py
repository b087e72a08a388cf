"""Building what is not built, as the first step of a command; nothing heavy is loaded where nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ingest.build.staleness import stale_days
from ingest.sources.model import SourceSeries
from snapshots.store.layout import Store

from .summary import RunSummary


def build_stale(store: Store, source_series: SourceSeries, days: Iterable[date], tally: RunSummary) -> set[date]:
    """Build those of the days that must be; gives those that cannot be built."""
    stale = stale_days(store, map(source_series.on, days))
    if not stale:
        return set()
    from ingest.build.write import build_and_write

    tally.report.open()
    broken = set()
    for source_day in stale:
        result = build_and_write(store, source_day)
        tally.add(result, built_only=True)
        if result.built is None:
            broken.add(source_day.day)
    return broken
