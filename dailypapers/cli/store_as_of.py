"""A store as it was at a time, for the commands that make something of it and forget it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.snapshots.store.layout import Store

from .invocation import Invocation
from .selection import as_of_instant
from .workers import open_workers


class StoreAsOf(NamedTuple):
    """A store to read, and the number of its days that could not be built and are missing."""

    store: Store
    missing: int


@contextmanager
def open_as_of(
    invocation: Invocation, store: Store, selected: Sequence[SourceSeries], as_of: str | None
) -> Iterator[StoreAsOf]:
    """The store itself without `as_of`, else some series of it as they were at that time, in a temporary folder.

    Each day that cannot be built is a warning. Raises UsageError if `as_of` is not a time, or is in the future.
    """
    if as_of is None:
        yield StoreAsOf(store, 0)
        return
    from tempfile import TemporaryDirectory

    from dailypapers.ingest.build.as_of import store_as_of

    instant = as_of_instant(as_of, invocation.settings.clock)
    days = [source_series.on(day) for source_series in selected for day in store.stored_days(source_series.series)]
    missing = 0
    with TemporaryDirectory(prefix="dailypapers-") as folder:
        with (
            open_workers(len(days), None, None) as workers,
            closing(store_as_of(store, days, instant, Path(folder), workers=workers)) as results,
        ):
            for result in results:
                if result is not None and result.built is None:
                    missing += 1
                    invocation.log.warning(f"{result.series} {result.day}: {result.failed}; it is left out")
        yield StoreAsOf(Store(Path(folder)), missing)
