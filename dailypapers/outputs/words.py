"""Which papers are late, and how late, as every output says it."""

from __future__ import annotations

from datetime import datetime, timedelta


def lateness(first_seen: datetime, end: datetime, first_fetch: datetime) -> timedelta | None:
    """How long after the end of its period a listing first showed a paper; None for a paper that is not late.

    `end` is the end of the listing's day, week or month, `first_fetch` the time of the listing's earliest fetch. The
    papers of that fetch are never late: nobody had looked before.
    """
    return first_seen - end if first_seen >= end and first_seen > first_fetch else None


def format_delay(delay: timedelta) -> str:
    """The time from the end of a day to the first sight of a paper, rounded down.

    >>> format_delay(timedelta(minutes=50)), format_delay(timedelta(hours=9.5)), format_delay(timedelta(hours=71))
    ('less than 1 h', '9 h', '2 days')
    """
    hours = delay // timedelta(hours=1)
    if hours < 1:
        return "less than 1 h"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
