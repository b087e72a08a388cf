"""Days are built by several processes and written by one, in groups.

A day is built ahead of time without the store's lock. Under the lock it is written only if its files are still those
that it was built from. Otherwise, and if it could not be built, it is built again under the lock.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Final

from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.store.layout import Store

from .cluster_task import build_task, run_task
from .prepared import sweep_prepared
from .workers import Workers, in_order
from .write import BuiltDay, DayResult, build_ahead, write_days

GROUP: Final = 8
"""Days written together: the file system commits their files at once. More would save little, and wait in memory."""


def build_and_write_all(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool = False
) -> Generator[DayResult, None, None]:
    """Build and write days, in order. A damaged archive, or a bug, leaves its day unchanged.

    The files are the same whoever builds them. Raises WorkerDied, and of a cluster also IngestError and OSError if a
    worker does not share the store.
    """
    # Workers on other machines have another working directory.
    store = Store(store.root.absolute()) if workers.on_cluster else store
    build = _by_cluster if workers.on_cluster else _by_processes
    sweep_prepared(store, days)
    try:
        with closing(build(store, days, workers, accept_loss=accept_loss)) as built:
            while group := list(islice(built, GROUP)):
                yield from write_days(store, group, accept_loss=accept_loss)
    finally:
        if workers.on_cluster:
            sweep_prepared(store, days)


def _by_processes(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool
) -> Generator[BuiltDay, None, None]:
    yield from in_order(partial(_ahead, store, accept_loss), days, workers)


def _ahead(store: Store, accept_loss: bool, source_day: SourceDay) -> BuiltDay:  # noqa: FBT001 - positional for partial
    try:
        return build_ahead(load_day(store, source_day), accept_loss=accept_loss)
    except Exception:  # the build under the lock meets the same one and reports it
        return BuiltDay(source_day)


def _by_cluster(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool
) -> Generator[BuiltDay, None, None]:
    tasks = [build_task(store, day, accept_loss=accept_loss) for day in days]
    for day, prepared in zip(days, in_order(run_task, tasks, workers), strict=True):
        yield BuiltDay(day, prepared=prepared)
