"""Build a day under the store's lock and write it."""

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
        newest = self.built.certificate["fetches"][-1]
        return all(view["failed"] is not None and not view["papers"] for view in newest["views"])


def build_and_write(
    stored: StoredDay, memo: ParseCache | None = None, *, accept_loss: bool = False, synced: bool = False
) -> DayResult:
    """Build a day under the store's lock, as it is then, and write it. A damaged archive leaves the day unchanged.

    `synced` says that the folder of its archives is on the disk already.
    """
    series, day = stored.source_day.series, stored.source_day.day
    with building(stored.store):
        try:
            built = build_day(stored.refreshed(), memo=memo, accept_loss=accept_loss)
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
    """Write a day that was built, under the store's lock.

    Unless `synced` the folder of its archives is synced before: a killed fetch may have left a file there that a power
    cut would take away, and a certificate names none of those.
    """
    if not synced:
        sync_folder(store.pages(built.series, built.day))
    return DayResult(built.series, built.day, built, built.write(store))
