"""Fetches papers by their arXiv ids, in batches, as one fetch of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from dailypapers.ingest.archive.model import Entry, Fetch, Served, ViewPass
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.archive.walk import Walk
from dailypapers.ingest.listing.view_reader import ParseCache, ViewReader
from dailypapers.ingest.sources.arxiv import ids_of_url
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.snapshots.store.layout import Store

from .client import Request, SiteClient

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


BATCH: Final = 100
"""Ids of one request: about 200 kB of answer."""


@dataclass(slots=True)
class IdFetcher:
    """Fetches these papers instead of a listing. A batch that fails ends the fetch; the rest is missing next time."""

    client: SiteClient
    ids: Sequence[str]
    cached: Mapping[str, Served] = field(default_factory=dict)
    """Not used: a batch is not requested again."""

    def fetch(
        self,
        source_day: SourceDay,
        at: datetime,
        parse_cache: ParseCache,
        *,
        had_papers: bool = False,
        walk: Walk | None = None,
    ) -> Fetch:
        """Fetch all batches through the one view of the source; `parse_cache` is filled."""
        del had_papers, walk
        (view,) = source_day.source.views
        reader, entries = ViewReader(source_day, view, at, parse_cache), list[Entry]()
        for start in range(0, len(self.ids), BATCH):
            ids = quote(",".join(self.ids[start : start + BATCH]), safe=",/")
            path = f"{view.path(source_day.day, None)}{ids}&start=0&max_results={BATCH}"
            fetched = self.client.get(Request(path, view.bucket, at, None, view.site))
            entries += fetched
            for entry in fetched:
                reader.take(entry)
            if reader.failed is not None:
                break
        return Fetch(source_day.series, source_day.day, at, (ViewPass(view.name, tuple(entries)),))
