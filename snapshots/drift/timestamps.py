"""Dates in raw fields (ISO 8601), as numbers: distance to a day, time of day, distances between two dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Final

from .facts import DateFacts

DAY: Final = 86_400_000
"""Instants are milliseconds since 1970 (UTC): exact, and quick to compare."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SHARED: Final = 2
"""Summer and winter time make two constant offsets of one, and two times of day."""

Offsets = dict[str, tuple[int, int, list[float]]]


def instants(values: Sequence[object]) -> list[int | None]:
    """Each value as an instant, in UTC if it names no zone; None if it is not an ISO date or time."""
    return [_instant(value) if type(value) is str else None for value in values]


def _instant(text: str) -> int | None:
    # Python also takes `20240801` for a date, which elsewhere is a number.
    if text[4:5] != "-":
        return None
    try:
        instant = datetime.fromisoformat(text)
        return round((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def dates_facts(values: Sequence[int], day: date) -> DateFacts:
    """The number of instants, how many have a time of day of their own, and their distances to the day in days.

    Midnight does not count as a time of day, nor do the two times that most items share.
    """
    clocks = Counter([value % DAY for value in values])
    midnights = clocks.pop(0, 0)
    days = sorted([value // DAY for value in values])
    first = day.toordinal() - _EPOCH
    distances = [days[0] - first, days[len(days) // 2] - first, days[-1] - first]
    return {"of": len(values), "clock": len(values) - midnights - _shared(clocks), "days": distances}


def _shared(counts: Counter[int]) -> int:
    return sum([count for _, count in counts.most_common(_SHARED) if count > 1])


def offsets(columns: Mapping[str, Sequence[int | None]]) -> dict[str, Offsets]:
    """The distances of each column to every later one, as `FieldFacts` describes them."""
    timed = {path: [value if value and value % DAY else None for value in column] for path, column in columns.items()}
    result: dict[str, Offsets] = {}
    for (path, column), (other_path, other) in combinations(timed.items(), 2):
        distances = Counter([a - b for a, b in zip(column, other, strict=True) if a and b])
        if distances.total() > 1:
            common = [gap / 1000 for gap, count in distances.most_common(_SHARED) if count > 1]
            result.setdefault(path, {})[other_path] = (distances.total(), _shared(distances), sorted(common))
    return result
