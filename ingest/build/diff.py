"""History read again with the parsers at hand: what a build of a day would change, told before anything is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from ingest.errors import DamagedArchive
from ingest.sources.model import SourceDay
from snapshots.certificate import CertificateJson
from snapshots.day_diff import Difference, compare_days
from snapshots.store.layout import Series, Store
from snapshots.writer import Snapshot

from .day import build_day
from .staleness import built_certificate, is_stale

_FOLLOWS = frozenset({"size", "sha256"})
"""Entries of a certificate that only say that the day file changed."""


@dataclass(frozen=True, slots=True)
class DayDifference:
    """What a build would change of one source-day."""

    series: Series
    day: date
    failed: str | None = None
    """Which archive file is missing, damaged or not the one that it was built from."""
    files: tuple[str, ...] = ()
    """The files that would change, by name; all that follows is empty where none would."""
    is_new: bool = False
    """It was never built."""
    papers: Difference = field(default_factory=Difference)
    rejects: tuple[int, int] = (0, 0)
    """Numbers of rejects more and fewer."""
    certificate: tuple[str, ...] = ()
    """The entries of the certificate that would change."""
    unnoticed: bool = False
    """The versions of the parsers are those that it was built with, so that `build` would pass it over."""


def day_difference(store: Store, source_day: SourceDay) -> DayDifference:
    """What a build would change of a day; nothing is written."""
    series, day = source_day.series, source_day.day
    try:
        snapshot = build_day(store, source_day)
    except DamagedArchive as error:
        return DayDifference(series, day, failed=str(error))
    if snapshot is None:
        return DayDifference(series, day)
    if changed := _changed_archives(store, snapshot):
        return DayDifference(series, day, failed=changed)
    files = tuple(snapshot.changed_files(store))
    unnoticed = bool(files) and not is_stale(store, source_day)
    return _compared(store, snapshot, files, unnoticed=unnoticed)


def _changed_archives(store: Store, snapshot: Snapshot) -> str | None:
    """The archives in which every record reads as it did, though their bytes are not those that were built from."""
    series, day = snapshot.series, snapshot.day
    named = built_certificate(store, series, day)
    held = {fetch["file"]: fetch["sha256"] for fetch in named["fetches"]} if named else {}
    fetches = snapshot.certificate.fetches
    changed = [store.pages(series, day) / one.file for one in fetches if held.get(one.file, one.sha256) != one.sha256]
    if not changed:
        return None
    where = ", ".join(map(str, changed))
    return f"{where}: not the bytes that the certificate names, though every record can be read; restore it from a copy"


def _compared(store: Store, snapshot: Snapshot, files: tuple[str, ...], *, unnoticed: bool) -> DayDifference:
    series, day = snapshot.series, snapshot.day
    if not files:
        return DayDifference(series, day, papers=Difference(same=snapshot.content.count(b"\n")))
    before = built_certificate(store, series, day)
    return DayDifference(
        series,
        day,
        files=files,
        is_new=before is None,
        papers=compare_days(_held(store.papers(series, day)), snapshot.content),
        rejects=_more_and_fewer(_held(store.rejects(series, day)).splitlines(), snapshot.rejects),
        certificate=_entries(before, orjson.loads(snapshot.certificate.to_json())),
        unnoticed=unnoticed,
    )


def _held(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _more_and_fewer(old: Iterable[bytes], new: Iterable[bytes]) -> tuple[int, int]:
    was, now = Counter(map(_reject, old)), Counter(map(_reject, new))
    return (now - was).total(), (was - now).total()


def _reject(line: bytes) -> str:
    """The line without the version of the parser that refused: a reject of two versions is the same."""
    try:
        row = json.loads(line)
    except ValueError:
        return ascii(line)
    return json.dumps(row | {"version": None} if isinstance(row, dict) else row)


def _entries(before: CertificateJson | None, after: dict[str, Any]) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(name for name in before | after if before.get(name) != after.get(name) and name not in _FOLLOWS)
