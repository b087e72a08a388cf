"""The order of things for one source-day: fetch (network -> archive), then build (archive -> day)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ingest.archive.model import Fault, Fetch, Served
from ingest.archive.reader import Folder, read_archives
from ingest.archive.writer import is_original, write_fetch
from ingest.build.day import build_day
from ingest.fetch.client import Fetcher
from ingest.fetch.day import DayFetcher
from ingest.listing.view_reader import Memo
from ingest.plan.inventory import has_papers, whole_fetches
from ingest.sources.registry import Source
from snapshots.store.atomic import sync_folder
from snapshots.store.layout import Series, Store
from snapshots.store.locks import building, fetching
from snapshots.writer import Report, Snapshot

from .clock import Clock
from .errors import DamagedArchive, NothingWhole


@dataclass(frozen=True, slots=True)
class DayResult:
    """What came of one source-day in a run: the built day and what changed, or why there is none."""

    series: Series
    day: date
    built: Snapshot | None = None
    report: Report | None = None
    failed: str | None = None
    """Why nothing could be stored of this day."""
    skipped: str | None = None
    """Another process has the day."""

    @property
    def fruitless(self) -> bool:
        """Whether nothing came of it: no answer, a damaged archive, or only answers without a paper to be read."""
        if self.built is None:
            return self.skipped is None
        newest = self.built.certificate.fetches[-1]
        return all(view.failed is not None and not view.papers for view in newest.views)


def run_days(  # noqa: PLR0913, PLR0917 - what to fetch, from where, into what
    store: Store,
    source: Source,
    series: Series,
    days: Iterable[date],
    clock: Clock,
    fetcher: Fetcher,
    is_left: Callable[[date], bool],
) -> Iterator[DayResult]:
    """Fetch and build each day in turn. One bad day does not stop the others; a store that cannot be written (OSError)
    does.
    """
    asking = DayFetcher(source, series, fetcher)
    for day in days:
        with fetching(store, series, day) as free:
            if not free:
                yield DayResult(series, day, skipped="another process is fetching it")
                continue
            if not is_left(day):
                yield DayResult(series, day, skipped="another process has fetched it meanwhile")
                continue
            yield _run_day(store, asking, day, clock)
        if fetcher.rests is not None:
            return


def _run_day(store: Store, asking: DayFetcher, day: date, clock: Clock) -> DayResult:
    memo: Memo = {}
    source, series = asking.source, asking.series
    folder = read_archives(store.archives(series, day), series, day)
    asking.known = _whole_pages(folder, whole_fetches(store, series, day))
    fetch = asking.fetch(day, clock.now(), memo, had_papers=has_papers(store, series, day))
    if not fetch.answered:
        return DayResult(series, day, failed="; ".join(_faults(fetch)))
    is_new = write_fetch(store, fetch, folder.originals) is not None
    return build_and_write(store, source, series, day, memo, synced=is_new)


def _whole_pages(folder: Folder, whole: Collection[str]) -> dict[str, Served]:
    """The pages of the newest fetch that is whole and built, so that no page that was not read is taken as known."""
    newest = next((one for one in reversed(folder.fetches) if one.path.name in whole), None)
    views = newest.fetch.views if newest is not None else ()
    pages = (entry for view in views for entry in view.entries if isinstance(entry, Served))
    return {entry.page.url: entry for entry in pages if is_original(entry)}


def build_and_write(  # noqa: PLR0913 - what to build, and what is known of it
    store: Store,
    source: Source,
    series: Series,
    day: date,
    memo: Memo | None = None,
    *,
    accept_loss: bool = False,
    synced: bool = False,
) -> DayResult:
    """Build a day under the store's lock and write it. A damaged archive leaves the day as it is and is named.

    `synced` says that the folder of its archives is on the disk already.
    """
    with building(store):
        try:
            built = build_day(store, source, series, day, memo=memo, accept_loss=accept_loss)
        except DamagedArchive as error:
            return DayResult(series, day, failed=f"{error}{_way_out(store, series, day, error)}")
        if built is None:
            return DayResult(series, day, failed="nothing was ever fetched of it")
        return put(store, built, synced=synced)


def _way_out(store: Store, series: Series, day: date, error: DamagedArchive) -> str:
    """What to do where there is no copy of a damaged archive."""
    if isinstance(error, NothingWhole):
        anew = f"run {series.source} --day {day} fetches the day anew, if the site still has it"
        return f"; else remove it and {store.certificate(series, day)}, and dailypapers {anew}"
    return ", or build without it: dailypapers build --accept-loss"


def put(store: Store, built: Snapshot, *, synced: bool = False) -> DayResult:
    """Write a day that was built, under the store's lock.

    Unless `synced` the folder of its archives is synced before: a killed fetch may have left a file there that a power
    cut would take away, and a certificate names none of those.
    """
    if not synced:
        sync_folder(store.pages(built.series, built.day))
    return DayResult(built.series, built.day, built, built.write(store))


def _faults(fetch: Fetch) -> list[str]:
    return [entry.reason for view in fetch.views for entry in view.entries if isinstance(entry, Fault)]
