"""Building what is not built, as the first step of a command; nothing heavy is loaded where nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ingest.build.staleness import stale_days
from ingest.sources.model import Source
from snapshots.store.layout import Series, Store

from .summary import RunSummary


def build_stale(store: Store, source: Source, series: Series, days: Iterable[date], tally: RunSummary) -> set[date]:
    """Build those of the days that must be; gives those that cannot be built."""
    stale = stale_days(store, source, series, days)
    if not stale:
        return set()
    from ingest.build.write import build_and_write

    tally.report.open()
    broken = set()
    for day in stale:
        result = build_and_write(store, source, series, day)
        tally.add(result, built_only=True)
        if result.built is None:
            broken.add(day)
    return broken
