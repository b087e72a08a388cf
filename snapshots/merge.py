"""Merges all fetches of a day into one record per paper, and a history of its numbers.

A later fetch overwrites an earlier one; within a fetch the stronger view (the API) overwrites the weaker one (the
page), whichever was fetched first. A missing value never overwrites a known one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict

from dailypapers.parsers.model import Paper, line, timestamp

from .history import NUMBERS, Metric
from .reader import Place, Stack, keys_of, pack, unpack

AGREEMENT: Final = timedelta(hours=1)
"""Two whole fetches at least this far apart that do not show a paper prove that it left the day."""

MAX_PLAIN: Final = 3_000
"""Papers of a day that are in memory as they are; further ones are packed."""

# Fields with a rule of their own; all others are overwritten value by value.
_OWN_RULE: Final = frozenset({"key", "rank", "extra", "published_inferred", "first_seen", "last_seen"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """The papers that one fetch showed, as one listing per view, the strongest view first."""

    at: datetime
    whole: bool
    listings: tuple[Sequence[Paper], ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge."""

    papers: list[Paper]
    """One per key, ordered by key."""
    metrics: list[Metric]
    """In the order of fetches, then of keys."""


@dataclass(slots=True)
class _Row:
    first: int
    """Number of the first sighting that shows it."""
    last: int
    """Number of the last sighting that shows it."""
    metrics: tuple[int | None, ...] = (None,) * len(NUMBERS)
    numbers: tuple[int | None, ...] = (None,) * len(NUMBERS)
    """The metrics among its fields."""
    stored: dict[str, Any] | Place | None = None
    """Its fields, or where they are packed."""


class _Rows(dict[str, _Row]):
    """The rows by key; the fields of all but the first ones are packed."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = Stack()

    def fields(self, row: _Row) -> dict[str, Any]:
        """The fields of a row; what is changed in them has to be put."""
        if isinstance(row.stored, Place):
            return dict(zip(Paper.model_fields, unpack(self._stack.get(row.stored)), strict=True))
        return row.stored or {}

    def put(self, row: _Row, fields: dict[str, Any]) -> None:
        """Set the fields of a row."""
        row.numbers = tuple(fields[name] for name in NUMBERS)
        if len(self) <= MAX_PLAIN:
            row.stored = fields
        else:
            place = row.stored if isinstance(row.stored, Place) else None
            row.stored = self._stack.put(pack([fields[name] for name in Paper.model_fields]), place)


class MergeState(TypedDict):
    """A merge so far, as JSON has it."""

    at: list[str]
    whole: list[int]
    rows: list[tuple[str, int, int, list[int | None]]]
    """The paper as a line, then the numbers of its first and last sighting, then its metrics."""


class Merge:
    """A merge of the sightings of a day, added in the order of their fetches."""

    def __init__(self, state: MergeState | None = None) -> None:
        """`state` is that of a merge that this one continues."""
        self._rows = _Rows()
        self._at: list[datetime] = []
        self._whole: list[int] = []
        """Numbers of the whole sightings."""
        if state is not None:
            self._at, self._whole = list(map(datetime.fromisoformat, state["at"])), list(state["whole"])
            for text, first, last, metrics in state["rows"]:
                paper = Paper.model_validate_json(text)
                row = self._rows[paper.key] = _Row(first, last, tuple(metrics))
                self._rows.put(row, dict(paper.__dict__))

    @property
    def size(self) -> int:
        """The number of papers so far."""
        return len(self._rows)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all papers so far."""
        return frozenset(self._rows)

    @property
    def state(self) -> MergeState:
        """All that the merge of further sightings depends on."""
        rows = [
            (line(Paper.model_construct(**self._rows.fields(row))).decode(), row.first, row.last, list(row.metrics))
            for row in self._rows.values()
        ]
        return MergeState(at=list(map(timestamp, self._at)), whole=list(self._whole), rows=rows)

    def add(self, sighting: Sighting) -> list[Metric]:
        """Add a sighting; returns the numbers that it changed, ordered by key."""
        number = len(self._at)
        self._at.append(sighting.at)
        if sighting.whole:
            self._whole.append(number)
        for listing in reversed(sighting.listings):
            _overlay_listing(self._rows, listing, number)
        return _changed_metrics(self._rows, sighting)

    def papers(self) -> Iterator[Paper]:
        """One paper per key, ordered by key."""
        return (_paper(self._rows, key, self._at, self._whole) for key in sorted(self._rows))


def merge(sightings: Sequence[Sighting]) -> Merged:
    """Merge the sightings of a day, given in the order of their fetches."""
    merging = Merge()
    metrics = [metric for sighting in sightings for metric in merging.add(sighting)]
    return Merged(list(merging.papers()), metrics)


def _overlay_listing(rows: _Rows, listing: Iterable[Paper], number: int) -> None:
    for paper in listing:
        row = rows.get(paper.key)
        if row is None:
            row = rows[paper.key] = _Row(first=number, last=number)
            rows.put(row, dict(paper.__dict__))
            continue
        fields = rows.fields(row)
        if row.last != number:
            row.last = number
            fields["rank"] = None
        _overlay(fields, paper)
        rows.put(row, fields)


def _overlay(fields: dict[str, Any], paper: Paper) -> None:
    # 0 and False are values; None, [], {} and "" are missing ones.
    values = {name: value for name, value in paper.__dict__.items() if value or value == 0}
    fields.update((name, values[name]) for name in values.keys() - _OWN_RULE)
    if fields["rank"] is None:
        fields["rank"] = paper.rank
    if paper.published is not None:
        fields["published_inferred"] = paper.published_inferred
    if paper.extra:
        fields["extra"] = dict(sorted({**fields["extra"], **paper.extra}.items()))


def _changed_metrics(rows: _Rows, sighting: Sighting) -> list[Metric]:
    changed = []
    for key in sorted({key for listing in sighting.listings for key in keys_of(listing)}):
        row = rows[key]
        if row.numbers != row.metrics:
            row.metrics = row.numbers
            changed.append(Metric(sighting.at, key, *row.numbers))
    return changed


def _paper(rows: _Rows, key: str, at: Sequence[datetime], whole: Sequence[int]) -> Paper:
    row = rows[key]
    without = [at[number] for number in whole if number > row.last]
    left = bool(without) and without[-1] - without[0] >= AGREEMENT
    seen = {"first_seen": at[row.first], "last_seen": at[row.last] if left else None}
    return Paper.model_construct(**rows.fields(row) | seen)
