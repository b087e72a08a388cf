"""Merges all fetches of a day into one record per paper, and a history of its numbers.

A later fetch overwrites an earlier one; within a fetch the stronger view (the API) overwrites the weaker one (the
page), whichever was fetched first. A missing value never overwrites a known one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from parsers.model import Paper

from .metrics import NUMBERS, Metric

AGREEMENT: Final = timedelta(hours=1)
"""Two whole fetches at least this far apart that do not show a paper prove that it left the day."""

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
    fields: dict[str, Any]
    first: int
    """Number of the first sighting that shows it."""
    last: int
    """Number of the last sighting that shows it."""
    metrics: tuple[int | None, ...] = (None,) * len(NUMBERS)


def merge(sightings: Sequence[Sighting]) -> Merged:
    """Merge the sightings of a day, given in the order of their fetches."""
    rows: dict[str, _Row] = {}
    metrics: list[Metric] = []
    for number, sighting in enumerate(sightings):
        for listing in reversed(sighting.listings):
            _overlay_listing(rows, listing, number)
        metrics += _changed_metrics(rows, sighting)
    whole = [number for number, sighting in enumerate(sightings) if sighting.whole]
    return Merged([_paper(rows[key], sightings, whole) for key in sorted(rows)], metrics)


def _overlay_listing(rows: dict[str, _Row], listing: Iterable[Paper], number: int) -> None:
    for paper in listing:
        row = rows.get(paper.key)
        if row is None:
            rows[paper.key] = _Row(dict(paper.__dict__), first=number, last=number)
            continue
        if row.last != number:
            row.last = number
            row.fields["rank"] = None
        _overlay(row.fields, paper)


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


def _changed_metrics(rows: dict[str, _Row], sighting: Sighting) -> list[Metric]:
    changed = []
    for key in sorted({paper.key for listing in sighting.listings for paper in listing}):
        row = rows[key]
        values = tuple(row.fields[name] for name in NUMBERS)
        if values != row.metrics:
            row.metrics = values
            changed.append(Metric(sighting.at, key, *values))
    return changed


def _paper(row: _Row, sightings: Sequence[Sighting], whole: Sequence[int]) -> Paper:
    without = [sightings[number].at for number in whole if number > row.last]
    left = bool(without) and without[-1] - without[0] >= AGREEMENT
    row.fields["first_seen"] = sightings[row.first].at
    row.fields["last_seen"] = sightings[row.last].at if left else None
    return Paper.model_construct(**row.fields)
