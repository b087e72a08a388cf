"""One source-day in order: fetch (network -> archive), then build (archive -> day)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.archive.model import Fault, Fetch, Served
from ingest.archive.reader import ArchiveFolder, read_archives
from ingest.archive.writer import is_original, write_fetch
from ingest.build.staleness import warn_if_damaged
from ingest.build.write import DayResult, build_and_write
from ingest.fetch.client import SiteClient
from ingest.fetch.day import DayFetcher
from ingest.listing.view_reader import ParseCache
from ingest.plan.inventory import StoredDay, load_day
from ingest.plan.revisit import DayHistory
from ingest.sources.model import SourceDay, SourceSeries
from snapshots.certificate import Certificate
from snapshots.store.layout import Store
from snapshots.store.locks import fetching

from .clock import Clock


def run_days(
    store: Store,
    source_series: SourceSeries,
    days: Iterable[DayHistory],
    clock: Clock,
    client: SiteClient,
    *,
    forced: bool = False,
) -> Iterator[DayResult]:
    """Fetch and build each day in turn; a day that fails does not stop the others.

    A day that another process has fetched since its history was read is skipped, unless `forced`. Raises OSError if
    the store cannot be written.
    """
    fetcher = DayFetcher(client)
    for history in days:
        source_day = source_series.on(history.first)
        with fetching(store, source_day.series, source_day.day) as is_free:
            if not is_free:
                yield _skipped(source_day, "another process is fetching it")
                continue
            stored = load_day(store, source_day)
            if not forced and stored.history.newest != history.newest:
                yield _skipped(source_day, "another process has fetched it meanwhile")
                continue
            if warn_if_damaged(stored):
                build_and_write(stored)
                stored = stored.refreshed()
            yield _run_day(stored, fetcher, clock)
        if client.rate_limited is not None:
            return


def _skipped(source_day: SourceDay, reason: str) -> DayResult:
    return DayResult(source_day.series, source_day.day, skipped=reason)


def _run_day(stored: StoredDay, fetcher: DayFetcher, clock: Clock) -> DayResult:
    parse_cache: ParseCache = {}
    source_day, certificate = stored.source_day, stored.certificate
    folder = read_archives(stored.archives, source_day.series, source_day.day)
    fetcher.cached = _cacheable(folder, certificate)
    had_papers = certificate is not None and certificate["papers"] > 0
    fetch = fetcher.fetch(source_day, clock.now(), parse_cache, had_papers=had_papers)
    if not fetch.answered:
        return DayResult(source_day.series, source_day.day, failed="; ".join(_faults(fetch)))
    is_new = write_fetch(stored.store, fetch, folder.originals) is not None
    return build_and_write(stored, parse_cache, synced=is_new)


def _cacheable(folder: ArchiveFolder, certificate: Certificate | None) -> dict[str, Served]:
    """The pages of the newest fetch that is whole and built: a page that was never read must be requested again."""
    whole = {fetch["file"] for fetch in certificate["fetches"] if fetch["whole"]} if certificate else set()
    newest = next((archived for archived in reversed(folder.fetches) if archived.path.name in whole), None)
    views = newest.fetch.views if newest is not None else ()
    pages = (entry for view in views for entry in view.entries if isinstance(entry, Served))
    return {entry.page.url: entry for entry in pages if is_original(entry)}


def _faults(fetch: Fetch) -> list[str]:
    return [entry.reason for view in fetch.views for entry in view.entries if isinstance(entry, Fault)]
