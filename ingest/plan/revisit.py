"""When a source-day is to be fetched next (a look): a pure function of its fetches so far and the clock.

A day is fetched while it is open, until it settles in the days after it, and a few times later for late papers. After
doubtful fetches the pauses grow, so a site with a fault gets fewer and fewer requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final, Literal, NamedTuple

from dailypapers.ingest.sources.calendars import Period
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
