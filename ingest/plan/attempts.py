"""Passes over a day that no view answered.

They leave nothing in the archive, so they are remembered beside it: the next pass waits as after a doubt, and an outage
that lasts is a problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.store.atomic import read_whole, write_whole
from dailypapers.snapshots.store.layout import Store

MAX_PASSES: Final = 100
"""Of more passes the oldest and the newest are kept."""
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE


def unanswered_passes(store: Store, source_day: SourceDay) -> Sequence[FetchSummary]:
    """The passes since the newest answer, oldest first. A file that cannot be read counts as none."""
    content = _read(store.attempts(source_day.series, source_day.day))
    if content is None:
        return ()
    passes, reason = content
    return [FetchSummary(at, whole=False, doubt="failed", reason=reason, papers=0, new=0) for at in passes]


def note_unanswered(store: Store, source_day: SourceDay, at: datetime, reason: str) -> None:
    """Remember a pass that no view answered, and why. Raises OSError if the store cannot be written."""
    path = store.attempts(source_day.series, source_day.day)
    known, _ = _read(path) or ([], "")
    passes = [*known, at]
    if len(passes) > MAX_PASSES:
        passes = [passes[0], *passes[-MAX_PASSES + 1 :]]
    content = {
        "source": source_day.series.source,
        "query": source_day.series.query,
        "day": source_day.day,
        "passes": passes,
        "reason": reason,
    }
    write_whole(path, orjson.dumps(content, option=_OPTIONS))


def forget_unanswered(store: Store, source_day: SourceDay) -> None:
    """A view has answered: the passes before it count no more."""
    path = store.attempts(source_day.series, source_day.day)
    if path.exists():
        path.unlink()


def query_of(path: Path) -> str | None:
    """The query of the series that a file of passes belongs to; None if it cannot be read or has none."""
    content = _load(path)
    query = content.get("query") if content is not None else None
    return query if isinstance(query, str) else None


def _read(path: Path) -> tuple[list[datetime], str] | None:
    content = _load(path)
    if content is None:
        return None
    try:
        passes, reason = [datetime.fromisoformat(at) for at in content["passes"]], str(content["reason"])
    except (KeyError, TypeError, ValueError):
        return None
    return (passes, reason) if all(at.tzinfo for at in passes) else None


def _load(path: Path) -> dict[str, Any] | None:
    try:
        content = orjson.loads(read_whole(path))
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None
