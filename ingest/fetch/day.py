"""One pass over all views of a source-day: which pages to ask for, and when an answer is asked for once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from ingest.archive.model import Entry, Fault, Fetch, Served, ViewPass
from ingest.listing.view_reader import ParseCache, ViewReader
from ingest.sources.model import Source
from ingest.sources.rules import rules_of
from snapshots.completeness.verdict import Rules
from snapshots.store.layout import Series

from .client import Request, SiteClient

RETRY_EMPTY_AFTER: Final = 2.0
"""Seconds until an answer that is empty, or no listing, is asked for once more; then it is the plan's business."""
MAX_FAILED_DAYS: Final = 3
"""Days in a row on which a view may fail in one run; then it is not asked again in that run. Pages that only wait for a
mended parser are asked for all the same."""


@dataclass(slots=True)
class DayFetcher:
    """Fetches days of one series in one run. A view that fails costs that view alone."""

    source: Source
    series: Series
    fetcher: SiteClient
    known: Mapping[str, Served] = field(default_factory=dict)
    """The pages of the day's newest whole and built fetch by address: asked for only if they changed."""
    _failures: dict[str, int] = field(default_factory=dict)

    def fetch(self, day: date, at: datetime, memo: ParseCache, *, had_papers: bool = False) -> Fetch:
        """One pass. `had_papers` says that earlier fetches of the day showed some; `memo` takes up parsed pages."""
        rules = rules_of(self.source, day)
        passes: list[ViewPass] = []
        for view in self.source.views:
            reader = ViewReader(self.source, self.series, view, day, at, memo)
            passes.append(self._fetch_view(reader, rules, due=had_papers))
            had_papers = had_papers or bool(reader.papers)
        return Fetch(self.series, day, at, tuple(passes))

    def _fetch_view(self, reader: ViewReader, rules: Rules, *, due: bool) -> ViewPass:
        if self._failures.get(reader.view.name, 0) >= MAX_FAILED_DAYS:
            return _not_asked(reader)
        entries = self._walk(reader)
        due = due or (not rules.may_be_empty and reader.at >= (rules.filled or rules.end))
        if reader.is_no_listing or (due and reader.is_empty):
            self.fetcher.pause(RETRY_EMPTY_AFTER)
            reader.reset()
            entries = self._walk(reader)
        name = reader.view.name
        in_vain = reader.failed is not None and not reader.worth_keeping
        self._failures[name] = self._failures.get(name, 0) + 1 if in_vain else 0
        return ViewPass(name, tuple(entries))

    def _walk(self, reader: ViewReader) -> list[Entry]:
        entries: list[Entry] = []
        path: str | None = reader.first
        while path is not None:
            known = self.known.get(self.fetcher.address(path))
            got = self.fetcher.get(Request(path, reader.view.bucket, reader.at, known))
            entries += got
            path = [reader.take(entry) for entry in got][-1]
        return entries


def _not_asked(reader: ViewReader) -> ViewPass:
    fault = Fault(reader.first, f"not asked: it failed on the {MAX_FAILED_DAYS} days before in this run")
    return ViewPass(reader.view.name, (fault,))
