"""`<day>.rejects.jsonl`: the items of a day that were no valid papers, each with its raw form and every error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from parsers.model import Reject, timestamp

from .layout import Series


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
