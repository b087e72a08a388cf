"""Which days raise an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from ingest.plan.revisit import WINDOW, DayHistory, next_look
from snapshots.completeness.state import FetchSummary


class Alarm(NamedTuple):
    """Why a day needs a person, in words."""

    kind: Literal["doubt", "overdue", "missing"]
    reason: str


DOUBT_STANDS: Final = timedelta(hours=3)
"""A doubt at every fetch for so long, two fetches at least, raises the alarm ..."""


DOUBT_OLD: Final = timedelta(days=7)
"""... until it is so old; then newer days carry the alarm of a trouble that lasts."""


OVERDUE: Final = timedelta(hours=30)


def alarm_of(listed: DayHistory, now: datetime) -> Alarm | None:
    """Whether a day inside the window raises the alarm."""
    if listed.bounds.end < now - timedelta(days=WINDOW):
        return None
    doubts = _standing_doubts(listed)
    if len(doubts) > 1 and doubts[-1].at - doubts[0].at >= DOUBT_STANDS and now - doubts[0].at < DOUBT_OLD:
        return Alarm("doubt", f"{len(doubts)} fetches in a row are doubtful: {doubts[-1].reason}")
    due = next_look(listed, now)
    if due is None or now - due <= OVERDUE:
        return None
    since = f"due since {due:%Y-%m-%d %H:%M}"
    return Alarm("missing", f"never fetched, {since}") if listed.newest is None else Alarm("overdue", since)


def _standing_doubts(listed: DayHistory) -> list[FetchSummary]:
    made = [look for look in listed.looks if look.made]
    number = next((number for number in range(len(made), 0, -1) if made[number - 1].doubt is None), 0)
    return made[number:]
