"""Days, a whole store, and papers, as they were at a time in the past.

A build depends on archive files and parsers alone, so a day built from the fetches up to a time is, byte for byte, what
the store held then, had it been built by today's parsers. Imported pages count from the time at which they were served.

For papers, the days that it takes are built as of that time, into a temporary store, which has a catalog of its own: so
a paper is merged, and joined with others, by the same rules from what was known then. Only the decisions in joins.txt
are those of today.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from dailypapers.ingest.errors import DamagedArchive, UsageError
from dailypapers.ingest.plan.inventory import StoredDay, all_stored_series, load_day
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import CatalogPaper, Selection
from dailypapers.snapshots.certificate import Certificate, certificate_bytes
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import make_folder, read_whole, sync_folder, write_whole
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building
from dailypapers.snapshots.store.marks import read_as_of, write_as_of
from dailypapers.snapshots.writer import Snapshot, write_snapshots

from .day import build_day
from .parallel import GROUP
from .staleness import damaged_files, is_stale
from .workers import Workers, in_order, local_workers
from .write import DayResult, isolated, way_out

_ASIDE: Final = ".as-of.tmp"
"""The folder, in the one of the new store, in which it is made."""


def build_day_as_of(
    store: Store, source_day: SourceDay, instant: datetime, *, accept_loss: bool = False
) -> Snapshot | None:
    """The files of a day as the store held them at `instant`; None if it had no fetch by then. Nothing is written.

    Files of a day that was not fetched since are read, not built again. Raises DamagedArchive as `build_day` does.
    """
    stored = load_day(store, source_day)
    if stored.certificate is not None and not changed_after(stored.certificate, instant):
        snapshot = _as_stored(stored)
        if snapshot is not None:
            return snapshot
    return build_day(stored, accept_loss=accept_loss, until=instant)


def changed_after(certificate: Certificate, instant: datetime) -> bool:
    """Whether a day was fetched after `instant`: only then its files were others at that time."""
    return certificate["as_of"] > timestamp(instant)


def _as_stored(stored: StoredDay) -> Snapshot | None:
    """The day as its files have it; None if one of them is not as it was built, or must be built again."""
    if is_stale(stored) or damaged_files(stored) or stored.certificate is None:
        return None
    series, day, certificate = stored.source_day.series, stored.source_day.day, stored.certificate
    content, rejects, metrics = (
        read_whole(path) if path.exists() else b"" for path in stored.store.derived(series, day).values()
    )
    is_as_written = certificate_bytes(certificate) == stored.certificate_content
    snapshot = Snapshot(series, day, content, rejects.splitlines(), metrics.splitlines(), certificate)
    return snapshot if is_as_written else None


def store_as_of(
    store: Store,
    days: Sequence[SourceDay],
    instant: datetime,
    folder: Path,
    *,
    workers: Workers,
    accept_loss: bool = False,
) -> Generator[DayResult | None, None, None]:
    """Write into `folder` a store of these days as they were at `instant`; yields the result of each day, in order.

    That is None for a day that had not been fetched by then. A day that cannot be built is missing in the new store,
    and its result says why. `joins.txt` and `waived.txt`, the decisions of a human, have no time: they are those of
    today. The new store has no pages, runs or attempts. It takes the place of the one in `folder` when all days are
    done; `store` is only read. Raises UsageError for a folder that is neither empty nor was made by this function.
    """
    _check_folder(store, folder)
    made, aside = Store(folder), Store(folder / _ASIDE)
    with building(made):
        shutil.rmtree(aside.root, ignore_errors=True)
        make_folder(aside.root / "snapshots")
        work = partial(_build, store, instant, accept_loss)
        with closing(in_order(work, days, workers)) as results:
            while group := list(islice(results, GROUP)):
                yield from _write(aside, group)
        _copy_decisions(store, aside)
        _put_in_place(made, aside, instant)


def _check_folder(store: Store, folder: Path) -> None:
    # Not Path.resolve(), which raises RuntimeError for a link that leads to itself.
    here, there = Path(os.path.realpath(folder)), Path(os.path.realpath(store.root))
    if here == there or here in there.parents or there in here.parents:
        raise UsageError(f"--out {folder} is, holds or lies in the store itself; name another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder} is not a folder; name another one")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if names - {".lock"} and not names & {"as-of.json", _ASIDE}:
        raise UsageError(f"--out {folder} holds other files and is left as it is; name an empty or new folder")


def _build(
    store: Store,
    instant: datetime,
    accept_loss: bool,  # noqa: FBT001 - positional for partial
    source_day: SourceDay,
) -> Snapshot | DayResult | None:
    def work() -> Snapshot | DayResult | None:
        try:
            return build_day_as_of(store, source_day, instant, accept_loss=accept_loss)
        except DamagedArchive as error:
            reason = f"{error}{way_out(load_day(store, source_day), error)}"
            return DayResult(source_day.series, source_day.day, failed=reason)

    return isolated(source_day, work)


def _write(aside: Store, group: Sequence[Snapshot | DayResult | None]) -> Iterator[DayResult | None]:
    reports = iter(write_snapshots(aside, [built for built in group if isinstance(built, Snapshot)]))
    for built in group:
        yield DayResult(built.series, built.day, built, next(reports)) if isinstance(built, Snapshot) else built


def _copy_decisions(store: Store, aside: Store) -> None:
    for source, copy in ((store.joins, aside.joins), (store.waived, aside.waived)):
        with suppress(FileNotFoundError):
            write_whole(copy, read_whole(source))


def _put_in_place(made: Store, aside: Store, instant: datetime) -> None:
    """Replace the store in the folder by the new one. While it is there in part, it has no time and counts as ours."""
    made.as_of.unlink(missing_ok=True)
    shutil.rmtree(made.root / "catalog", ignore_errors=True)
    for name in ("snapshots", "joins.txt", "waived.txt"):
        old, new = made.root / name, aside.root / name
        if old.exists():
            old.rename(aside.root / f"{name}.old")
        if new.exists():
            new.rename(old)
    sync_folder(made.root)
    write_as_of(made, instant)
    shutil.rmtree(aside.root)


Days: TypeAlias = Collection[tuple[Series, date]]


@contextmanager
def temporary_store_as_of(store: Store, instant: datetime, days: Days | None = None) -> Iterator[Store]:
    """A store as it was at `instant`, with these days or with all, in a temporary folder that is removed at the end.

    Raises StoreError for a day that cannot be built: without it the answer would be another one. So it does for a store
    that `store_as_of` made, which has no pages.
    """
    made_as_of = read_as_of(store)
    if made_as_of is not None:
        where = f"{store.root} shows how another store was at {made_as_of} and has no pages"
        raise StoreError(f"{where}: ask that other one how it was at {timestamp(instant)}")
    with TemporaryDirectory(prefix="dailypapers-as-of-") as folder:
        source_days = list(_all_days(store) if days is None else _source_days(days))
        # One process: others would import the script of whoever calls this, which may have no guard against it.
        with (
            local_workers(len(source_days), 1) as workers,
            closing(store_as_of(store, source_days, instant, Path(folder), workers=workers)) as results,
        ):
            for result in results:
                if result is not None and result.failed is not None:
                    where = f"{result.series} {result.day}, as of {timestamp(instant)}"
                    raise StoreError(f"{where}: {result.failed}")
        yield Store(Path(folder))


def papers_as_of(store: Store, selection: Selection, instant: datetime) -> list[CatalogPaper]:
    """The papers that the selection gave at `instant`, as they were known then. Raises StoreError.

    Only the days that list papers of today's selection are built, if values that change have no part in it; for any
    other selection all days are.
    """
    if not _by_membership(selection):
        with temporary_store_as_of(store, instant) as aside, open_catalog(aside) as then:
            return then.papers(selection)
    limit = selection.limit
    while True:
        with open_catalog(store) as today:
            candidates = _known_by(today, replace(selection, limit=limit), instant)
        papers = _among(store, candidates, selection, instant)
        if limit is None or len(papers) >= (selection.limit or 0) or len(candidates) < limit:
            return papers
        # Some of today's papers were not in this source yet: look further back for others.
        limit *= 2


def _by_membership(selection: Selection) -> bool:
    """Whether the time at which papers were first seen, and the day and source that list them, decide alone."""
    if selection.sort == "rising":  # counted from the newest day of the whole store
        return False
    is_new = selection.sort == "new" and not _has_values(selection)
    return is_new or selection.day is not None or selection.since is not None


def _known_by(catalog: Catalog, selection: Selection, instant: datetime) -> list[CatalogPaper]:
    """Today's papers among which those of the selection are, with all that were first seen when the last one was."""
    wide = replace(selection, known_by=instant, organization=None, keyword=None, min_upvotes=None, sort="new")
    if selection.sort != "new" or wide.limit is None or _has_values(selection):
        return catalog.papers(replace(wide, limit=None))
    papers = catalog.papers(wide)
    if len(papers) < wide.limit:
        return papers
    last = min(datetime.fromisoformat(paper.fields["first_seen"]) for paper in papers)
    return catalog.papers(replace(wide, since=last - timedelta(seconds=1), limit=None))


def _has_values(selection: Selection) -> bool:
    return (selection.organization, selection.keyword, selection.min_upvotes) != (None, None, None)


def _among(store: Store, candidates: list[CatalogPaper], selection: Selection, instant: datetime) -> list[CatalogPaper]:
    # Other papers of these days may be listed on days that are not built here, so nothing is known of them.
    keys = {listing.key for paper in candidates for listing in paper.listings}
    days = {day for paper in candidates for day in paper.days}
    with temporary_store_as_of(store, instant, days) as aside, open_catalog(aside) as then:
        papers = then.papers(replace(selection, limit=None))
    ours = [paper for paper in papers if any(listing.key in keys for listing in paper.listings)]
    return ours[: selection.limit]


def _all_days(store: Store) -> Iterator[SourceDay]:
    for stored in all_stored_series(store):
        yield from map(stored.on, store.stored_days(stored.series))


def _source_days(days: Days) -> Iterator[SourceDay]:
    for series, day in sorted(days, key=lambda each: (str(each[0]), each[1])):
        yield SourceSeries(SOURCES[series.source], series).on(day)
