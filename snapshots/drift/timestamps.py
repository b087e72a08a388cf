"""Dates as sites write them (ISO 8601), in numbers: distance to a day, time of day, distance to other dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any, Final

DAY: Final = 86_400_000
"""Instants are milliseconds since 1970 (UTC): exact, and quick to compare."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SHARED: Final = 2
"""Summer and winter time make two constant offsets of one, and two times of day."""


def instants(values: Sequence[object]) -> list[int | None]:
    """Each value as an instant, one without a zone as in UTC; None for what is no ISO date or time."""
    return [_instant(value) if type(value) is str else None for value in values]


def _instant(text: str) -> int | None:
    # Without its dashes `20240801` is a date to Python and a number to everybody else.
    if text[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def dates_in(moments: Sequence[int], day: date) -> dict[str, Any]:
    """How many there are, how many have a time of day of their own, and their distances to the day in days.

    Midnight is no time of day, nor is one of the two that most items share.
    """
    clocks = Counter([moment % DAY for moment in moments])
    midnights = clocks.pop(0, 0)
    days = sorted([moment // DAY for moment in moments])
    first = day.toordinal() - _EPOCH
    distances = [days[0] - first, days[len(days) // 2] - first, days[-1] - first]
    return {"of": len(moments), "clock": len(moments) - midnights - _shared(clocks), "days": distances}


def _shared(counts: Counter[int]) -> int:
    return sum([count for _, count in counts.most_common(_SHARED) if count > 1])


def offsets(columns: Mapping[str, Sequence[int | None]]) -> dict[str, dict[str, list[Any]]]:
    """For each column the others that it can be compared with: in how many items both have a time of day, in how many
    of those the distance is one of the two that most share, and these distances in seconds.
    """
    timed = {path: [moment if moment and moment % DAY else None for moment in one] for path, one in columns.items()}
    found: dict[str, dict[str, list[Any]]] = {}
    for (one, mine), (other, theirs) in combinations(timed.items(), 2):
        apart = Counter([a - b for a, b in zip(mine, theirs, strict=True) if a and b])
        if apart.total() > 1:
            common = [gap / 1000 for gap, count in apart.most_common(_SHARED) if count > 1]
            found.setdefault(one, {})[other] = [apart.total(), _shared(apart), sorted(common)]
    return found
