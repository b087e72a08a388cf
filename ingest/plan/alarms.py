"""Which days raise an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from dailypapers.snapshots.completeness.state import FetchSummary

from .reach import is_in_reach
from .revisit import DayHistory, next_look


class Alarm(NamedTuple):
    """Why a day needs a human: a kind for programs, a reason for people."""

    kind: Literal["doubt", "unanswered", "overdue", "missing"]
    reason: str


DOUBT_STANDS: Final = timedelta(hours=3)
"""A doubt at every fetch for this long, two fetches at least, raises the alarm ..."""


DOUBT_OLD: Final = timedelta(days=7)
"""... until it is this old; then newer days raise the alarm of a problem that lasts."""


OVERDUE: Final = timedelta(hours=30)


def alarm_of(listed: DayHistory, now: datetime) -> Alarm | None:
    """Whether a day inside the window raises the alarm."""
    if not is_in_reach(listed.period, listed.first, now.date()):
        return None
    return _standing_doubt(listed, now) or _lateness(listed, now)


def _standing_doubt(listed: DayHistory, now: datetime) -> Alarm | None:
    doubts = listed.doubts
    unanswered = [one for one in listed.unanswered if one in doubts]
    if _stands(unanswered, now):
        since = f"{unanswered[0].at:%Y-%m-%d %H:%M}"
        return Alarm("unanswered", f"no answer at {len(unanswered)} passes since {since}: {unanswered[-1].reason}")
    if _stands(doubts, now):
        return Alarm("doubt", f"{len(doubts)} fetches in a row are doubtful: {doubts[-1].reason}")
    return None


def _stands(doubts: Sequence[FetchSummary], now: datetime) -> bool:
    return len(doubts) > 1 and doubts[-1].at - doubts[0].at >= DOUBT_STANDS and now - doubts[0].at < DOUBT_OLD


def _lateness(listed: DayHistory, now: datetime) -> Alarm | None:
    due = next_look(listed, now)
    if due is None or now - due <= OVERDUE:
        return None
    since = f"due since {due:%Y-%m-%d %H:%M}"
    return Alarm("overdue", since) if listed.passes else Alarm("missing", f"never fetched, {since}")
