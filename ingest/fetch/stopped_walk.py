"""The walk of a source-day that an earlier process was stopped in: it is continued, or archived as it is."""

from __future__ import annotations

import logging
from datetime import datetime

from ingest.archive.walk import Walk
from ingest.archive.writer import Originals
from ingest.sources.model import SourceDay
from parsers.model import timestamp
from snapshots.store.layout import Store

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
