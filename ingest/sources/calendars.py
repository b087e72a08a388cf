"""Days on which a site may list nothing. On all others an empty answer is a doubt, never a fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

Calendar = Callable[[date], bool]
"""Whether a site may list nothing on a day."""

_HUGGING_FACE_DAYS: Final = frozenset({(1, 1), (12, 25)})

# Announced year by year at https://info.arxiv.org/help/availability.html; a year that is not here has none but the
# weekends, so that a holiday not yet entered shows as a doubt and not as a lost day.
_ARXIV_DAYS: Final = frozenset(
    date(2026, month, day)
    for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)


def hugging_face(day: date) -> bool:
    """Saturdays, Sundays, 1 January and 25 December: every one of them seen was empty, and no other day for sure."""
    return _is_weekend(day) or (day.month, day.day) in _HUGGING_FACE_DAYS


def every_day(_: date) -> bool:
    """A site that lists something every day."""
    return False


def arxiv(day: date) -> bool:
    """Weekends and announced holidays: nothing is announced on them (https://info.arxiv.org/help/availability.html)."""
    return _is_weekend(day) or day in _ARXIV_DAYS


def _is_weekend(day: date) -> bool:
    return day.weekday() > 4
