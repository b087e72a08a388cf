"""What the arguments and options of a command select: series, days, and the store as it was at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from dailypapers.ingest.clock import Clock, parse_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.plan.inventory import all_stored_series, stored_series
from dailypapers.ingest.sources.model import SOURCE, Source, SourceSeries
from dailypapers.ingest.sources.registry import series_named, source_named
from dailypapers.snapshots.store.layout import Store

from .extras import open_workers
from .invocation import Invocation
from .options import NOW_YEARS


def fetched_source(name: str) -> Source:
    """The source of that name. Raises UsageError if it is unknown, or imported from files instead of fetched."""
    source = source_named(name)
    if source.query == SOURCE:
        raise UsageError(f"{name} is fetched for another source: dailypapers run arxiv-api --for {SOURCE.example}")
    if not source.fetched:
        raise UsageError(f"{name} comes from files: dailypapers import {name} FILE --day DAY")
    return source


def named_series(store: Store, sources: Iterable[Source], query: str | None) -> list[SourceSeries]:
    """The series of some sources; without a query, every stored search of a source that takes one.

    Raises UsageError if a source needs a query and has none, or has one and takes none.
    """
    selected: list[SourceSeries] = []
    for source in sources:
        stored = stored_series(store, source) if source.takes_query and query is None else []
        selected += [SourceSeries(source, series) for series in stored or [series_named(source, query)]]
    return selected


def named_or_stored_series(store: Store, names: Sequence[str], query: str | None) -> list[SourceSeries]:
    """The series of the sources of these names; without a name, all that are stored. Raises UsageError as above."""
    return named_series(store, map(source_named, names), query) if names else list(all_stored_series(store))


def day_of(text: str, today: date) -> date:
    """A day as typed: `2025-12-08`, `today` or `yesterday`. Raises UsageError if it is none of these."""
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return words.get(text) or date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; write it like 2025-12-08, today or yesterday") from error


def since_until(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """The first and last day of --since and --until (default: no limit); `today` and `yesterday` are days too.

    Raises UsageError if one is not a day, or the range ends before it begins.
    """
    first, last = day_of(since, today) if since else date.min, day_of(until, today) if until else date.max
    if last < first:
        raise UsageError(f"the range ends on {last}, before it begins on {first}")
    return first, last


def as_of_instant(text: str, clock: Clock) -> datetime:
    """The time of --as-of. Raises UsageError if it is not a time, or is in the future."""
    instant = parse_instant(text)
    if instant.year < NOW_YEARS[0] or instant > clock.now():
        raise UsageError(f"--as-of {text}: use a time from {NOW_YEARS[0]} until now ({clock.now():%Y-%m-%dT%H:%M:%SZ})")
    return instant


def day_or_range(day: str | None, since: str | None, until: str | None, today: date) -> tuple[date, date] | None:
    """The first and last day given by --day, or by --since and --until (default: today); None if none was given.

    Raises UsageError if one is not a day, or they do not make a range.
    """
    if day is not None and (since is not None or until is not None):
        raise UsageError("--day is one day and --since/--until are a range: use one of the two")
    if day is not None:
        return day_of(day, today), day_of(day, today)
    if since is None and until is not None:
        raise UsageError("--until needs --since, the first day of the range")
    return None if since is None else since_until(since, until or today.isoformat(), today)


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
