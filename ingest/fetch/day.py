"""One pass over all views of a source-day: which pages to request, and when to retry an empty answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dailypapers.ingest.archive.model import Entry, Fault, Fetch, Served, ViewPass
from dailypapers.ingest.archive.walk import Walk
from dailypapers.ingest.listing.view_reader import ParseCache, ViewReader
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.rules import rules_of
from dailypapers.snapshots.completeness.verdict import Rules

from .client import SiteClient
from .request import Request

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
