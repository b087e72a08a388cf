"""The reports of runs that were: reading them, and thinning those of long ago."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from snapshots.store.layout import Store

KEPT_WHOLE: Final = timedelta(days=35)
"""Every report of so many days is kept; of a day before that the last one of each exit status."""
_NAMES: Final = {"version", "id", "command", "started", "ended", "exit", "days", "sites", "warnings"}

RunState = Literal["ended", "running", "killed", "unreadable"]


@dataclass(frozen=True, slots=True)
class PastRun:
    """A report as it lies on disk."""

    path: Path
    state: RunState
    report: dict[str, Any]
    """Empty where it cannot be read."""

    @property
    def id(self) -> str:
        """The run's name."""
        return self.path.stem


def past_runs(store: Store, since: date = date.min) -> Iterator[PastRun]:
    """The runs that began on a day or later, oldest first."""
    for day in store.days_with_runs():
        if day >= since:
            yield from map(read_run, _reports(store, day))


def newest_first(store: Store) -> Iterator[PastRun]:
    """All runs, the newest first; read one at a time."""
    for day in reversed(store.days_with_runs()):
        yield from map(read_run, reversed(_reports(store, day)))


def runs_named(store: Store, part: str) -> list[Path]:
    """The reports whose name begins so, in either of its parts: the time, and the letters after it."""
    every = (path for day in store.days_with_runs() for path in _reports(store, day))
    return [path for path in every if path.stem.startswith(part) or path.stem.rpartition("-")[2].startswith(part)]


def read_run(path: Path) -> PastRun:
    """A report, whatever state it is in."""
    # Asked before it is read: a run that ends meanwhile has written its end.
    running = _is_running(path)
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return PastRun(path, "unreadable", {})
    if not isinstance(found, dict) or not found.keys() >= _NAMES:
        return PastRun(path, "unreadable", {})
    if found["ended"] is not None:
        return PastRun(path, "ended", found)
    return PastRun(path, "running" if running else "killed", found)


def thin(store: Store, today: date) -> None:
    """Remove reports of long ago: all of a day but the last one of each exit status.

    Raises OSError where the disk refuses.
    """
    for day in store.days_with_runs():
        if day >= today - KEPT_WHOLE:
            return
        reports = _reports(store, day)
        # One alone is not even read: so are most days of years.
        for path in _told_again(reports) if len(reports) > 1 else []:
            path.unlink(missing_ok=True)
        for left in store.runs(day).glob("*.tmp"):
            left.unlink(missing_ok=True)


def _told_again(reports: Sequence[Path]) -> Iterator[Path]:
    told: set[tuple[RunState, int | None]] = set()
    for path in reversed(reports):
        run = read_run(path)
        what = (run.state, run.report.get("exit"))
        if what in told and run.state != "running":
            yield path
        told.add(what)


def _reports(store: Store, day: date) -> Sequence[Path]:
    return sorted(store.runs(day).glob("*.json"))


def _is_running(path: Path) -> bool:
    """Whether a process holds the report's lock, which the kernel takes back when it dies."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # A file system without locks cannot say it.
        return False
    else:
        return False
    finally:
        os.close(handle)
