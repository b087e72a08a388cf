"""When an issue is due: every day at the time of day that the subscriber chose, in the subscriber's zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from .errors import InvalidValueError
from .model import Subscription

_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY: Final = timedelta(days=1)
MAX_MISSED: Final = 35
"""Days missed that an issue names; the papers of older days are not in it either."""


class DueIssue(NamedTuple):
    """An issue that is due, and the local days since the last one on which none was made."""

    cut: datetime
    missed: tuple[date, ...]


def parse_time(text: str) -> time:
    """A time of day like `07:00`. Raises InvalidValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise InvalidValueError(f"{text!a} is not a time of day; write it like 07:00")
    return time(int(match[1]), int(match[2]))


def parse_zone(name: str) -> ZoneInfo:
    """The zone of that name in the IANA database. Raises InvalidValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # missing, a folder of zones, not a valid name
        raise InvalidValueError(f"{name!a} is not a time zone; write a name such as Europe/Berlin, or UTC") from error


def due_issue(subscription: Subscription, now: datetime) -> DueIssue | None:
    """The newest issue that is due and was not made; None if there is none.

    The first issue comes after the subscription was made. Where a clock change skips the time of day, the issue comes
    as much later as the clock is put forward; where it repeats it, at its first time.
    """
    zone = parse_zone(subscription.zone)
    today = now.astimezone(zone).date()
    cuts = [cut for day in (today, today - _DAY) if (cut := _cut(subscription, day, zone)) <= now]
    # With a clock that was set back there may be none after the last issue.
    after = subscription.last_cut or subscription.created
    if not cuts or cuts[0] <= after:
        return None
    if subscription.last_cut is None:
        return DueIssue(cuts[0], ())
    last, newest = (cut.astimezone(zone).date() for cut in (subscription.last_cut, cuts[0]))
    missed = [last + number * _DAY for number in range(1, (newest - last).days)]
    return DueIssue(cuts[0], tuple(missed[-MAX_MISSED:]))


def _cut(subscription: Subscription, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, subscription.at, zone).astimezone(UTC)
