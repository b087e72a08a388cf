"""Reads the table of `record_debian_slots.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("debian_slots.tsv")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What Debian's cron made of a schedule in [start, until); a slot in which it started two jobs is listed twice."""

    zone: str
    start: datetime
    until: datetime
    schedule: str
    slots: tuple[datetime, ...]


def recorded() -> Iterator[Recorded]:
    """Every row of the table, times in UTC."""
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    for line in lines[1:]:
        zone, start, until, schedule, slots = line.split("\t")
        yield Recorded(zone, _instant(start), _instant(until), schedule, tuple(_slots(slots)))


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def _slots(cell: str) -> Iterator[datetime]:
    day = ""
    for word in cell.split():
        if ":" in word:
            yield _instant(f"{day}T{word}Z")
        else:
            day = word
