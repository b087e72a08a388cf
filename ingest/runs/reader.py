"""Reads the reports of past runs, and removes most of the old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import is_locked

Check = Callable[[object], bool]


def is_report(value: object) -> bool:
    """Whether a value is a report that can be shown and counted."""
    if not isinstance(value, dict) or not _has_parts(_REPORT, value):
        return False
    # Reports of versions before it have no tracebacks.
    if not _TEXTS(value.get("tracebacks", [])):
        return False
    return value["ended"] is None or None not in (value["seconds"], value["exit"])


def _has_parts(parts: Mapping[str, Check], value: object) -> bool:
    return isinstance(value, dict) and all(name in value and is_valid(value[name]) for name, is_valid in parts.items())


def _are_all(is_valid: Check, values: object) -> bool:
    return isinstance(values, list) and all(map(is_valid, values))


def _or_null(is_valid: Check, value: object) -> bool:
    return value is None or is_valid(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _are_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _are_requests(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


_TEXTS: Final = partial(_are_all, _is_text)
_TEXT_OR_NULL: Final = partial(_or_null, _is_text)
_COUNT_OR_NULL: Final = partial(_or_null, _is_count)
_DAY: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("source", "day"), _is_text),
    **dict.fromkeys(("query", "state", "reason", "failed", "skipped"), _TEXT_OR_NULL),
    **dict.fromkeys(("papers", "new", "changed", "gone", "rejects"), _COUNT_OR_NULL),
    **dict.fromkeys(("fetched", "attention"), lambda value: isinstance(value, bool)),
}
_SITE: Final[Mapping[str, Check]] = {
    "site": _is_text,
    "requests": _are_requests,
    "bytes": _is_count,
    "retries": _is_count,
    "waited_seconds": _are_seconds,
}
_REPORT: Final[Mapping[str, Check]] = {
    "version": _is_count,
    **dict.fromkeys(("id", "command", "software"), _is_text),
    **dict.fromkeys(("arguments", "warnings"), _TEXTS),
    "started": _is_time,
    "ended": partial(_or_null, _is_time),
    "seconds": partial(_or_null, _are_seconds),
    "exit": _COUNT_OR_NULL,
    "error": _TEXT_OR_NULL,
    "attention": _is_count,
    "days": partial(_are_all, partial(_has_parts, _DAY)),
    "sites": partial(_are_all, partial(_has_parts, _SITE)),
    "peak_memory_bytes": _is_count,
}


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
