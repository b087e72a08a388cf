"""The numbers of one paper over time, from the metric files of every day that lists it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import orjson

from snapshots.store.layout import Series, Store

from .certificate import read_certificate
from .errors import StoreError
from .metrics import Metric, read_metrics
from .witness import Witness


@dataclass(frozen=True, slots=True)
class PaperHistory:
    """One paper on one day that lists it, with its numbers at each fetch that changed one of them."""

    series: Series
    day: date
    key: str
    """The key that it has on that day."""
    title: str
    metrics: list[Metric]
    witnesses: dict[datetime, Witness]
    """By the time of a fetch: the version in a git repository that it is."""


def paper_history(store: Store, listings: Iterable[tuple[Series, date, str]]) -> Iterator[PaperHistory]:
    """The numbers of a paper on each day that lists it: the series, the day and the key that it has there.

    A day whose file does not have that key any more is left out. Raises StoreError for a damaged file.
    """
    for series, day, key in listings:
        title = _title(store.papers(series, day), key)
        if title is not None:
            metrics = list(read_metrics(store.metrics(series, day), key))
            yield PaperHistory(series, day, key, title, metrics, _witnesses(store.certificate(series, day)))


def _witnesses(path: Path) -> dict[datetime, Witness]:
    certificate = read_certificate(path)
    fetches = certificate["fetches"] if certificate else []
    return {datetime.fromisoformat(fetch["at"]): fetch["witness"] for fetch in fetches if "witness" in fetch}


def _title(path: Path, key: str) -> str | None:
    """The title of a paper in a day file; None if the file does not list it."""
    try:
        needle = orjson.dumps(key)
    except orjson.JSONEncodeError:  # no record has a key that is not UTF-8
        return None
    try:
        content = path.read_bytes()
        rows = (orjson.loads(text) for text in content.splitlines() if needle in text) if needle in content else ()
        return next((str(row["title"]) for row in rows if row["key"] == key), None)
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: damaged ({error}); run dailypapers build --all") from error
