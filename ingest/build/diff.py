"""What a build of a day with the current parsers would change; nothing is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dailypapers.ingest.errors import Crash, DamagedArchive
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.day_diff import Difference, compare_days
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.writer import Snapshot

from .day import build_day
from .staleness import damaged_files, is_stale
from .write import DayResult, isolated

_FOLLOWS = frozenset({"files", "checksum"})
"""Entries of a certificate that change whenever a derived file or another entry does."""


@dataclass(frozen=True, slots=True)
class DayDifference:
    """What a build would change of one source-day."""

    series: Series
    day: date
    failed: str | None = None
    """Which archive file is missing, damaged or changed since the day was built."""
    files: tuple[str, ...] = ()
    """The names of the files that would change; if there are none, only `papers` says more."""
    is_new: bool = False
    """The day has no certificate yet."""
    papers: Difference = field(default_factory=Difference)
    rejects: tuple[int, int] = (0, 0)
    """How many rejects would be added and removed."""
    certificate: tuple[str, ...] = ()
    """The entries of the certificate that would change."""
    damaged: tuple[str, ...] = ()
    """The names of the files that are not as they were built, although pages and parsers are the same."""
    unnoticed: bool = False
    """It was built with the current parser versions, so `build` would skip it."""
    crash: Crash | None = None
    """The bug because of which the day failed."""


def day_difference(store: Store, source_day: SourceDay) -> DayDifference:
    """What a build of the day would change; if a bug stops it, that is the day's failure."""
    try:
        found = isolated(source_day, lambda: _difference(load_day(store, source_day)))
    except DamagedArchive as error:
        return DayDifference(source_day.series, source_day.day, failed=str(error))
    if isinstance(found, DayResult):
        return DayDifference(found.series, found.day, failed=found.failed, crash=found.crash)
    return found


def _difference(stored: StoredDay) -> DayDifference:
    store, series, day = stored.store, stored.source_day.series, stored.source_day.day
    snapshot = build_day(stored)
    if snapshot is None:
        return DayDifference(series, day)
    if changed := _changed_archives(stored, snapshot):
        return DayDifference(series, day, failed=changed)
    files = tuple(snapshot.changed_files(store))
    return _compared(stored, snapshot, files)


def _changed_archives(stored: StoredDay, snapshot: Snapshot) -> str | None:
    """An error for archive files that can be read but whose bytes are not those that the day was built from."""
    certificate = stored.certificate
    digests = {fetch["file"]: fetch["sha256"] for fetch in certificate["fetches"]} if certificate else {}
    built = {fetch["file"]: fetch["sha256"] for fetch in snapshot.certificate["fetches"]}
    folder = stored.store.pages(stored.source_day.series, stored.source_day.day)
    changed = [folder / name for name, digest in built.items() if digests.get(name, digest) != digest]
    if not changed:
        return None
    where = ", ".join(map(str, changed))
    return f"{where}: not the bytes that the certificate names, though every record can be read; restore it from a copy"


def _compared(stored: StoredDay, snapshot: Snapshot, files: tuple[str, ...]) -> DayDifference:
    series, day, store, before = snapshot.series, snapshot.day, stored.store, stored.certificate
    if not files:
        return DayDifference(series, day, papers=Difference(same=snapshot.content.count(b"\n")))
    damaged = tuple(path.name for path in damaged_files(stored))
    return DayDifference(
        series,
        day,
        files=files,
        is_new=before is None,
        papers=compare_days(_read_if_exists(store.papers(series, day)), snapshot.content),
        rejects=_more_and_fewer(_read_if_exists(store.rejects(series, day)).splitlines(), snapshot.rejects),
        certificate=_entries(before, snapshot.certificate),
        damaged=damaged,
        unnoticed=not damaged and not is_stale(stored),
    )


def _read_if_exists(path: Path) -> bytes:
    return read_whole(path) if path.exists() else b""


def _more_and_fewer(old: Iterable[bytes], new: Iterable[bytes]) -> tuple[int, int]:
    was, now = Counter(map(_reject, old)), Counter(map(_reject, new))
    return (now - was).total(), (was - now).total()


def _reject(line: bytes) -> str:
    """The line without its parser version: a reject of two versions is the same."""
    try:
        row = json.loads(line)
    except ValueError:
        return ascii(line)
    return json.dumps(row | {"version": None} if isinstance(row, dict) else row)


def _entries(before: Certificate | None, after: Certificate) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(name for name in before | after if before.get(name) != after.get(name) and name not in _FOLLOWS)
