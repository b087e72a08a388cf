"""Sudden changes of a size (a length, a distance in days), each against all that its own past has shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .observations import Sizes

PAST: Final = 40
"""Observed days that are the past ..."""
MIN_DAYS: Final = 8
MIN_ITEMS: Final = 60
"""... of which there must be so many, with so many items."""
AFTER: Final = 5
WIDE: Final = 3
"""A middle that lies so many times the past's whole range away, for `AFTER` days, is another one."""


def shifts(sizes: Sequence[Sizes], slack: int = 0) -> list[tuple[Sizes, Sizes]]:
    """The last day as before and the first day after each change, in order; what lies within `slack` is none."""
    found: list[tuple[Sizes, Sizes]] = []
    start = 0
    for place in range(1, len(sizes)):
        past = sizes[max(start, place - PAST) : place]
        if _is_told(past) and _changed(past, sizes[place : place + AFTER], slack):
            found.append((sizes[place - 1], sizes[place]))
            start = place
    return found


def _is_told(past: Sequence[Sizes]) -> bool:
    return len(past) >= MIN_DAYS and sum(one.items for one in past) >= MIN_ITEMS


def _changed(past: Sequence[Sizes], after: Sequence[Sizes], slack: int) -> bool:
    least, most = min(one.least for one in past) - slack, max(one.most for one in past) + slack
    if most - least == 2 * slack:
        # One size for all, such as an id's: no item of the day has it any more.
        days = after[:2]
        beyond = all(one.least > most or one.most < least for one in days)
        return beyond and sum(one.items for one in days) >= MIN_DAYS
    low, high = min(one.middle for one in past), max(one.middle for one in past)
    room = WIDE * (high - low)
    if _all_beyond(after[:2], least, most) and sum(one.items for one in after[:2]) >= 2 * MIN_DAYS:
        return len(after) > 1
    return room > 0 and len(after) == AFTER and _all_beyond(after, low - room, high + room)


def _all_beyond(after: Sequence[Sizes], low: int, high: int) -> bool:
    return all(one.middle < low for one in after) or all(one.middle > high for one in after)
