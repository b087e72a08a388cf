"""Days on which a site may list nothing; on any other day an empty answer is doubtful."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

Calendar = Callable[[date], bool]
"""Whether a site may list nothing on a day."""

_HUGGING_FACE_DAYS: Final = frozenset({(1, 1), (12, 25)})

# Announced year by year at https://info.arxiv.org/help/availability.html. A year that is not here has only weekends:
# a missing holiday then shows as a doubtful day, and no day with papers is taken for empty.
_ARXIV_DAYS: Final = frozenset(
    date(2026, month, day)
    for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)


def hugging_face(day: date) -> bool:
    """Saturdays, Sundays, 1 January and 25 December: all of them were empty so far, and no other day for certain."""
    return _is_weekend(day) or (day.month, day.day) in _HUGGING_FACE_DAYS


def every_day(_: date) -> bool:
    """The calendar of a site that lists something every day."""
    return False


def no_day(_: date) -> bool:
    """The calendar of a listing that may be empty on any day."""
    return True


def arxiv(day: date) -> bool:
    """Weekends and announced holidays: nothing is announced on them (https://info.arxiv.org/help/availability.html)."""
    return _is_weekend(day) or day in _ARXIV_DAYS


def _is_weekend(day: date) -> bool:
    return day.weekday() > 4
