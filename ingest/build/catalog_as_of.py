"""Papers as the catalog had them at a time in the past.

The days that it takes are built as of that time, into a temporary store, which has a catalog of its own: so a paper is
merged, and joined with others, by the same rules from what was known then. Only the decisions in joins.txt are those of
today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import CatalogPaper, Selection
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.as_of_mark import read_as_of
from dailypapers.snapshots.store.layout import Series, Store

from .as_of import store_as_of
from .workers import local_workers

Days: TypeAlias = Collection[tuple[Series, date]]


@contextmanager
def temporary_store_as_of(store: Store, instant: datetime, days: Days | None = None) -> Iterator[Store]:
    """A store as it was at `instant`, with these days or with all, in a temporary folder that is removed at the end.

    Raises StoreError for a day that cannot be built: without it the answer would be another one. So it does for a store
    that `store_as_of` made, which has no pages.
    """
    made_as_of = read_as_of(store)
    if made_as_of is not None:
        where = f"{store.root} shows how another store was at {made_as_of} and has no pages"
        raise StoreError(f"{where}: ask that other one how it was at {timestamp(instant)}")
    with TemporaryDirectory(prefix="dailypapers-as-of-") as folder:
        source_days = list(_all_days(store) if days is None else _source_days(days))
        # One process: others would import the script of whoever calls this, which may have no guard against it.
        with (
            local_workers(len(source_days), 1) as workers,
            closing(store_as_of(store, source_days, instant, Path(folder), workers=workers)) as results,
        ):
            for result in results:
                if result is not None and result.failed is not None:
                    where = f"{result.series} {result.day}, as of {timestamp(instant)}"
                    raise StoreError(f"{where}: {result.failed}")
        yield Store(Path(folder))


def papers_as_of(store: Store, selection: Selection, instant: datetime) -> list[CatalogPaper]:
    """The papers that the selection gave at `instant`, as they were known then. Raises StoreError.

    Only the days that list papers of today's selection are built, if values that change have no part in it; for any
    other selection all days are.
    """
    if not _by_membership(selection):
        with temporary_store_as_of(store, instant) as aside, open_catalog(aside) as then:
            return then.papers(selection)
    limit = selection.limit
    while True:
        with open_catalog(store) as today:
            candidates = _known_by(today, replace(selection, limit=limit), instant)
        papers = _among(store, candidates, selection, instant)
        if limit is None or len(papers) >= (selection.limit or 0) or len(candidates) < limit:
            return papers
        # Some of today's papers were not in this source yet: look further back for others.
        limit *= 2


def _by_membership(selection: Selection) -> bool:
    """Whether the time at which papers were first seen, and the day and source that list them, decide alone."""
    if selection.sort == "rising":  # counted from the newest day of the whole store
        return False
    is_new = selection.sort == "new" and not _has_values(selection)
    return is_new or selection.day is not None or selection.since is not None


def _known_by(catalog: Catalog, selection: Selection, instant: datetime) -> list[CatalogPaper]:
    """Today's papers among which those of the selection are, with all that were first seen when the last one was."""
    wide = replace(selection, known_by=instant, organization=None, keyword=None, min_upvotes=None, sort="new")
    if selection.sort != "new" or wide.limit is None or _has_values(selection):
        return catalog.papers(replace(wide, limit=None))
    papers = catalog.papers(wide)
    if len(papers) < wide.limit:
        return papers
    last = min(datetime.fromisoformat(paper.fields["first_seen"]) for paper in papers)
    return catalog.papers(replace(wide, since=last - timedelta(seconds=1), limit=None))


def _has_values(selection: Selection) -> bool:
    return (selection.organization, selection.keyword, selection.min_upvotes) != (None, None, None)


def _among(store: Store, candidates: list[CatalogPaper], selection: Selection, instant: datetime) -> list[CatalogPaper]:
    # Other papers of these days may be listed on days that are not built here, so nothing is known of them.
    keys = {listing.key for paper in candidates for listing in paper.listings}
    days = {day for paper in candidates for day in paper.days}
    with temporary_store_as_of(store, instant, days) as aside, open_catalog(aside) as then:
        papers = then.papers(replace(selection, limit=None))
    ours = [paper for paper in papers if any(listing.key in keys for listing in paper.listings)]
    return ours[: selection.limit]


def _all_days(store: Store) -> Iterator[SourceDay]:
    for stored in all_stored_series(store):
        yield from map(stored.on, store.stored_days(stored.series))


def _source_days(days: Days) -> Iterator[SourceDay]:
    for series, day in sorted(days, key=lambda each: (str(each[0]), each[1])):
        yield SourceSeries(SOURCES[series.source], series).on(day)
