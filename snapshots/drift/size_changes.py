"""Sudden changes of a size (a length, a distance in days), each compared with the range of its own past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .observations import Sizes

PAST: Final = 40
"""Observed days that are the past ..."""
MIN_DAYS: Final = 8
MIN_ITEMS: Final = 60
"""... which must have at least this many days and items."""
AFTER: Final = 5
WIDE: Final = 3
"""A median more than this many times the range of the past away, for `AFTER` days, is a change."""


def shifts(sizes: Sequence[Sizes], slack: int = 0) -> list[tuple[Sizes, Sizes]]:
    """The last day before and the first day after each change, in order; differences within `slack` do not count."""
    result: list[tuple[Sizes, Sizes]] = []
    start = 0
    for place in range(1, len(sizes)):
        past = sizes[max(start, place - PAST) : place]
        if _is_enough(past) and _has_changed(past, sizes[place : place + AFTER], slack):
            result.append((sizes[place - 1], sizes[place]))
            start = place
    return result


def _is_enough(past: Sequence[Sizes]) -> bool:
    return len(past) >= MIN_DAYS and sum(day.items for day in past) >= MIN_ITEMS


def _has_changed(past: Sequence[Sizes], after: Sequence[Sizes], slack: int) -> bool:
    least, most = min(day.least for day in past) - slack, max(day.most for day in past) + slack
    next_days = after[:2]
    next_items = sum(day.items for day in next_days)
    if most - least == 2 * slack:
        # All items had one size, as ids have: it changed if no item has it any more.
        return next_items >= MIN_DAYS and all(day.least > most or day.most < least for day in next_days)
    if _all_beyond(next_days, least, most) and next_items >= 2 * MIN_DAYS:
        return len(after) > 1
    low, high = min(day.middle for day in past), max(day.middle for day in past)
    room = WIDE * (high - low)
    return room > 0 and len(after) == AFTER and _all_beyond(after, low - room, high + room)


def _all_beyond(days: Sequence[Sizes], low: int, high: int) -> bool:
    return all(day.middle < low for day in days) or all(day.middle > high for day in days)
