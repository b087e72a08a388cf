"""The order of things for one source-day: fetch (network -> archive), then build (archive -> day)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from ingest.archive.model import Fault, Fetch, Served
from ingest.archive.reader import ArchiveFolder, read_archives
from ingest.archive.writer import is_original, write_fetch
from ingest.build.write import DayResult, build_and_write
from ingest.fetch.client import SiteClient
from ingest.fetch.day import DayFetcher
from ingest.listing.view_reader import ParseCache
from ingest.plan.inventory import has_papers, whole_fetches
from ingest.sources.model import SourceDay, SourceSeries
from snapshots.store.layout import Store
from snapshots.store.locks import fetching

from .clock import Clock


def run_days(
    store: Store,
    source_series: SourceSeries,
    days: Iterable[date],
    clock: Clock,
    fetcher: SiteClient,
    is_left: Callable[[date], bool],
) -> Iterator[DayResult]:
    """Fetch and build each day in turn. One bad day does not stop the others; a store that cannot be written (OSError)
    does.
    """
    asking, series = DayFetcher(fetcher), source_series.series
    for day in days:
        with fetching(store, series, day) as free:
            if not free:
                yield DayResult(series, day, skipped="another process is fetching it")
                continue
            if not is_left(day):
                yield DayResult(series, day, skipped="another process has fetched it meanwhile")
                continue
            yield _run_day(store, asking, source_series.on(day), clock)
        if fetcher.rate_limited is not None:
            return


def _run_day(store: Store, asking: DayFetcher, source_day: SourceDay, clock: Clock) -> DayResult:
    memo: ParseCache = {}
    series, day = source_day.series, source_day.day
    folder = read_archives(store.archives(series, day), series, day)
    asking.cached = _whole_pages(folder, whole_fetches(store, series, day))
    fetch = asking.fetch(source_day, clock.now(), memo, had_papers=has_papers(store, series, day))
    if not fetch.answered:
        return DayResult(series, day, failed="; ".join(_faults(fetch)))
    is_new = write_fetch(store, fetch, folder.originals) is not None
    return build_and_write(store, source_day, memo, synced=is_new)


def _whole_pages(folder: ArchiveFolder, whole: Collection[str]) -> dict[str, Served]:
    """The pages of the newest fetch that is whole and built, so that no page that was not read is taken as known."""
    newest = next((one for one in reversed(folder.fetches) if one.path.name in whole), None)
    views = newest.fetch.views if newest is not None else ()
    pages = (entry for view in views for entry in view.entries if isinstance(entry, Served))
    return {entry.page.url: entry for entry in pages if is_original(entry)}


def _faults(fetch: Fetch) -> list[str]:
    return [entry.reason for view in fetch.views for entry in view.entries if isinstance(entry, Fault)]
