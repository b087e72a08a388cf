"""`<day>.metrics.jsonl`: upvotes, comments and stars of a day's papers, one line per fetch that changed one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from dailypapers.snapshots.store.reading import read_whole, split_lines

from .errors import StoreError

NUMBERS: Final = ("upvotes", "comments", "github_stars")
"""The numbers of a paper that go on changing after it was listed, as `dailypapers.parsers.model.Paper` names them."""

_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


@dataclass(frozen=True, slots=True)
class Metric:
    """The numbers of a paper at a fetch that changed one of them; an unknown number is None."""

    at: datetime
    key: str
    upvotes: int | None
    comments: int | None
    github_stars: int | None


def metric_lines(metrics: Iterable[Metric]) -> list[bytes]:
    """Each metric as one JSON object, without a line end."""
    return [orjson.dumps(metric, option=_OPTIONS) for metric in metrics]


def read_metrics(path: Path, key: str | None = None) -> Iterator[Metric]:
    """The metrics in a file, of all papers or of the one with that key; none if there is no such file.

    Raises StoreError for a damaged line.
    """
    needle = b"" if key is None else orjson.dumps(key)
    for text in split_lines(read_whole(path)) if path.exists() else ():
        if needle in text:
            metric = _metric(path, text)
            if key is None or metric.key == key:
                yield metric


def _metric(path: Path, text: bytes) -> Metric:
    try:
        row = orjson.loads(text)
        return Metric(datetime.fromisoformat(row["at"]), row["key"], *(row[name] for name in NUMBERS))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: damaged ({error}); run dailypapers build --all") from error
