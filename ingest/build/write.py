"""Building days and writing them under the store's lock, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from dailypapers.ingest.archive.reader import ArchiveReader
from dailypapers.ingest.archive.walk import remove_archived
from dailypapers.ingest.errors import Crash, DamagedArchive, IngestError, NothingWhole
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.plan.inventory import DayFiles, StoredDay, files_of, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.catalog.freshness import update_days
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import sync_folder
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building
from dailypapers.snapshots.writer import Report, Snapshot, write_snapshots

from .checkpoint import Checkpoint
from .day import build_day
from .prepared import PreparedDay, files_mark

Work = TypeVar("Work")


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
    crash: Crash | None = None
    """The bug because of which the day failed."""

    @property
    def fruitless(self) -> bool:
        """Whether it brought nothing: no answer, a damaged archive, or only failed views without papers."""
        if self.built is None:
            return self.skipped is None
        newest = self.built.certificate["fetches"][-1]
        return all(view["failed"] is not None and not view["papers"] for view in newest["views"])


@dataclass(frozen=True, slots=True)
class BuiltDay:
    """A day that was built without the store's lock, and the files that it was built from."""

    source_day: SourceDay
    files: DayFiles | None = None
    snapshot: Snapshot | None = None
    """None if it could not be built, or was not."""
    synced: bool = False
    """The folder of its archives is on the disk already."""
    prepared: PreparedDay | None = None
    """What a worker of a cluster built, instead of `snapshot` and `files`."""

    def current(self, store: Store) -> Snapshot | None:
        """The day as it was built, if its files are still those that it was built from."""
        files = files_of(store, self.source_day)
        if self.prepared is not None:
            is_current = self.prepared.built_from == files_mark(files)
            return self.prepared.read(store, self.source_day) if is_current else None
        return self.snapshot if files == self.files else None

    def temporaries(self, store: Store) -> dict[Path, Path]:
        """Its files that lie beside their places, by these."""
        if self.prepared is None:
            return {}
        return self.prepared.temporaries(store.certificate(self.source_day.series, self.source_day.day).parent)


def isolated(source_day: SourceDay, work: Callable[[], Work]) -> Work | DayResult:
    """The result of the work on one day; if a bug stops it, a failed day, so that the other days go on.

    The errors that end a command are raised: those of the disk, IngestError and StoreError.
    """
    try:
        return work()
    except (OSError, IngestError, StoreError):
        raise
    except Exception as error:
        crash = Crash.of(error)
        return DayResult(source_day.series, source_day.day, failed=crash.describe(), crash=crash)


def build_ahead(
    stored: StoredDay,
    *,
    archives: ArchiveReader | None = None,
    parse_cache: ParseCache | None = None,
    checkpoint: Checkpoint | None = None,
    accept_loss: bool = False,
    synced: bool = False,
) -> BuiltDay:
    """Build a day without the store's lock; `archives`, `parse_cache` and `checkpoint` are those of `build_day`."""
    try:
        snapshot = build_day(
            stored, archives=archives, parse_cache=parse_cache, checkpoint=checkpoint, accept_loss=accept_loss
        )
    except DamagedArchive:
        snapshot = None
    return BuiltDay(stored.source_day, stored.files, snapshot, synced)


def build_and_write(store: Store, source_day: SourceDay, *, synced: bool = False) -> DayResult:
    """Build a day under the store's lock and write it. A damaged archive, or a bug, leaves the day unchanged.

    `synced` says that the folder of its archives is on the disk already.
    """
    (result,) = write_days(store, [BuiltDay(source_day, synced=synced)])
    return result


def write_days(store: Store, days: Sequence[BuiltDay], *, accept_loss: bool = False) -> list[DayResult]:
    """Write days together under the store's lock.

    A day whose files are not those that it was built from, or that could not be built, is built again. A damaged
    archive, or a bug, leaves its day unchanged.
    """
    if not days:
        return []
    with building(store):
        results = [isolated(day.source_day, partial(_result, store, day, accept_loss=accept_loss)) for day in days]
        for day in days:
            _sync_archives(store, day)
        built = [result.built for result in results if result.built is not None]
        temporaries = {path: each for day in days for path, each in day.temporaries(store).items()}
        reports = iter(write_snapshots(store, built, temporaries))
        update_days(store, [(snapshot.series, snapshot.day) for snapshot in built])
        return [result if result.built is None else replace(result, report=next(reports)) for result in results]


def _sync_archives(store: Store, day: BuiltDay) -> None:
    """A certificate must not name a file of a killed fetch that a power cut could still remove."""
    series, date_ = day.source_day.series, day.source_day.day
    has_removed = remove_archived(store, series, date_)
    if (has_removed or not day.synced) and store.pages(series, date_).exists():
        sync_folder(store.pages(series, date_))


def _result(store: Store, day: BuiltDay, *, accept_loss: bool) -> DayResult:
    series, date_ = day.source_day.series, day.source_day.day
    current = day.current(store)
    if current is not None:
        return DayResult(series, date_, current)
    stored = load_day(store, day.source_day)
    try:
        built = build_day(stored, accept_loss=accept_loss)
    except DamagedArchive as error:
        return DayResult(series, date_, failed=f"{error}{way_out(stored, error)}")
    if built is None:
        return DayResult(series, date_, failed="nothing was ever fetched of it")
    return DayResult(series, date_, built)


def way_out(stored: StoredDay, error: DamagedArchive) -> str:
    """What to do if there is no copy of a damaged archive."""
    series, day = stored.source_day.series, stored.source_day.day
    if isinstance(error, NothingWhole):
        again = f"run {series.source} --day {day} fetches the day again, if the site still has it"
        return f"; else remove it and {stored.store.certificate(series, day)}, and dailypapers {again}"
    return ", or build without it: dailypapers build --accept-loss"
