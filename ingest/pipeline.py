"""Source-days in order: fetch (network -> archive), and build (archive -> day) while the next one is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from dailypapers.ingest.archive.model import Fault, Fetch, Served
from dailypapers.ingest.archive.reader import ArchiveFolder, ArchiveReader
from dailypapers.ingest.archive.walk import Walk
from dailypapers.ingest.archive.writer import Originals, is_original, write_fetch
from dailypapers.ingest.build.checkpoint import Checkpoints
from dailypapers.ingest.build.parallel import BackgroundBuild
from dailypapers.ingest.build.staleness import warn_if_damaged
from dailypapers.ingest.build.write import BuiltDay, DayResult, build_ahead, build_and_write, isolated
from dailypapers.ingest.fetch.client import SiteClient
from dailypapers.ingest.fetch.day import DayFetcher, changed_meanwhile, open_walk
from dailypapers.ingest.fetch.known_ids import IdFetcher
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.plan.attempts import forget_unanswered, note_unanswered
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import fetching

from .clock import Clock

Build: TypeAlias = Callable[[], BuiltDay]
"""Builds a day that was fetched."""


def run_days(  # noqa: PLR0913 - what to fetch, and with what
    store: Store,
    source_series: SourceSeries,
    days: Iterable[DayHistory],
    clock: Clock,
    client: SiteClient,
    *,
    checkpoints: Checkpoints | None = None,
    forced: bool = False,
    make_fetcher: Callable[[SiteClient], DayFetcher | IdFetcher] = DayFetcher,
) -> Iterator[DayResult]:
    """Fetch and build days; one that fails, even because of a bug, does not stop the others.

    A day that another process has fetched since its history was read is skipped, unless `forced`. Raises OSError if
    the store cannot be written.
    """
    fetcher = make_fetcher(client)
    fetch = partial(_fetch, fetcher=fetcher, clock=clock, checkpoints=checkpoints)
    with BackgroundBuild(store) as background:
        for history in days:
            source_day, planned = source_series.on(history.first), None if forced else history
            fetched = isolated(source_day, partial(_run_day, store, source_day, planned, fetch))
            yield from background.add(partial(_build, source_day, fetched))
            if client.rate_limited is not None:
                break
        yield from background.finish()


def _build(source_day: SourceDay, fetched: Build | DayResult) -> BuiltDay | DayResult:
    return fetched if isinstance(fetched, DayResult) else isolated(source_day, fetched)


def _run_day(
    store: Store, source_day: SourceDay, planned: DayHistory | None, fetch: Callable[[StoredDay], Build | DayResult]
) -> Build | DayResult:
    """Fetch a day, unless it was fetched after it was `planned`; returns how to build it."""
    with fetching(store, source_day.series, source_day.day) as is_free:
        if not is_free:
            return _skipped(source_day, "another process is fetching it")
        stored = load_day(store, source_day)
        # Another process may have archived a fetch whose day it writes later, with a group.
        if stored.has_new_archives or warn_if_damaged(stored):
            build_and_write(store, source_day)
            stored = stored.refreshed()
        if planned is not None and stored.history.newest != planned.newest:
            return _skipped(source_day, "another process has fetched it meanwhile")
        return fetch(stored)


def _skipped(source_day: SourceDay, reason: str) -> DayResult:
    return DayResult(source_day.series, source_day.day, skipped=reason)


def _fetch(
    stored: StoredDay, *, fetcher: DayFetcher | IdFetcher, clock: Clock, checkpoints: Checkpoints | None
) -> Build | DayResult:
    parse_cache = ParseCache()
    source_day, certificate = stored.source_day, stored.certificate
    archives = ArchiveReader(source_day.series, source_day.day)
    folder = archives.read(stored.archives)
    fetcher.cached = _cacheable(source_day, folder, certificate)
    had_papers = certificate is not None and certificate["papers"] > 0
    now = clock.now()
    walk = open_walk(stored.store, source_day, folder.originals, now)
    fetch = fetcher.fetch(source_day, now, parse_cache, had_papers=had_papers, walk=walk)
    if not _is_answered(fetch, walk):
        reasons = _faults(fetch)
        note_unanswered(stored.store, source_day, fetch.at, reasons[-1])
        return DayResult(source_day.series, source_day.day, failed="; ".join(reasons))
    changed = changed_meanwhile(walk, source_day, fetch, clock.now()) if walk is not None and walk.pages else []
    synced = _archive(stored.store, fetch, walk, changed, folder.originals, archives)
    forget_unanswered(stored.store, source_day)
    checkpoint = checkpoints.of(source_day) if checkpoints is not None else None
    return lambda: build_ahead(
        stored.refreshed(), archives=archives, parse_cache=parse_cache, checkpoint=checkpoint, synced=synced
    )


def _is_answered(fetch: Fetch, walk: Walk | None) -> bool:
    """Whether there is anything new to archive; a walk that its stored pages end needs no further answer."""
    has_requested = any(view.entries for view in fetch.views)
    is_walk = walk is not None and walk.pages > 0 and (walk.has_grown or not has_requested)
    return fetch.answered or is_walk


def _archive(
    store: Store, fetch: Fetch, walk: Walk | None, faults: list[Fault], originals: Originals, archives: ArchiveReader
) -> bool:
    """Write the archive of a fetch, unless there is one; returns whether it did, and synced it.

    `faults` are those of the walk as a whole.
    """
    if walk is not None and walk.pages:
        return walk.seal([*(entry for view in fetch.views for entry in view.entries), *faults]) is not None
    written = write_fetch(store, fetch, originals)
    if written is not None:
        archives.add(written)
    return written is not None


def _cacheable(source_day: SourceDay, folder: ArchiveFolder, certificate: Certificate | None) -> dict[str, Served]:
    """The pages of the newest fetch that is whole and built: a page that was never read must be requested again.

    Where pages name each other, only the first: the others have addresses that expire.
    """
    whole = {fetch["file"] for fetch in certificate["fetches"] if fetch["whole"]} if certificate else set()
    newest = next((archived for archived in reversed(folder.fetches) if archived.path.name in whole), None)
    views = newest.fetch.views if newest is not None else ()
    named = {view.name for view in source_day.source.views if view.paging.by_links}
    entries = (entry for view in views for entry in (view.entries[:1] if view.view in named else view.entries))
    return {entry.page.url: entry for entry in entries if isinstance(entry, Served) and is_original(entry)}


def _faults(fetch: Fetch) -> list[str]:
    return [entry.reason for view in fetch.views for entry in view.entries if isinstance(entry, Fault)]
