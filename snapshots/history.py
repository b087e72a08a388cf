"""The metrics file of a day, and the numbers and arXiv versions of one paper over time, from the files of every day
that lists it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from dailypapers.snapshots.store.atomic import read_whole, split_lines
from dailypapers.snapshots.store.layout import Series, Store

from .certificate import Certificate, Witness, read_certificate
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


Row = Mapping[str, Any]
"""A line of a day file: the record of a paper."""


@dataclass(frozen=True, slots=True)
class ArxivVersion:
    """The version of a paper that a listing shows."""

    number: int
    updated: date | None
    """The date of this version, if the listing has it."""
    seen_by: datetime
    """When it was seen: the first look at the paper on that day, or the newest if the version came in between."""


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
    version: ArxivVersion | None
    """None if the listing shows none."""


def paper_history(store: Store, listings: Iterable[tuple[Series, date, str]]) -> Iterator[PaperHistory]:
    """The numbers of a paper on each day that lists it, and its version there.

    `listings` are the series, the day and the key that it has there.

    A day whose file does not have that key any more is left out. Raises StoreError for a damaged file.
    """
    for series, day, key in listings:
        path = store.papers(series, day)
        row = _row(path, key)
        if row is not None:
            metrics = list(read_metrics(store.metrics(series, day), key))
            certificate = read_certificate(store.certificate(series, day))
            try:
                version = arxiv_version(row, certificate)
            except (KeyError, TypeError, ValueError) as error:
                raise _damaged(path, error) from error
            yield PaperHistory(series, day, key, row["title"], metrics, _witnesses(certificate), version)


def arxiv_version(row: Row, certificate: Certificate | None) -> ArxivVersion | None:
    """The version that a line of a day file shows, with its day's certificate; None if it shows none.

    Raises KeyError, TypeError or ValueError for a line that is not one of a record.
    """
    number = row.get("arxiv_version")
    if number is None:
        return None
    first = datetime.fromisoformat(row["first_seen"])
    last = datetime.fromisoformat(row["last_seen"] or (certificate["as_of"] if certificate else row["first_seen"]))
    updated = date.fromisoformat(row["updated"]) if row["updated"] else None
    # A line shows the version of the newest look, with the time of the first one, which may have shown another.
    is_later = number > 1 and updated is not None and updated >= first.date()
    return ArxivVersion(number, updated, last if is_later else first)


def first_versions(histories: Iterable[PaperHistory]) -> list[tuple[ArxivVersion, PaperHistory]]:
    """Each version of a paper, by number, with the listing that showed it first."""
    found: dict[int, tuple[ArxivVersion, PaperHistory]] = {}
    for history in histories:
        version = history.version
        if version is not None and (version.number not in found or version.seen_by < found[version.number][0].seen_by):
            found[version.number] = version, history
    return [found[number] for number in sorted(found)]


def _witnesses(certificate: Certificate | None) -> dict[datetime, Witness]:
    fetches = certificate["fetches"] if certificate else []
    return {datetime.fromisoformat(fetch["at"]): fetch["witness"] for fetch in fetches if "witness" in fetch}


def _row(path: Path, key: str) -> dict[str, Any] | None:
    """The record of a paper in a day file; None if the file does not list it."""
    try:
        needle = orjson.dumps(key)
    except orjson.JSONEncodeError:  # no record has a key that is not UTF-8
        return None
    try:
        content = read_whole(path)
        rows = (orjson.loads(text) for text in content.splitlines() if needle in text) if needle in content else ()
        return next((row | {"title": str(row["title"])} for row in rows if row["key"] == key), None)
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path}: damaged ({error}); run dailypapers build --all")
