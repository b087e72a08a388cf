"""Rejects grouped by cause: one site change or parser bug usually rejects many items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from dailypapers.ingest.build.staleness import is_stale
from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.parsers.versions import MODULES
from dailypapers.snapshots.rejects import read_rejects
from dailypapers.snapshots.store.layout import Series, Store

# What differs from item to item: places in lists, quoted words, numbers, the value.
_PLACE: Final = re.compile(r"(?<=\.)\d+(?=\.|$)")
_OWN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|-?\b\d[\d.,]*")
_FOUND: Final = "; found "

Row = Mapping[str, Any]
_Kind = tuple[str, str, str, int]
"""Path and message, without what differs from item to item; parser and its version."""


@dataclass(slots=True)
class Cause:
    """One cause of rejects: the place in the item, the message and the parser; and the items that it rejected."""

    path: str
    message: str
    """The message of the first item, without the value in it."""
    parser: str
    version: int
    items: int = 0
    days: set[date] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    example: dict[str, object] = field(default_factory=dict)
    """The newest item: its day, view, URL, position, whole message and raw form."""
    stale: bool = False
    """One of its days was built with another parser version than the current one: a rebuild may be enough."""

    @property
    def first(self) -> date:
        """The first day with such an item."""
        return min(self.days)

    @property
    def last(self) -> date:
        """The last day with such an item."""
        return max(self.days)


def causes(store: Store, source_series: SourceSeries, since: date = date.min) -> list[Cause]:
    """Why items of a series were rejected, most frequent first. Raises StoreError for a damaged file."""
    series = source_series.series
    by_kind: dict[_Kind, Cause] = {}
    for day in store.days_with_rejects(series):
        if day >= since:
            stale = is_stale(load_day(store, source_series.on(day)))
            for row in read_rejects(store.rejects(series, day)):
                for cause in _causes_of(row, by_kind):
                    _count(cause, row, day, stale=stale)
    return sorted(by_kind.values(), key=lambda each: (-each.items, each.path, each.message, each.parser, each.version))


def _causes_of(row: Row, by_kind: dict[_Kind, Cause]) -> Iterator[Cause]:
    """The causes of the errors of an item, without repeats."""
    seen = set()
    for error in row["errors"]:
        path, message = _PLACE.sub("*", error["path"]), error["message"].partition(_FOUND)[0]
        kind = (path, _OWN.sub("?", message), row["parser"], row["version"])
        cause = by_kind.setdefault(kind, Cause(path, message, row["parser"], row["version"]))
        if kind not in seen:
            seen.add(kind)
            cause.example = {"message": error["message"]}
            yield cause


def _count(cause: Cause, row: Row, day: date, *, stale: bool) -> None:
    cause.items += 1
    cause.days.add(day)
    cause.views.add(row["view"])
    cause.stale |= stale
    where = {"day": day, "view": row["view"], "url": row["url"], "position": row["position"]}
    cause.example = where | cause.example | {"raw": row["raw"]}


def remedy(series: Series, causes: Sequence[Cause]) -> str:
    """What to do about the causes of a series: fix a parser and build, or only build."""
    query = f' --query "{series.query}"' if series.query else ""
    first, last = min(cause.first for cause in causes), max(cause.last for cause in causes)
    build = f"dailypapers build {series.source}{query} --since {first} --until {last}"
    if all(cause.stale for cause in causes):
        return f"These days were built with another parser version than the current one: {build}"
    parsers = " and ".join(sorted({_file_of(cause.parser) for cause in causes if not cause.stale}))
    return (
        f"If the items are good, fix {parsers} or the modules it uses, raise its number in parsers/versions.py, "
        f"then: {build}. It rebuilds these days from the archived pages. If the items are bad, nothing needs to be done"
    )


def _file_of(parser: str) -> str:
    """The file of a parser, from the root of the project; of one that is not there any more, its id."""
    module = MODULES.get(parser)
    return f"{module.path.removeprefix('dailypapers.').replace('.', '/')}.py" if module is not None else parser
