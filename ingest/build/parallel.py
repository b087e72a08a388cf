"""Days are built by several processes and written by one.

A day is built ahead of time without the store's lock. Under the lock it is written only if its files are still those
that it was built from. Otherwise, and if it could not be built, it is built again under the lock.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from ingest.build.write import DayResult, build_and_write, put
from ingest.errors import DamagedArchive
from ingest.plan.inventory import DayFiles, files_of, load_day
from ingest.sources.model import SourceDay
from snapshots.store.layout import Store
from snapshots.store.locks import building
from snapshots.writer import Snapshot

from .day import build_day
from .process_pool import in_order


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day built ahead of time, and the files that it was built from."""

    files: DayFiles
    snapshot: Snapshot | None


def build_and_write_all(
    store: Store, days: Sequence[SourceDay], jobs: int | None, *, accept_loss: bool = False
) -> Generator[DayResult, None, None]:
    """Build and write days, in order. A damaged archive leaves its day unchanged."""
    work = partial(_ahead, store, accept_loss)
    with closing(in_order(work, days, jobs)) as built:
        for source_day, ahead in zip(days, built, strict=True):
            yield _written(store, source_day, ahead) or build_and_write(
                load_day(store, source_day), accept_loss=accept_loss
            )


def _ahead(store: Store, accept_loss: bool, source_day: SourceDay) -> Ahead:  # noqa: FBT001 - positional for partial
    stored = load_day(store, source_day)
    try:
        snapshot = build_day(stored, accept_loss=accept_loss)
    except DamagedArchive:
        snapshot = None
    return Ahead(stored.files, snapshot)


def _written(store: Store, source_day: SourceDay, ahead: Ahead) -> DayResult | None:
    if ahead.snapshot is None:
        return None
    with building(store):
        if files_of(store, source_day) != ahead.files:
            return None
        return put(store, ahead.snapshot)
