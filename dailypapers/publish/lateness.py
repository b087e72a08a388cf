"""How late a paper is, as every output says it."""

from __future__ import annotations

from datetime import timedelta


def format_delay(delay: timedelta) -> str:
    """The time from the end of a day to the first sight of a paper, rounded down.

    >>> format_delay(timedelta(minutes=50)), format_delay(timedelta(hours=9.5)), format_delay(timedelta(hours=71))
    ('less than 1 h', '9 h', '2 days')
    """
    hours = delay // timedelta(hours=1)
    if hours < 1:
        return "less than 1 h"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
