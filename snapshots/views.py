"""Which fields the papers of a day have, and where the views of a fetch differ: facts for the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from dailypapers.parsers.model import Paper

from .certificate import Disagreement

# A listing does not decide these, or only one view can know them.
_NOT_COMPARED: Final = frozenset({"source", "day", "key", "rank", "first_seen", "last_seen", "published_inferred"})
_MAX_EXAMPLE_LENGTH: Final = 200


class Coverage:
    """Counts how many papers have a value in each field; 0 and false are values."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Paper.model_fields, 0)
        self._extra: Counter[str] = Counter()

    def add(self, paper: Paper) -> None:
        """Count the fields of a paper."""
        self._extra.update(paper.extra.keys())
        counts = self._counts
        for name, value in paper.__dict__.items():
            if value or value == 0:
                counts[name] += 1

    def counts(self) -> dict[str, int]:
        """The numbers, in the order of the record, then of the names of `extra`."""
        return self._counts | {f"extra.{name}": self._extra[name] for name in sorted(self._extra)}


def only_in(listings: Mapping[str, Sequence[Paper]]) -> dict[str, list[str]]:
    """The keys of papers that only one view shows, by view; empty for a single view."""
    keys = {view: {paper.key for paper in papers} for view, papers in listings.items()}
    if len(keys) < 2:
        return {}
    shared = set.intersection(*keys.values())
    return {view: sorted(own - shared) for view, own in keys.items() if own - shared}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two listings side by side, over the papers that are in both."""

    agreement: dict[str, list[int]]
    """For each field: in how many papers the values agree, of how many that have one in both."""
    disagreements: dict[str, Disagreement]
    """The fields in which they differ."""


def compare(papers: Iterable[Paper], others: Iterable[Mapping[str, object]], names: tuple[str, str]) -> Comparison:
    """Two views of one fetch, or two forms of one page, field by field; `names` are theirs."""
    by_key = {other["key"]: other for other in others}
    rows = [paper.__dict__ for paper in papers if paper.key in by_key]
    other_rows = [by_key[row["key"]] for row in rows]
    comparison = Comparison({}, {})
    for field in other_rows[0] if other_rows else ():
        if field not in _NOT_COMPARED:
            columns = [row[field] for row in rows], [row[field] for row in other_rows]
            both, different = _compare_values(*columns)
            if both:
                comparison.agreement[field] = [both - len(different), both]
            if different:
                first = different[0]
                values = {name: _example(column[first]) for name, column in zip(names, columns, strict=True)}
                comparison.disagreements[field] = Disagreement(
                    papers=len(different), compared=both, key=rows[first]["key"], values=values
                )
    return comparison


def _compare_values(values: Sequence[object], others: Sequence[object]) -> tuple[int, list[int]]:
    """In how many places both have a value, and the places where these differ."""
    if values == others:
        return sum([1 for value in values if value or value == 0]), []
    pairs = enumerate(zip(values, others, strict=True))
    both = [place for place, (value, other) in pairs if _is_value(value) and _is_value(other)]
    return len(both), [place for place in both if values[place] != others[place]]


def _is_value(value: object) -> bool:
    return bool(value or value == 0)


def _example(value: object) -> object:
    """A value as JSON, or the beginning of its text if it is long."""
    text = orjson.dumps(value).decode()
    return orjson.loads(text) if len(text) <= _MAX_EXAMPLE_LENGTH else text[: _MAX_EXAMPLE_LENGTH - 3] + "..."
