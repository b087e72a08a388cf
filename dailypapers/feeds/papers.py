"""The entries of a document, read from the day files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from dailypapers.outputs.series import FeedSeries
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import read_rows
from dailypapers.snapshots.store.layout import Store

from .archives import FirstSight
from .day_events import DayFacts
from .entry import Entry, ListedPaper, entry_of


def entries_of(
    store: Store, feed: FeedSeries, days: Mapping[str, DayFacts], sights: Sequence[FirstSight]
) -> list[Entry]:
    """The entries of these papers, the newest first.

    Raises StoreError for a day that cannot be read, or that was rebuilt in the meantime without one of its papers.
    """
    keys = [key for sight in sights for key in sight.keys]
    wanted: dict[str, set[str]] = {}
    for sight in sights:
        wanted.setdefault(sight.day, set()).update(sight.keys)
    found = {key: entry for day, some in wanted.items() for key, entry in _of_day(store, feed, day, days[day], some)}
    if len(found) < len(keys):
        missing = next(sight for sight in sights if not found.keys() >= set(sight.keys))
        path = store.papers(feed.series, date.fromisoformat(missing.day))
        raise StoreError(f"{path}: it changed while it was read; run the same command again")
    return [found[key] for key in reversed(keys)]


def _of_day(store: Store, feed: FeedSeries, day: str, known: DayFacts, wanted: set[str]) -> list[tuple[str, Entry]]:
    listed = date.fromisoformat(day)
    end = f"{feed.bounds(listed).end:%Y-%m-%dT%H:%M:%SZ}"
    rows = (cast("ListedPaper", row) for row in read_rows(store.papers(feed.series, listed)))
    return [(row["key"], entry_of(row, known, end, feed.period)) for row in rows if row["key"] in wanted]
