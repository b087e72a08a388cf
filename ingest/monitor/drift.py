"""Drift of a series: its certificates, and its calendar, which tells a day that was missed from one that rests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from ingest.sources.model import Source
from ingest.sources.period import Period
from snapshots.certificate import Certificate
from snapshots.drift.detect import Change, changes

RECENT: Final = timedelta(days=7)
"""So long a change raises the alarm: every job that waits for one has run by then."""
PAST: Final = timedelta(days=75)
"""The days that an alarm is told from."""


def drift(source: Source, certificates: Sequence[Certificate]) -> list[Change]:
    """What changed, the certain first."""
    held = {date.fromisoformat(one["day"]) for one in certificates}
    rests = source.calendar if source.period is Period.DAY else lambda _: False

    @cache
    def gap(last: date, first: date) -> int:
        days = (last + timedelta(days=number) for number in range(1, (first - last).days))
        return sum(1 for day in days if day not in held and not rests(day))

    return changes(certificates, gap)


def recent_drift(source: Source, certificates: Sequence[Certificate], now: datetime) -> list[Change]:
    """What changed in the last week, as far as it is more than a guess."""
    since = (now - PAST).date()
    near = [one for one in certificates if date.fromisoformat(one["day"]) >= since]
    return [change for change in drift(source, near) if raises_alarm(change, now)]


def raises_alarm(change: Change, now: datetime) -> bool:
    """Whether a change began in the last week and is more than a guess."""
    return change.first > (now - RECENT).date() and change.confidence != "perhaps"
