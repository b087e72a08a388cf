"""How the numbers of one paper went, out of the metric files of every day that lists it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from snapshots.store.layout import Series, Store

from .errors import SnapshotError


@dataclass(frozen=True, slots=True)
class Course:
    """A paper's numbers in one listing: a point at each fetch that changed one."""

    series: Series
    day: date
    title: str
    points: list[dict[str, Any]]
    """`at`, `upvotes`, `comments`, `github_stars`; a missing number is None."""


def courses(store: Store, series_list: Iterable[Series], key: str) -> Iterator[Course]:
    """The courses of the paper of that key, by series and day. The files are searched, there is no index."""
    needle = orjson.dumps(key)
    for series in series_list:
        for day in store.days_with_snapshots(series):
            try:
                row = _row(store.papers(series, day).read_bytes(), needle, key)
                points = list(_points(store, series, day, needle, key)) if row is not None else []
            except (orjson.JSONDecodeError, FileNotFoundError, KeyError, TypeError) as error:
                path = store.papers(series, day)
                raise SnapshotError(f"{path}: damaged ({error}); run dailypapers build --all") from error
            if row is not None:
                yield Course(series, day, row["title"], points)


def _points(store: Store, series: Series, day: date, needle: bytes, key: str) -> Iterator[dict[str, Any]]:
    path = store.metrics(series, day)
    for text in path.read_bytes().splitlines() if path.exists() else ():
        if needle in text:
            point = orjson.loads(text)
            if point.pop("key") == key:
                yield point


def _row(content: bytes, needle: bytes, key: str) -> dict[str, Any] | None:
    if needle not in content:
        return None
    rows = (orjson.loads(text) for text in content.splitlines() if needle in text)
    return next((row for row in rows if row["key"] == key), None)
