"""Whether a walk is of one list: when one that was stopped is continued, and when a walk ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Container
from datetime import date, datetime, timedelta
from typing import Final

from dailypapers.ingest.archive.model import Fault, Fetch, Served
from dailypapers.ingest.archive.walk import Walk, remove_abandoned
from dailypapers.ingest.archive.writer import Originals
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.store.layout import Store

ABANDONED: Final = timedelta(days=1)
"""Pages that are older are not continued: a list is the same for less than a day."""

log = logging.getLogger(__name__)


def open_walk(store: Store, source_day: SourceDay, originals: Originals, now: datetime) -> Walk | None:
    """Where a fetch at `now` stores its pages; None for a source whose pages do not name each other.

    It has the pages of a walk that was stopped, if that can be continued. Otherwise they are archived as a fetch that
    failed, so that none is lost, and the next walk begins at the first page. `originals` are the responses that are
    archived for the day. Raises OSError if the store cannot be written.
    """
    view, *others = source_day.source.views
    if others or not view.paging.by_links:
        return None
    walk = Walk(store, source_day.series, source_day.day, view.name, originals)
    if walk.begun is not None and not view.paging.is_same_list(walk.begun, now):
        begun = timestamp(walk.begun)
        pages = walk.seal_unfinished("the walk was stopped here, and too long ago to be continued")
        log.warning("%s: %d pages of %s are archived as an incomplete fetch", source_day, pages, begun)
    return walk


def changed_meanwhile(walk: Walk, source_day: SourceDay, fetch: Fetch, now: datetime) -> list[Fault]:
    """What makes a walk that ended at `now` a failed one: the list may have changed since it began.

    Then a page may lack a record. `fetch` has the pages that are not stored. Empty for a walk of one list, and for one
    that has failed already.
    """
    (view,) = source_day.source.views
    last = next(reversed(fetch.views[0].entries), None)
    if walk.begun is None or not isinstance(last, Served) or not view.paging.is_updated_between(walk.begun, now):
        return []
    return [Fault(last.page.url, f"{last.page.url}: the site updated its records while their pages were read")]


def clear_abandoned(store: Store, source_series: SourceSeries, fetched: Container[date]) -> None:
    """Remove the pages of walks that were stopped long ago, of days that are not `fetched` any more, with a warning.

    Their age is by the machine's clock, which gave the files their times, also where `--now` replaces it.
    """
    before = time.time() - ABANDONED.total_seconds()
    for day in remove_abandoned(store, source_series.series, fetched, before):
        log.warning("%s %s: the pages of a walk that was stopped long ago are removed", source_series, day)
