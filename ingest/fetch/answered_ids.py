"""The ids that were requested before and got an answer, from the archived fetches of papers by their ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from dailypapers.ingest.archive.model import Fetch, Served
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.listing.view_reader import ViewReader
from dailypapers.ingest.sources.arxiv import ids_of_url
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.snapshots.store.layout import Store

REST: Final = timedelta(days=1)
"""How long an id is not requested again after an answer without its paper, or with an older version of it."""


def answered_ids(store: Store, source_series: SourceSeries, now: datetime) -> dict[str, datetime]:
    """The ids that a valid answer of the last REST was for, whether it had them or not, with the time of the newest."""
    answered: dict[str, datetime] = {}
    since = now - REST
    for day in sorted({since.date(), now.date()}):
        paths = store.archives(source_series.series, day)
        for archived in read_archives(paths, source_series.series, day).fetches:
            if archived.fetch.at > since:
                answered |= dict.fromkeys(_ids_of(source_series, archived.fetch), archived.fetch.at)
    return answered


def _ids_of(source_series: SourceSeries, fetch: Fetch) -> list[str]:
    """The ids in the requests of a fetch, without those of pages that are no valid answer."""
    ids: list[str] = []
    for view, passed in zip(source_series.source.views, fetch.views, strict=True):
        reader = ViewReader(source_series.on(fetch.day), view, fetch.at)
        for entry in passed.entries:
            reader.take(entry)
            if isinstance(entry, Served) and reader.failed is None:
                ids += ids_of_url(entry.page.url)
    return ids
