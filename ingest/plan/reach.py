"""Which days a run fetches: those of the last 35 days. Older ones need a backfill."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from dailypapers.ingest.sources.period import Period
from dailypapers.snapshots.completeness.state import state_of

from .revisit import SETTLED_STATES, DayHistory, next_look

WINDOW: Final = 35
"""Days before today that `run` fetches."""


def window(period: Period, first_stored: date | None, today: date) -> list[date]:
    """The listings that a run fetches, today's first: those of the last 35 days, none before the first stored day."""
    earliest = max(today - timedelta(days=WINDOW), first_stored or today)
    days = (today - timedelta(days=number) for number in range((today - earliest).days + 1))
    return list(dict.fromkeys(period.first_day(day) for day in days))


def first_in_reach(period: Period, today: date) -> date:
    """The oldest listing that a run still fetches."""
    return period.first_day(today - timedelta(days=WINDOW))


def is_in_reach(period: Period, first: date, today: date) -> bool:
    """Whether a run still fetches a listing: any of its days is one of the last 35."""
    return period.after(first) > today - timedelta(days=WINDOW)


def is_beyond_run(listed: DayHistory, now: datetime) -> bool:
    """Whether a listing is neither closed nor empty and no run will look at it again.

    Lists that show only the present never are: a past one cannot be fetched.
    """
    if listed.period is Period.NOW or state_of(listed.looks, listed.bounds, now).name in SETTLED_STATES:
        return False
    return not is_in_reach(listed.period, listed.first, now.date()) or next_look(listed, now) is None
