"""The numbers of one paper over time, from the metric files of every day that lists it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from snapshots.store.layout import Series, Store

from .errors import StoreError
from .metrics import Metric, read_metrics


@dataclass(frozen=True, slots=True)
class PaperHistory:
    """One paper on one day that lists it, with its numbers at each fetch that changed one of them."""

    series: Series
    day: date
    title: str
    metrics: list[Metric]


def paper_history(store: Store, all_series: Iterable[Series], key: str) -> Iterator[PaperHistory]:
    """Every day of these series that lists the paper with that key. The files are searched: there is no index.

    Raises StoreError for a damaged file.
    """
    for series in all_series:
        for day in store.days_with_snapshots(series):
            title = _title(store.papers(series, day), key)
            if title is not None:
                yield PaperHistory(series, day, title, list(read_metrics(store.metrics(series, day), key)))


def _title(path: Path, key: str) -> str | None:
    """The title of a paper in a day file; None if the file does not list it."""
    needle = orjson.dumps(key)
    try:
        content = path.read_bytes()
        rows = (orjson.loads(text) for text in content.splitlines() if needle in text) if needle in content else ()
        return next((str(row["title"]) for row in rows if row["key"] == key), None)
    except (orjson.JSONDecodeError, FileNotFoundError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: damaged ({error}); run dailypapers build --all") from error
