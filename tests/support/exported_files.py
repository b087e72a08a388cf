"""Stores to export, the files of an export, and whether an export as of a time is that of the copy of that time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from dailypapers.export.export import export
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.store.layout import Store
from tests.support.hourly_copies import Copy, between
from tests.support.scripted_month import run_command
from tests.support.written_days import DAY, HOSTILE, paper, write_day

NEXT_MONTH: Final = date(2026, 1, 2)


def exported_files(folder: Path) -> dict[str, bytes]:
    """The files by name, without the manifest, which holds the times of the store's files."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def differing_exports(root: Path, copies: list[Copy], step: int, folder: Path) -> Iterator[str | None]:
    """For every `step`th copy: None if `export --as-of` its time makes what an export of the copy makes, else the time.

    Both are made in one folder each, so that every export turns the one before into that of another time.
    """
    now = copies[-1].at + timedelta(days=1)
    as_of, expected = folder / "export-as-of", folder / "export-of-copy"
    for number in range(0, len(copies), step):
        at, copy = between(copies, number).isoformat(), Store(copies[number].root)
        result = run_command(root, now, "export", "--out", f"{as_of}", "--as-of", at)
        export(copy, [stored.series for stored in all_stored_series(copy)], expected)
        is_same = result.status == 0 and exported_files(as_of) == exported_files(expected)
        yield None if is_same else f"the export as of {at}"


def full_paper(number: int) -> Paper:
    """A record with a value in most fields, texts of all kinds."""
    text = HOSTILE[number % len(HOSTILE)]
    return paper(
        number,
        title=text,
        abstract=f"{text} {number}",
        authors=[{"name": text, "user": None, "hidden": False, "affiliation": None}] * (number % 3),
        organization={"name": "lab", "fullname": None} if number % 2 else None,
        published=DAY,
        upvotes=number,
        rank=number,
        keywords=[text] * (number % 2),
        extra={"text": text, "number": 2**64 - 1} if number % 2 else {},
    )


def write_months(root: Path) -> Store:
    """A store with a day in each of two months."""
    written = Store(root / "store")
    for day in (DAY, NEXT_MONTH):
        write_day(written, [full_paper(number) for number in range(1, 5)], day=day)
    return written
