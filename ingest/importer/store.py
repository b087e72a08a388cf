"""Stores imported pages in the archive, so that they are built by the same code as fetched ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dailypapers.ingest.archive.model import Entry, Fetch, Served, ViewPass, served
from dailypapers.ingest.archive.reader import ArchiveReader
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.sources.model import SourceDay, View
from dailypapers.parsers import Page
from dailypapers.snapshots.certificate import Witness
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import fetching

from .scan import AcceptedPage
from .warc import FilePage

_MAX_FETCH_TIME: Final = timedelta(minutes=10)
"""How long one pass over the pages of a listing may take in a foreign WARC."""

_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain; charset=utf-8",
}


@dataclass(slots=True)
class FetchGroup:
    """Pages that belong to one fetch."""

    day: date
    fetched_at: datetime
    """The time of its first page; if unknown, the first second of its day."""
    time_known: bool
    pages: list[AcceptedPage]
    witness: Witness | None = None

    def includes(self, page: AcceptedPage, fetched_at: datetime, *, time_known: bool) -> bool:
        """Whether the next page in order of time belongs to the group: page numbers rise until another fetch begins."""
        if (page.day, time_known) != (self.day, self.time_known) or fetched_at - self.fetched_at > _MAX_FETCH_TIME:
            return False
        numbers = [other.file_page.order[0] for other in self.pages if other.view == page.view]
        return fetched_at == self.fetched_at or not numbers or page.file_page.order[0] > max(numbers)


def group_pages(accepted: Iterable[AcceptedPage], fetched_at: datetime | None) -> list[FetchGroup]:
    """Group pages into fetches: those of one day and one time, or of one pass over the pages of a view.

    The time of a page is that of its WARC record, else `fetched_at`, else the first second of its day.
    """
    groups: list[FetchGroup] = []
    for page in sorted(accepted, key=lambda page: (page.day, _time(page, fetched_at), page.file_page.order)):
        time, time_known = _time(page, fetched_at), (page.file_page.fetched_at or fetched_at) is not None
        group = next((group for group in reversed(groups) if group.includes(page, time, time_known=time_known)), None)
        if group is None:
            groups.append(FetchGroup(page.day, time, time_known, [page]))
        else:
            group.pages.append(page)
    return groups


def _time(page: AcceptedPage, fetched_at: datetime | None) -> datetime:
    return page.file_page.fetched_at or fetched_at or datetime.combine(page.day, datetime.min.time(), UTC)


def store_fetches(store: Store, source_day: SourceDay, groups: Iterable[FetchGroup]) -> Iterator[int]:
    """Write groups of pages of one day to the archive, each as one fetch.

    Yields for each the number of its pages that are new to the archive. Pages whose day, time and payload are in the
    archive already are skipped. Raises RefusedFile if a file can no longer be read.
    """
    with fetching(store, source_day.series, source_day.day, wait=True):
        archives = ArchiveReader(source_day.series, source_day.day)
        for group in groups:
            yield _store_fetch(store, source_day, group, archives)


def _store_fetch(store: Store, source_day: SourceDay, group: FetchGroup, archives: ArchiveReader) -> int:
    series, day = source_day.series, source_day.day
    folder = archives.read(store.archives(series, day))
    views = [view for archived in folder.fetches for view in archived.fetch.views]
    stored = {_identity(entry) for view in views for entry in view.entries}
    passes = [_view_pass(source_day, view, group, stored) for view in source_day.source.views]
    new = tuple(view_pass for view_pass in passes if view_pass.entries)
    if not new:
        return 0
    fetch = Fetch(series, day, group.fetched_at, new, "import", at_known=group.time_known, witness=group.witness)
    written = write_fetch(store, fetch, folder.originals)
    if written is None:
        return 0
    archives.add(written)
    return sum(len(view_pass.entries) for view_pass in new)


def _identity(entry: Entry) -> tuple[datetime | None, str]:
    return (entry.page.fetched_at, entry.digest) if isinstance(entry, Served) else (None, entry.reason)


def _view_pass(
    source_day: SourceDay, view: View, group: FetchGroup, stored: set[tuple[datetime | None, str]]
) -> ViewPass:
    pages = sorted((page.file_page for page in group.pages if page.view == view), key=lambda page: page.order)
    url = source_day.canonical_url(view)
    entries = {_identity(entry): entry for entry in (_served(url, view, group.fetched_at, page) for page in pages)}
    return ViewPass(view.name, tuple(entry for identity, entry in entries.items() if identity not in stored))


def _served(url: str, view: View, fetched_at: datetime, file_page: FilePage) -> Served:
    page = file_page.load()
    if not file_page.is_plain_file:
        return served(page, from_file=file_page.is_resource)
    headers = (("Content-Type", _CONTENT_TYPES[view.kind]),)
    return served(Page(url, 200, headers, page.body, file_page.fetched_at or fetched_at), from_file=True)
