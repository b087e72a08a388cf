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

from ingest.plan.inventory import load_day
from ingest.sources.model import SourceDay
from snapshots.store.layout import Store

from .process_pool import in_order
from .write import BuiltDay, DayResult, build_ahead, write_days

GROUP: Final = 8
"""Days written together: the file system commits their files at once. More would save little, and wait in memory."""


def build_and_write_all(
    store: Store, days: Sequence[SourceDay], jobs: int | None, *, accept_loss: bool = False
) -> Generator[DayResult, None, None]:
    """Build and write days, in order. A damaged archive, or a bug, leaves its day unchanged."""
    work = partial(_ahead, store, accept_loss)
    with closing(in_order(work, days, jobs)) as built:
        while group := list(islice(built, GROUP)):
            yield from write_days(store, group, accept_loss=accept_loss)


def _ahead(store: Store, accept_loss: bool, source_day: SourceDay) -> BuiltDay:  # noqa: FBT001 - positional for partial
    try:
        return build_ahead(load_day(store, source_day), accept_loss=accept_loss)
    except Exception:  # the build under the lock meets the same one and reports it
        return BuiltDay(source_day)
