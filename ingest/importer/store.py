"""Imported pages into the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ingest.archive.model import Entry, Fetch, Served, ViewPass, served
from ingest.archive.reader import read_archives
from ingest.archive.writer import write_fetch
from ingest.importer.files import FoundPage
from ingest.importer.scan import Accepted
from ingest.sources.model import SourceDay, SourceSeries, View
from parsers import Page
from snapshots.store.layout import Store
from snapshots.store.locks import fetching

_WALK_TIME: Final = timedelta(minutes=10)
"""How long one pass over a listing may take in a foreign WARC."""


_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
}


@dataclass(slots=True)
class Group:
    """Pages that are one fetch."""

    day: date
    at: datetime
    """The time of its first page; unknown, the first second of its day."""
    at_known: bool
    pages: list[Accepted]

    def takes(self, page: Accepted, at: datetime, *, known: bool) -> bool:
        """Whether a page, given in order of time, belongs to it: a walk takes its time, and then begins anew."""
        if (page.day, known) != (self.day, self.at_known) or at - self.at > _WALK_TIME:
            return False
        walked = [other.found.order[0] for other in self.pages if other.view == page.view]
        return at == self.at or not walked or page.found.order[0] > max(walked)


def group(accepted: Iterable[Accepted], fetched_at: datetime | None) -> list[Group]:
    """The fetches that the pages make: those of one day and one time, or of one walk through a view.

    The time is the record's, else `fetched_at`, else unknown: then it counts as the first second of its day.
    """
    groups: list[Group] = []
    for page in sorted(accepted, key=lambda page: (page.day, _time(page, fetched_at), page.found.order)):
        at, known = _time(page, fetched_at), (page.found.at or fetched_at) is not None
        taking = next((one for one in reversed(groups) if one.takes(page, at, known=known)), None)
        if taking is None:
            groups.append(Group(page.day, at, known, [page]))
        else:
            taking.pages.append(page)
    return groups


def _time(page: Accepted, fetched_at: datetime | None) -> datetime:
    return page.found.at or fetched_at or datetime.combine(page.day, time(), UTC)


def store_fetch(store: Store, source_series: SourceSeries, pages: Group) -> int:
    """Put one fetch into the archive; gives the number of its pages that the archive had not.

    A page whose day, time and payload the archive has already is no act at all.
    """
    source_day, series = source_series.on(pages.day), source_series.series
    with fetching(store, series, pages.day, wait=True):
        folder = read_archives(store.archives(series, pages.day), series, pages.day)
        held = {_identity(entry) for one in folder.fetches for view in one.fetch.views for entry in view.entries}
        views = tuple(_view_pass(source_day, view, pages, held) for view in source_day.source.views)
        present = tuple(view for view in views if view.entries)
        if not present:
            return 0
        fetch = Fetch(series, pages.day, pages.at, present, kind="import", at_known=pages.at_known)
        written = write_fetch(store, fetch, folder.originals)
        return sum(len(view.entries) for view in present) if written is not None else 0


def _identity(entry: Entry) -> tuple[datetime | None, str]:
    return (entry.page.fetched_at, entry.digest) if isinstance(entry, Served) else (None, entry.reason)


def _view_pass(source_day: SourceDay, view: View, pages: Group, held: set[tuple[datetime | None, str]]) -> ViewPass:
    mine = sorted((page.found for page in pages.pages if page.view == view), key=lambda found: found.order)
    url = source_day.canonical(view)
    entries = {_identity(entry): entry for entry in (_served(url, view, pages.at, found) for found in mine)}
    return ViewPass(view.name, tuple(entry for identity, entry in entries.items() if identity not in held))


def _served(url: str, view: View, at: datetime, found: FoundPage) -> Served:
    page = found.load()
    if not found.from_file:
        return served(page, from_file=found.resource)
    return served(Page(url, 200, (("Content-Type", _CONTENT_TYPES[view.kind]),), page.body, at), from_file=True)
