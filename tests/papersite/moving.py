"""A script in which days fill over hours, votes, comments and stars grow, and papers come late, move or go.

The rates were measured on the day lists of two and a half years, each fetched on its day and again later: 30 % of a
day's papers (7 to 87) arrive after the hours 8 to 13 UTC, and the median votes of a paper grow from 7 on the day to
12 the next morning and 15 two days later. Less often, a paper appears only after the end of the day, or leaves it:
for another day (with another submitter and new votes) or for good.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from tests.papersite import people
from tests.papersite.paper_timeline import Course, Fate, course
from tests.papersite.papers import Paper, day_of, invent
from tests.papersite.periods import ONE_DAY, midnight
from tests.papersite.script import Still

FARTHEST = 8  # days that a paper moves at most, unless its fate says otherwise
HOUR = timedelta(hours=1)
MORNING = 10 * HOUR
LATE_HOURS, LATEST = 20, 5 * ONE_DAY  # how long after the day late papers appear: mean and maximum


class Stay(NamedTuple):
    """When a day first shows a paper, and when it stops; None if it never leaves."""

    appeared: datetime
    left: datetime | None


class Timeline:
    """The papers that a day ever shows, and the times at which its list changes."""

    def __init__(self, courses: tuple[Course, ...]) -> None:
        self.courses = courses
        self._changes = sorted({instant for each in courses for instant in each.changes})
        self._after = lru_cache(maxsize=256)(self._listing)

    def listing(self, now: datetime) -> tuple[Paper, ...]:
        return self._after(bisect_right(self._changes, now))

    def _listing(self, number: int) -> tuple[Paper, ...]:
        """The list after `number` changes; unchanged papers are the same objects."""
        if not number:
            return ()
        instant = self._changes[number - 1]
        return tuple(each.at(instant) for each in self.courses if each.shown(instant))


class Moving(Still):
    """Invented papers that come and go: a pure function of the arguments, the day and the time.

    seed, sizes: as for `Still`; a size counts the day's own papers, whenever they come or go.
    late, moved, removed: the shares of papers that come after the day's end, move to a later day, are removed.
    fates: what happens to the n-th paper of a day (from 0), if a test specifies it.
    """

    def __init__(
        self,
        seed: int = 1,
        sizes: Mapping[date, int] | int | None = None,
        *,
        late: float = 0.01,
        moved: float = 0.002,
        removed: float = 0.001,
        fates: Mapping[tuple[date, int], Fate] | None = None,
    ) -> None:
        super().__init__(seed, sizes)
        self._shares = (late, moved, removed)
        self._given = dict(fates or {})
        self._fates = lru_cache(maxsize=1024)(self._decided)
        self._timeline = lru_cache(maxsize=128)(self._made)

    def listing(self, day: date, now: datetime) -> tuple[Paper, ...]:
        return self._timeline(day).listing(now)

    def find(self, identifier: str, now: datetime) -> Paper | None:
        """The paper as shown by the day that has it, or had it last."""
        found = [each for each in self._courses_of(identifier) if each.fate.appears <= now]
        return found[-1].at(now) if found else None

    def history(self, day: date) -> dict[str, Stay]:
        """Each paper that the day ever shows, by id, with the times when it came and left."""
        return {each.base.id: Stay(each.fate.appears, each.fate.leaves) for each in self._timeline(day).courses}

    def _courses_of(self, identifier: str) -> list[Course]:
        """The paper on its own day, and on the day that it moves to."""
        day = day_of(identifier)
        if day is None:
            return []
        days = {day, *(fate.moves_to for fate in self._fates(day) if fate.moves_to)}
        known = [each for shown in days for each in self._timeline(shown).courses if each.base.id == identifier]
        return sorted(known, key=lambda each: each.fate.appears)

    def _made(self, day: date) -> Timeline:
        own = [course(paper, fate, day) for paper, fate in zip(self._papers(day), self._fates(day), strict=True)]
        return Timeline((*own, *self._arrivals(day)))

    def _arrivals(self, day: date) -> list[Course]:
        """The papers that another day had before."""
        others = {day - n * ONE_DAY for n in range(1, FARTHEST + 1)}
        others |= {other for (other, _), fate in self._given.items() if fate.moves_to == day}
        return [
            course(_moved(invent(self._seed, other, place), day), Fate(fate.leaves), day)
            for other in sorted(others)
            for place, fate in enumerate(self._fates(other))
            if fate.moves_to == day and fate.leaves
        ]

    def _decided(self, day: date) -> tuple[Fate, ...]:
        share = Random(f"share/{self._seed}/{day}").triangular(0.05, 0.8, 0.05)  # share of the papers after the morning
        return tuple(self._given.get((day, place)) or self._fate(day, place, share) for place in range(self.size(day)))

    def _fate(self, day: date, place: int, share: float) -> Fate:
        rng = Random(f"fate/{self._seed}/{day}/{place}")
        late, moved, removed = self._shares
        appears = midnight(day) + (_after_the_end(rng) if rng.random() < late else _in_the_day(rng, share))
        end = rng.random()
        if end < moved:
            return self._moving(rng, day, appears)
        return Fate(appears, _whole(appears + rng.uniform(2, 96) * HOUR) if end < moved + removed else None)

    def _moving(self, rng: Random, day: date, appears: datetime) -> Fate:
        ahead = (day + n * ONE_DAY for n in range(1, FARTHEST + 1))
        targets = [other for other in ahead if self.size(other) and midnight(other) > appears]
        if not targets:
            return Fate(appears)
        target = rng.choice(targets)
        return Fate(appears, _whole(midnight(target) + rng.uniform(0.5, 20) * HOUR), target)


def _in_the_day(rng: Random, share: float) -> timedelta:
    if rng.random() < share:
        return timedelta(seconds=int(MORNING.total_seconds() + 14 * 3600 * rng.random() ** 1.3))
    return timedelta(seconds=int(rng.triangular(0, 10, 2) * 3600))


def _after_the_end(rng: Random) -> timedelta:
    delay = timedelta(seconds=60 + int(rng.expovariate(1 / LATE_HOURS) * 3600))
    return ONE_DAY + min(delay, LATEST)


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _moved(paper: Paper, day: date) -> Paper:
    """The paper as put on another day's list by another user."""
    number = Random(f"moved/{paper.id}/{day}").randrange(people.CURATORS)
    item: dict[str, Any] = paper.item | {"submittedBy": people.submitter(number)}
    item["paper"] = paper.item["paper"] | {"submittedOnDailyBy": people.profile(number)}
    return replace(paper, item=item)
