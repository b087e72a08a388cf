"""When a source-day is due for a look: a pure function of its looks so far and the clock.

A day is looked at while it is open, settles in the days after it, and is looked at again some times later for late
papers. After a doubtful fetch the looks come in growing rests, so a site in trouble is asked less and less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final, NamedTuple

from ingest.sources.period import Period
from snapshots.completeness.state import SETTLED, Bounds, FetchSummary, state_of

HOUR: Final = timedelta(hours=1)
OPEN_HOURS: Final = (1, 4, 7, 10, 13, 16, 19, 22)
"""Hours of an open day at which it is looked at."""
LATE_DAYS: Final = (3, 7, 14, 30)
"""Days after the end, plus one hour, at which a closed or empty day is looked at again."""
DOUBT_RESTS: Final = (1, 2, 4, 8, 16, 24)
"""Hours of rest after the first, second ... doubtful fetch in a row; the last one stays."""
LAST_LOOK: Final = timedelta(days=30, hours=1)
WINDOW: Final = 35
"""Days that `run` looks back; older ones are the backfill's."""


class DayHistory(NamedTuple):
    """A source-day as the plan sees it."""

    period: Period
    first: date
    bounds: Bounds
    looks: Sequence[FetchSummary]
    """All fetches and imports, in order."""

    @property
    def begin(self) -> datetime:
        """The first instant of the day, in UTC."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def newest(self) -> FetchSummary | None:
        """The newest look of our own; imports settle no look."""
        return next((look for look in reversed(self.looks) if look.made), None)


def next_look(listed: DayHistory, now: datetime) -> datetime | None:
    """When the day is to be looked at next: due if that has passed. None if never again."""
    if listed.period is Period.NOW and now >= listed.bounds.end:
        # What it was then nobody can look at any more.
        return None
    newest = listed.newest
    since = newest.at if newest is not None else None
    if newest is not None and newest.doubt is not None:
        return _after_doubt(listed, newest)
    settled = state_of(listed.looks, listed.bounds, now).name in {"closed", "empty"}
    looks = _late_looks(listed) if settled else _open_looks(listed)
    return next((look for look in looks if since is None or look > since), None)


def _after_doubt(listed: DayHistory, newest: FetchSummary) -> datetime | None:
    settled = state_of(listed.looks, listed.bounds, newest.at).name in {"closed", "empty"}
    if newest.at >= listed.bounds.end + LAST_LOOK and not settled:
        return None
    before = [look for look in listed.looks if look.made]
    row = next((number for number, look in enumerate(reversed(before)) if look.doubt is None), len(before))
    again = newest.at + DOUBT_RESTS[min(row, len(DOUBT_RESTS)) - 1] * HOUR
    if not settled:
        return again
    late = [look for look in _late_looks(listed) if look <= newest.at]
    answered = not late or any(look.whole and look.at >= late[-1] for look in before)
    following = next((look for look in _late_looks(listed) if look > newest.at), None)
    return following if answered else again


def _open_looks(listed: DayHistory) -> Iterator[datetime]:
    end = listed.bounds.end
    if listed.period is Period.DAY:
        yield from (listed.begin + hour * HOUR for hour in OPEN_HOURS)
    else:
        days = (end - listed.begin).days
        yield from (listed.begin + timedelta(days=number, hours=OPEN_HOURS[0]) for number in range(days))
    if listed.period is Period.NOW:
        return
    yield end + HOUR
    whole = [look.at for look in listed.looks if look.whole and look.made]
    for days in count(1):
        look = end + timedelta(days=days) + HOUR
        if not whole or look - whole[-1] >= SETTLED:
            yield look


def _late_looks(listed: DayHistory) -> Iterator[datetime]:
    if listed.period is not Period.NOW:
        yield from (listed.bounds.end + timedelta(days=days) + HOUR for days in LATE_DAYS)


def window(period: Period, first_stored: date | None, today: date) -> list[date]:
    """The listings that a run looks at, today's first: those of the last 35 days, none before the first day held."""
    earliest = max(today - timedelta(days=WINDOW), first_stored or today)
    days = (today - timedelta(days=number) for number in range((today - earliest).days + 1))
    return list(dict.fromkeys(period.first_day(day) for day in days))
