"""What was refused, by its cause: one mistake of a site or of a parser refuses many items, and is mended once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snapshots.store.layout import Series

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingest.build.staleness import is_stale
from ingest.plan.inventory import load_day
from ingest.sources.model import SourceSeries
from snapshots.rejects import read_rejects
from snapshots.store.layout import Series, Store

# What differs from item to item: places in lists, quoted words, numbers, what was found.
_PLACE: Final = re.compile(r"(?<=\.)\d+(?=\.|$)")
_OWN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|-?\b\d[\d.,]*")
_FOUND: Final = "; found "

Row = Mapping[str, Any]


@dataclass(slots=True)
class Cause:
    """One mistake: where in the item, in what words, met by which parser; and the items that it refused."""

    path: str
    message: str
    """In the words of the first item, without what was found in it."""
    parser: str
    version: int
    items: int = 0
    days: set[date] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    example: dict[str, object] = field(default_factory=dict)
    """The newest: its day, view, address, position, whole message and raw form."""
    stale: bool = False
    """A day of it was built by another parser than the one at hand: building it may be all that it needs."""

    @property
    def first(self) -> date:
        """The first day on which it was met."""
        return min(self.days)

    @property
    def last(self) -> date:
        """The last one."""
        return max(self.days)


def causes(store: Store, source_series: SourceSeries, since: date = date.min) -> list[Cause]:
    """Why items of a series were refused, what refused most of them first. Raises SnapshotError for a damaged file."""
    series = source_series.series
    found: dict[tuple[str, str, str, int], Cause] = {}
    for day in store.days_with_rejects(series):
        if day >= since:
            stale = is_stale(load_day(store, source_series.on(day)))
            for row in read_rejects(store.rejects(series, day)):
                for cause in _causes_of(row, found):
                    _count(cause, row, day, stale=stale)
    return sorted(found.values(), key=lambda one: (-one.items, one.path, one.message, one.parser, one.version))


def _causes_of(row: Row, found: dict[tuple[str, str, str, int], Cause]) -> Iterator[Cause]:
    """The cause of each error of an item, every cause once."""
    seen = set()
    for error in row["errors"]:
        path, said = _PLACE.sub("*", error["path"]), error["message"].partition(_FOUND)[0]
        kind = (path, _OWN.sub("?", said), row["parser"], row["version"])
        cause = found.setdefault(kind, Cause(path, said, row["parser"], row["version"]))
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


def remedy(series: Series, found: Sequence[Cause]) -> str:
    """What to do about the causes of a series: mend and build, or build alone."""
    query = f' --query "{series.query}"' if series.query else ""
    first, last = min(cause.first for cause in found), max(cause.last for cause in found)
    build = f"dailypapers build {series.source}{query} --since {first} --until {last}"
    if all(cause.stale for cause in found):
        return f"These days were built by another parser than the one at hand: {build}"
    parsers = " and ".join(sorted({f"parsers/{cause.parser}.py" for cause in found if not cause.stale}))
    return (
        f"If the items are good, mend {parsers} or what it is built upon, raise its number in parsers/versions.py, "
        f"then: {build}. It heals these days from the pages that were kept. If they are bad, nothing needs to be done"
    )


REJECTS_SHARE = 0.05
"""Rejects over this share of a day's items (and at least two) need attention."""


def too_many(rejects: int, items: int, share: float) -> bool:
    """Whether so many rejects among so many items need a person: over the share, and two at least.

    One bad item of twelve is 8 %, and is one bad item.
    """
    return rejects > 1 and rejects > share * items
