"""Days built by several processes and written by one.

A day is built ahead without the store's lock. Under the lock it is written only if what it was built from is still what
lies there; else, and where it could not be built, it is built again in the usual way.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from ingest.build.write import DayResult, build_and_write, put
from ingest.errors import DamagedArchive
from ingest.sources.model import SourceDay
from snapshots.store.layout import Store
from snapshots.store.locks import building
from snapshots.writer import Snapshot

from .day import build_day
from .process_pool import in_order

AtHand = tuple[tuple[tuple[str, int, int], ...], bytes]
"""What a build of a day depends on: its archive files with sizes and times, and its certificate."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day built ahead, and what it was built from."""

    at_hand: AtHand
    snapshot: Snapshot | None


def build_and_write_all(
    store: Store, days: Sequence[SourceDay], jobs: int | None, *, accept_loss: bool = False
) -> Generator[DayResult, None, None]:
    """Build and write days, in order; a damaged archive leaves its day as it is and is named."""
    work = partial(_ahead, store, accept_loss)
    with closing(in_order(work, days, jobs)) as built:
        for source_day, ahead in zip(days, built, strict=True):
            yield _written(store, source_day, ahead) or build_and_write(store, source_day, accept_loss=accept_loss)


def _ahead(store: Store, accept_loss: bool, source_day: SourceDay) -> Ahead:  # noqa: FBT001 - a partial's place
    at_hand = _at_hand(store, source_day)
    try:
        snapshot = build_day(store, source_day, accept_loss=accept_loss)
    except DamagedArchive:
        snapshot = None
    return Ahead(at_hand, snapshot)


def _written(store: Store, source_day: SourceDay, ahead: Ahead) -> DayResult | None:
    if ahead.snapshot is None:
        return None
    with building(store):
        if _at_hand(store, source_day) != ahead.at_hand:
            return None
        return put(store, ahead.snapshot)


def _at_hand(store: Store, source_day: SourceDay) -> AtHand:
    series, day = source_day.series, source_day.day
    found = ((path.name, path.stat()) for path in store.archives(series, day))
    certificate = store.certificate(series, day)
    held = certificate.read_bytes() if certificate.exists() else b""
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found), held
