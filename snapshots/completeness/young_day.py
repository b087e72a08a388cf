"""How complete a day that is not over usually is: which share of a day's papers had been listed by the same hour.

The times come from the certificates alone. A paper's `first_seen` is the time of the fetch that counts it as `new`, so
no day file has to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from .state import FetchSummary

PERIOD: Final = timedelta(days=60)
"""Only the days this long before a day are compared with it."""
MIN_DAYS: Final = 20
"""Fewer days than these say nothing."""
MAX_GAP: Final = timedelta(hours=6)
"""The two fetches around an hour must not be further apart; between them, papers are assumed to come evenly."""

_SATURDAY: Final = 5


class YoungDay(NamedTuple):
    """A day that is not over, at the time of its newest fetch."""

    at: datetime
    papers: int
    usual_share: float
    """Median share of a day's papers that were listed by that hour, from 0 to 1."""
    days: int
    """How many days the median is of."""

    def __str__(self) -> str:
        count = f"{self.papers} paper{'s' * (self.papers != 1)} so far"
        share = f"{round(100 * self.usual_share)} % of a day's papers have usually been listed"
        return f"{count}; by {self.at:%H:%M} UTC {share}"


def young_day(
    day: date, fetches: Sequence[FetchSummary], closed_days: Mapping[date, Sequence[FetchSummary]]
) -> YoungDay | None:
    """How complete an open day of a daily listing usually is at the time of its newest fetch.

    `fetches` are those of the open day, `closed_days` those of the closed days of the same series by day, both in their
    order. Days on a weekend, days after `day` or more than 60 days before it, days with papers from an import, and days
    without fetches around that hour are left out.

    None if fewer than 20 days are left, if `day` is on a weekend, or if its newest fetch was an import, was doubtful,
    or was made after the day. A listing of weeks or months never has 20 days in 60.
    """
    newest = fetches[-1] if fetches else None
    if newest is None or not _is_point(newest) or newest.at.date() != day or day.weekday() >= _SATURDAY:
        return None
    hour = newest.at - _midnight(day)
    recent = (other for other in closed_days if day - PERIOD <= other < day and other.weekday() < _SATURDAY)
    shares = sorted(share for other in recent if (share := listed_share(other, closed_days[other], hour)) is not None)
    if len(shares) < MIN_DAYS:
        return None
    return YoungDay(newest.at, sum(fetch.new for fetch in fetches), _median(shares), len(shares))


def listed_share(day: date, fetches: Sequence[FetchSummary], hour: timedelta) -> float | None:
    """The share of a day's papers that were listed a time after its midnight (UTC), from 0 to 1.

    None if the day has no papers, if some came from an import, or if the fetches around that time are more than 6 hours
    apart.
    """
    total = sum(fetch.new for fetch in fetches)
    if total == 0 or any(fetch.new and not fetch.made for fetch in fetches):
        return None
    at = _midnight(day) + hour
    before, listed_before, listed = _midnight(day), 0, 0
    for fetch in fetches:
        listed += fetch.new
        if not _is_point(fetch):
            continue
        if fetch.at >= at:
            gap = fetch.at - before
            passed = (at - before) / gap if gap else 1.0
            return (listed_before + passed * (listed - listed_before)) / total if gap <= MAX_GAP else None
        before, listed_before = fetch.at, listed
    return None


def _is_point(fetch: FetchSummary) -> bool:
    """Whether it shows what was listed at a certain time."""
    return fetch.made and fetch.doubt is None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _median(ordered: Sequence[float]) -> float:
    # The statistics module takes a tenth of the time in which `status` starts.
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
