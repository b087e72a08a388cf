"""What changed at the site of a series in a quarter, computed from its certificates and those of the 75 days before."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import orjson

from dailypapers.outputs.folder import DayVersion, OutputFolder
from dailypapers.snapshots.certificate import Certificate, read_certificate
from dailypapers.snapshots.drift.detect import Change
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Store

from .calendar import SiteChange
from .listing import Listing, SiteOptions
from .names import changes_file, quarter_of

LEAD: Final = timedelta(days=75)
"""The days before a quarter that its changes are compared with: `status` looks back as far."""


def year_changes(
    store: Store, output: OutputFolder, options: SiteOptions, listing: Listing, days: Mapping[date, DayVersion]
) -> dict[int, list[SiteChange]]:
    """The changes of every year, oldest first. Only quarters whose certificates changed are computed again."""
    found: dict[int, list[SiteChange]] = {}
    read: dict[date, Certificate] = {}
    for quarter, window in _quarters(days).items():
        name = changes_file(listing.folder, quarter)
        inputs = {"certificates": _digest(days[day].certificate for day in window)}
        if not output.is_made(name, inputs):
            read = _certificates(store, listing, window, read)
            changes = options.changes(listing.series, list(read.values()))
            output.write(name, _content(change for change in changes if quarter_of(change.first) == quarter))
            output.record(name, inputs)
        rows = orjson.loads(read_whole(output.folder / name))
        found.setdefault(int(quarter[:4]), []).extend(map(_site_change, rows))
    return found


def _certificates(
    store: Store, listing: Listing, window: Sequence[date], read: Mapping[date, Certificate]
) -> dict[date, Certificate]:
    """The certificates of a window; `read` are those of the window before, which has many of its days as well."""
    certificates = ((day, read.get(day) or read_certificate(store.certificate(listing.series, day))) for day in window)
    return {day: certificate for day, certificate in certificates if certificate is not None}


def _quarters(days: Mapping[date, DayVersion]) -> dict[str, Sequence[date]]:
    """The quarters with days, each with its days and those of the time before it."""
    quarters: dict[str, list[date]] = {}
    for day in days:
        quarters.setdefault(quarter_of(day), []).append(day)
    every = list(days)
    return {
        name: every[bisect_left(every, _first(of_quarter[0]) - LEAD) : bisect_right(every, of_quarter[-1])]
        for name, of_quarter in quarters.items()
    }


def _first(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _digest(checksums: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(checksums).encode()).hexdigest()


def _content(changes: Iterator[Change]) -> bytes:
    rows = sorted(
        ({**change._asdict(), "days": change.days, "confidence": change.confidence} for change in changes), key=_place
    )
    return b"[\n" + b",\n".join(orjson.dumps(row) for row in rows) + b"\n]\n"


def _place(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{row['first']}", row["field"], row["description"]


def _site_change(row: Mapping[str, Any]) -> SiteChange:
    words = f"{row['field']}: {row['description']}" if row["field"] else row["description"]
    return SiteChange(row["first"], row["days"], row["confidence"], words)
