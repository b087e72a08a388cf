"""`<day>.rejects.jsonl`: the items of a day that failed validation, each with its raw form and every error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

from dailypapers.parsers.model import Reject, timestamp
from dailypapers.snapshots.store.atomic import read_whole
from dailypapers.snapshots.store.layout import Series

from .errors import StoreError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reject and where it was found: the view, its parser with version, the page and the time of the fetch."""

    view: str
    parser: str
    version: int
    url: str
    at: datetime
    reject: Reject
    identity: str
    """The same for the same item in every view."""


class ErrorRow(TypedDict):
    """One error of an item: where (dotted path, empty for the item itself) and what."""

    path: str
    message: str


class RejectRow(TypedDict):
    """One line of a rejects file."""

    source: str
    day: str
    view: str
    parser: str
    version: int
    url: str
    fetched_at: str
    position: int
    errors: list[ErrorRow]
    raw: object


_REQUIRED = RejectRow.__annotations__.keys() - {"source", "day", "fetched_at"}


def reject_lines(series: Series, day: date, refusals: Iterable[Refusal]) -> dict[str, str]:
    """JSON lines in the order found, by item and errors: an item with the same errors is one line, whatever its view.

    Written in ASCII escapes, because a raw item may hold what UTF-8 cannot encode (a lone surrogate).
    """
    lines: dict[str, str] = {}
    for refusal in refusals:
        errors = [(error.path, error.message) for error in refusal.reject.errors]
        item = json.dumps([refusal.identity, errors])
        if item not in lines:
            lines[item] = json.dumps(_row(series, day, refusal), default=str)
    return lines


def read_rejects(path: Path) -> list[RejectRow]:
    """The lines of a rejects file. Raises StoreError for a damaged file."""
    try:
        rows = [json.loads(line) for line in read_whole(path).splitlines()]
    except ValueError:
        rows = [None]
    if not all(isinstance(row, dict) and row.keys() >= _REQUIRED for row in rows):
        raise StoreError(f"{path}: damaged, not a list of rejects; rebuild it: dailypapers build --all")
    return rows


def healed(old: Iterable[bytes], new: Iterable[bytes]) -> int:
    """How many items that are rejected in the old lines are in none of the new ones."""
    return len(_items(old) - _items(new))


def _items(lines: Iterable[bytes]) -> set[str]:
    """The raw items of some lines, as text; a damaged line (of a cut file) is left out."""
    items = set()
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            raw = json.loads(line)["raw"]
            items.add(json.dumps(raw.get("paper", raw) if isinstance(raw, dict) else raw, sort_keys=True))
    return items


def _row(series: Series, day: date, refusal: Refusal) -> RejectRow:
    return RejectRow(
        source=series.source,
        day=day.isoformat(),
        view=refusal.view,
        parser=refusal.parser,
        version=refusal.version,
        url=refusal.url,
        fetched_at=timestamp(refusal.at),
        position=refusal.reject.position,
        errors=[ErrorRow(path=error.path, message=error.message) for error in refusal.reject.errors],
        raw=refusal.reject.raw,
    )
