"""Stores and folders for the tests of feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.outputs.topics import feed_series
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.certificate import FetchEvidence
from dailypapers.snapshots.store.layout import Store
from tests.product import SERIES
from tests.support.written_days import paper, write_day

DAILY_FEED = feed_series([SourceSeries(SOURCES["hf-daily"], SERIES)])[0]


def feed_files(folder: Path) -> list[Path]:
    """All documents of a folder."""
    return sorted(path for path in (folder / "feeds").rglob("*") if path.is_file())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fetch(at: datetime, new: int, *, doubt: str | None = None, reason: str | None = None) -> FetchEvidence:
    """The entry of a certificate for one fetch, with so many new papers."""
    return FetchEvidence(
        file=f"{at:%Y%m%dT%H%M%SZ}-00000000.warc.gz",
        bytes=1,
        sha256="0" * 64,
        at=timestamp(at),
        at_known=True,
        kind="fetch",
        whole=doubt is None,
        doubt=doubt,
        reason=reason,
        papers=new,
        new=new,
        left=0,
        elsewhere=False,
        views=[],
    )


def at(day: date, hours: float) -> datetime:
    """The time some hours after the beginning of a day."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hours)


def fill_day(store: Store, day: date, hours: Sequence[float] = (8, 14), *, number: int = 0, **changes: Any) -> None:
    """A closed day with two papers of each fetch at these hours, and a fetch without new ones after its end.

    `number` makes the keys different from those of the same day without it.
    """
    papers, fetches = [], []
    for place, each in enumerate(hours):
        first = day.toordinal() % 10_000 * 10 + 2 * place + number
        papers += [paper(key, first_seen=at(day, each)) for key in (first, first + 1)]
        fetches.append(fetch(at(day, each), 2))
    ends = [fetch(at(day, last), 0) for last in (25, 49) if last > max(hours)]
    write_day(store, papers, day=day, **{"fetches": [*fetches, *ends]} | changes)


def days_from(first: date, count: int) -> list[date]:
    """Consecutive days."""
    return [first + timedelta(days=number) for number in range(count)]
