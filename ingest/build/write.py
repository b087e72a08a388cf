"""Building a day under the store's lock and writing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.build.day import build_day
from ingest.errors import DamagedArchive, NothingWhole
from ingest.listing.view_reader import ParseCache
from ingest.plan.inventory import StoredDay
from snapshots.store.atomic import sync_folder
from snapshots.store.layout import Series, Store
from snapshots.store.locks import building
from snapshots.writer import Report, Snapshot


@dataclass(frozen=True, slots=True)
class DayResult:
    """The result of one source-day in a run: the built day and what changed, or why there is none."""

    series: Series
    day: date
    built: Snapshot | None = None
    report: Report | None = None
    failed: str | None = None
    """Why nothing of the day could be stored."""
    skipped: str | None = None
    """Why the day was left to another process."""

    @property
    def fruitless(self) -> bool:
        """Whether it brought nothing: no answer, a damaged archive, or only failed views without papers."""
        if self.built is None:
            return self.skipped is None
        newest = self.built.certificate["fetches"][-1]
        return all(view["failed"] is not None and not view["papers"] for view in newest["views"])


def build_and_write(
    stored: StoredDay, parse_cache: ParseCache | None = None, *, accept_loss: bool = False, synced: bool = False
) -> DayResult:
    """Build a day under the store's lock, as it is then, and write it. A damaged archive leaves the day unchanged.

    `synced` says that the folder of its archives is on the disk already.
    """
    series, day = stored.source_day.series, stored.source_day.day
    with building(stored.store):
        try:
            built = build_day(stored.refreshed(), parse_cache=parse_cache, accept_loss=accept_loss)
        except DamagedArchive as error:
            return DayResult(series, day, failed=f"{error}{_way_out(stored, error)}")
        if built is None:
            return DayResult(series, day, failed="nothing was ever fetched of it")
        return put(stored.store, built, synced=synced)


def _way_out(stored: StoredDay, error: DamagedArchive) -> str:
    """What to do if there is no copy of a damaged archive."""
    series, day = stored.source_day.series, stored.source_day.day
    if isinstance(error, NothingWhole):
        anew = f"run {series.source} --day {day} fetches the day anew, if the site still has it"
        return f"; else remove it and {stored.store.certificate(series, day)}, and dailypapers {anew}"
    return ", or build without it: dailypapers build --accept-loss"


def put(store: Store, built: Snapshot, *, synced: bool = False) -> DayResult:
    """Write a built day; the caller holds the store's lock.

    Unless `synced`, the folder of its archives is synced first: a certificate must not name a file of a killed fetch
    that a power cut could still remove.
    """
    if not synced:
        sync_folder(store.pages(built.series, built.day))
    return DayResult(built.series, built.day, built, built.write(store))
