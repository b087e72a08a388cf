"""When a source-day is to be fetched next (a look): a pure function of its fetches so far and the clock.

A day is fetched while it is open, until it settles in the days after it, and a few times later for late papers. After
doubtful fetches the pauses grow, so a site with a fault gets fewer and fewer requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final, NamedTuple

from dailypapers.ingest.sources.period import Period
from dailypapers.snapshots.completeness.state import SETTLED, Bounds, FetchSummary, state_of

HOUR: Final = timedelta(hours=1)
OPEN_HOURS: Final = (1, 4, 7, 10, 13, 16, 19, 22)
"""Hours of an open day at which it is fetched."""
LATE_DAYS: Final = (3, 7, 14, 30)
"""Days after the end, plus one hour, at which a closed or empty day is fetched again."""
DOUBT_RESTS: Final = (1, 2, 4, 8, 16, 24)
"""Hours of rest after the first, second ... doubtful fetch in a row; the last one stays."""
LAST_LOOK: Final = timedelta(days=30, hours=1)
GIVE_UP_LOOKS: Final = 4
GIVE_UP_SPAN: Final = timedelta(days=3)
"""A view that failed this often, over this long, from its last look on, is not requested again automatically."""
SETTLED_STATES: Final = frozenset({"closed", "empty"})


class DayHistory(NamedTuple):
    """A source-day as the plan sees it."""

    period: Period
    first: date
    bounds: Bounds
    looks: Sequence[FetchSummary]
    """All fetches and imports, in order."""
    unanswered: Sequence[FetchSummary] = ()
    """Passes after the newest answered fetch that no view answered: nothing of them is in the archive."""

    @property
    def begin(self) -> datetime:
        """The first instant of the day, in UTC."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def newest(self) -> FetchSummary | None:
        """The newest fetch of our own; an import does not replace one."""
        return next((look for look in reversed(self.looks) if look.made), None)

    @property
    def passes(self) -> list[FetchSummary]:
        """Our own fetches in order, including those that nobody answered."""
        newest = self.newest
        later = (one for one in self.unanswered if newest is None or one.at > newest.at)
        return [*(look for look in self.looks if look.made), *later]

    @property
    def doubts(self) -> list[FetchSummary]:
        """The doubtful passes in a row at the end, of which none is believed."""
        passes = self.passes
        number = next((number for number in range(len(passes), 0, -1) if passes[number - 1].doubt is None), 0)
        return passes[number:]


def next_look(listed: DayHistory, now: datetime) -> datetime | None:
    """When the day is to be fetched next: due if that has passed. None if never again."""
    if listed.period is Period.NOW and now >= listed.bounds.end:
        # The site no longer shows what it listed then.
        return None
    passes = listed.passes
    if passes and passes[-1].doubt is not None:
        return _after_doubt(listed, passes)
    since = passes[-1].at if passes else None
    settled = state_of(listed.looks, listed.bounds, now).name in SETTLED_STATES
    looks = _late_looks(listed) if settled else _open_looks(listed)
    return next((look for look in looks if since is None or look > since), None)


def _after_doubt(listed: DayHistory, passes: Sequence[FetchSummary]) -> datetime | None:
    newest, doubts = passes[-1], listed.doubts
    again = newest.at + DOUBT_RESTS[min(len(doubts), len(DOUBT_RESTS)) - 1] * HOUR
    if _is_given_up(listed, doubts):
        return None
    if state_of(listed.looks, listed.bounds, newest.at).name not in SETTLED_STATES:
        return again
    late = [look for look in _late_looks(listed) if look <= newest.at]
    answered = not late or any(look.whole and look.at >= late[-1] for look in passes)
    following = next((look for look in _late_looks(listed) if look > newest.at), None)
    return following if answered else again


def _is_given_up(listed: DayHistory, doubts: Sequence[FetchSummary]) -> bool:
    """Whether a view has failed at the last look and at those after it for so long that it may fail for good."""
    failed = [look.at for look in doubts if look.doubt == "failed" and look.at >= listed.bounds.end + LAST_LOOK]
    enough = len(failed) >= GIVE_UP_LOOKS and failed[-1] - failed[0] >= GIVE_UP_SPAN
    return enough and doubts[-1].doubt == "failed"


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


def is_unfinished(listed: DayHistory, now: datetime) -> bool:
    """Whether a backfill has work left with a listing: never fetched by us, doubtful, or due."""
    if state_of(listed.looks, listed.bounds, now).name in SETTLED_STATES:
        return False
    passes = listed.passes
    return not passes or passes[-1].doubt is not None or is_due(listed, now)


def is_due(listed: DayHistory, now: datetime) -> bool:
    """Whether a look has become due since the newest fetch."""
    look = next_look(listed, now)
    return look is not None and look <= now
