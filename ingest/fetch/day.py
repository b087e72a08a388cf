"""One pass over all views of a source-day: which pages to request, when to retry an empty answer, and how a walk that
was stopped goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from dailypapers.ingest.archive.model import Entry, Fault, Fetch, Served, ViewPass
from dailypapers.ingest.archive.walk import Walk, remove_abandoned
from dailypapers.ingest.archive.writer import Originals
from dailypapers.ingest.listing.view_reader import ParseCache, ViewReader
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import rules_of
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.completeness.verdict import Rules
from dailypapers.snapshots.store.layout import Store

from .client import Request, SiteClient

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


RETRY_EMPTY_AFTER: Final = 2.0
"""Delay before the one immediate retry of an empty or unreadable answer; later retries are planned."""
MAX_FAILED_DAYS: Final = 3
"""A view that failed on this many days in a row is skipped for the rest of the run. Pages that a fixed parser may read
do not count as failures."""


@dataclass(slots=True)
class DayFetcher:
    """Fetches days of one series in one run. A view that fails does not affect the others."""

    client: SiteClient
    cached: Mapping[str, Served] = field(default_factory=dict)
    """The pages of the day's latest whole and built fetch, by address: requested only if they changed."""
    _failures: dict[str, int] = field(default_factory=dict)

    def fetch(
        self,
        source_day: SourceDay,
        at: datetime,
        parse_cache: ParseCache,
        *,
        had_papers: bool = False,
        walk: Walk | None = None,
    ) -> Fetch:
        """Fetch all views once. `had_papers`: earlier fetches of the day had papers; `parse_cache` is filled.

        With `walk`, the source has one view, whose pages but the last are stored there and are not in the result.
        """
        rules = rules_of(source_day.source, source_day.day)
        passes: list[ViewPass] = []
        for view in source_day.source.views:
            reader = ViewReader(source_day, view, at, parse_cache)
            reader, entries = self._fetch_view(reader, rules, walk, due=had_papers)
            passes.append(ViewPass(view.name, tuple(entries)))
            had_papers = had_papers or bool(reader.papers)
        return Fetch(source_day.series, source_day.day, at, tuple(passes))

    def _fetch_view(
        self, reader: ViewReader, rules: Rules, walk: Walk | None, *, due: bool
    ) -> tuple[ViewReader, list[Entry]]:
        if self._failures.get(reader.view.name, 0) >= MAX_FAILED_DAYS:
            return reader, [_skipped(reader)]
        at = reader.at
        if walk is not None and walk.begun is not None:
            reader = reader.restarted(walk.begun)
        entries = self._fetch_pages(reader, walk)
        due = due or (not rules.may_be_empty and reader.at >= (rules.filled or rules.end))
        if reader.is_no_listing or (due and reader.is_empty):
            if walk is not None:
                walk.discard()
            self.client.pause(RETRY_EMPTY_AFTER)
            reader = reader.restarted(at)
            entries = self._fetch_pages(reader, walk)
        name = reader.view.name
        has_failed = reader.failed is not None and not reader.worth_keeping
        self._failures[name] = self._failures.get(name, 0) + 1 if has_failed else 0
        return reader, entries

    def _fetch_pages(self, reader: ViewReader, walk: Walk | None) -> list[Entry]:
        """Fetch the pages that are not stored in `walk`; those that another page follows are stored there."""
        entries: list[Entry] = []
        path: str | None = reader.first
        for page in walk.stored_pages() if walk is not None else ():
            path = _read(reader, page)
        while path is not None:
            view = reader.view
            cached = self.cached.get(self.client.url(path, view.site))
            fetched = self.client.get(Request(path, view.bucket, reader.at, cached, view.site, view.slow))
            path = _read(reader, fetched)
            if walk is not None and path is not None:
                walk.add(reader.at, fetched)
            else:
                entries += fetched
        return entries


def _read(reader: ViewReader, page: Sequence[Entry]) -> str | None:
    """Read a page, given with its redirects; returns the path of the next one."""
    return [reader.take(entry) for entry in page][-1]


def _skipped(reader: ViewReader) -> Fault:
    return Fault(reader.first, f"not requested: it failed on the {MAX_FAILED_DAYS} days before in this run")
