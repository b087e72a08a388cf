"""`<day>.rejects.jsonl`: the items of a day that were no valid papers, each with its raw form and every error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from parsers.model import Reject, timestamp
from snapshots.store.layout import Series

from .errors import StoreError

_NAMES: Final = {"view", "parser", "version", "url", "position", "errors", "raw"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reject and where it was met: the view, its parser with version, the page and the time of the fetch."""

    view: str
    parser: str
    version: int
    url: str
    at: datetime
    reject: Reject
    identity: str
    """The same for the same item, whichever view shows it."""


def reject_lines(series: Series, day: date, refusals: Iterable[Refusal]) -> list[bytes]:
    """JSON lines in the order met; the same item with the same errors is one line, of whichever view and fetch.

    Written in ASCII escapes, since a raw item may hold what UTF-8 cannot (a lone surrogate).
    """
    lines: dict[tuple[str, str], bytes] = {}
    for refusal in refusals:
        said = [{"path": error.path, "message": error.message} for error in refusal.reject.errors]
        same = (refusal.identity, json.dumps(said))
        if same not in lines:
            lines[same] = json.dumps(_row(series, day, refusal, said), default=str).encode("ascii")
    return list(lines.values())


def read_rejects(path: Path) -> list[dict[str, Any]]:
    """The lines of a rejects file as plain JSON. Raises SnapshotError for a file that is none."""
    try:
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    except ValueError:
        rows = [None]
    if not all(isinstance(row, dict) and row.keys() >= _NAMES for row in rows):
        raise StoreError(f"{path}: damaged, no list of rejects; make it anew: dailypapers build --all")
    return rows


def healed(old: Iterable[bytes], new: Iterable[bytes]) -> int:
    """How many items that the old lines refuse are refused by none of the new."""
    return len(_items(old) - _items(new))


def _items(lines: Iterable[bytes]) -> set[str]:
    """The raw items of some lines, as text; a line that is none (of a cut file) counts as not there."""
    found = set()
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            raw = json.loads(line)["raw"]
            found.add(json.dumps(raw.get("paper", raw) if isinstance(raw, dict) else raw, sort_keys=True))
    return found


def _row(series: Series, day: date, refusal: Refusal, errors: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "source": series.source,
        "day": day.isoformat(),
        "view": refusal.view,
        "parser": refusal.parser,
        "version": refusal.version,
        "url": refusal.url,
        "fetched_at": timestamp(refusal.at),
        "position": refusal.reject.position,
        "errors": errors,
        "raw": refusal.reject.raw,
    }
