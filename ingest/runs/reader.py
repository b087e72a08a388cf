"""Reads the reports of past runs, and removes most of the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import is_locked
from dailypapers.snapshots.store.reading import read_whole

from .valid_report import is_report

KEEP_ALL: Final = timedelta(days=35)
"""All reports younger than this are kept; of an older day, the last one of each exit status."""
RunState = Literal["ended", "running", "killed", "unreadable"]


@dataclass(frozen=True, slots=True)
class PastRun:
    """A report on disk."""

    path: Path
    state: RunState
    report: dict[str, Any]
    """Empty if it cannot be read."""

    @property
    def id(self) -> str:
        """The run's name."""
        return self.path.stem


def past_runs(store: Store, since: date = date.min) -> Iterator[PastRun]:
    """The runs that began on `since` or later, oldest first."""
    for day in store.days_with_runs():
        if day >= since:
            yield from map(read_run, _reports(store, day))


def newest_first(store: Store) -> Iterator[PastRun]:
    """All runs, newest first, read one at a time."""
    for day in reversed(store.days_with_runs()):
        yield from map(read_run, reversed(_reports(store, day)))


def runs_named(store: Store, prefix: str) -> list[Path]:
    """The reports whose id, or the random part at its end, begins with `prefix`."""
    paths = (path for day in store.days_with_runs() for path in _reports(store, day))
    return [path for path in paths if path.stem.startswith(prefix) or path.stem.rpartition("-")[2].startswith(prefix)]


def read_run(path: Path) -> PastRun:
    """Read a report, whatever its state."""
    # Before the report is read: a run that ends in the meantime has written its end.
    running = is_locked(path)
    try:
        report = orjson.loads(read_whole(path))
    except (OSError, orjson.JSONDecodeError):
        return PastRun(path, "unreadable", {})
    if not is_report(report):
        return PastRun(path, "unreadable", {})
    if report["ended"] is not None:
        return PastRun(path, "ended", report)
    return PastRun(path, "running" if running else "killed", report)


def thin(store: Store, today: date) -> None:
    """Remove old reports, except the last one of a day for each exit status. Raises OSError if that fails."""
    for day in store.days_with_runs():
        if day >= today - KEEP_ALL:
            return
        reports = _reports(store, day)
        # Most old days have a single report, which is not even read.
        for path in _superseded(reports) if len(reports) > 1 else []:
            path.unlink(missing_ok=True)
        for left in store.runs(day).glob("*.tmp"):
            left.unlink(missing_ok=True)


def _superseded(reports: Sequence[Path]) -> Iterator[Path]:
    seen: set[tuple[RunState, int | None]] = set()
    for path in reversed(reports):
        run = read_run(path)
        outcome = (run.state, run.report.get("exit"))
        if outcome in seen and run.state != "running":
            yield path
        seen.add(outcome)


def _reports(store: Store, day: date) -> Sequence[Path]:
    return sorted(store.runs(day).glob("*.json"))
