"""Sudden changes in a share that is counted day by day, each against its own past.

A share (of the items that have a field, say) is compared with what it was before, by the probability that the days
after came from the same share as those before (beta-binomial, Jeffreys' prior, so that few items prove little; days
that scatter more than chance count for less). A share that moves slowly, scatters, or is rarely above nothing is no
change: beside the whole past the five days just before must differ too, and by more than such weeks have differed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate, takewhile
from typing import Final, NamedTuple

from .beta_binomial import Count, none_of, scatter_of, share_of, sums, tail

WEEK: Final = 5
"""Observed days that are compared as one: a week of a listing that rests at weekends has each weekday once."""
WEEKS: Final = 4
"""Weeks that show how far weeks lie apart."""
PAST: Final = 40
"""Observed days that are the past."""
LASTING: Final = 30
"""Observed days by which a new or a gone field is judged."""
MIN: Final = 15
"""Items without which the past says nothing."""
FIRST: Final = 1e-5
"""Probability below which a share that was nothing is something, or one is nothing for good: asked once a field."""
CHANCE: Final = 1e-7
"""Probability below which a share has changed: asked of every field on every day."""
MOODS: Final = 1e-10
"""The same of a share in between, which days of a mood move."""
ENOUGH: Final = 3
"""Observed days that show how a share of nothing or all scatters: not."""
CLOSE: Final = 0.25
"""A day so near to all or nothing is not looked at further."""
FALL: Final = 0.35
"""What a share of all or nothing has to move by ..."""
SLOW_FALL: Final = 0.5
"""... and one of nearly all or nothing, which may have begun to move slowly."""
UNSEEN: Final = 0.01
"""Probability above which days without a field prove nothing."""
SOON: Final = 1e-4
"""The same against the five days before alone."""


class Step(NamedTuple):
    """A share changed: last seen as before on `last`, first seen otherwise on `first`."""

    last: date
    first: date
    before: float
    after: float
    doubt: float
    """Probability of it by chance."""
    new: bool
    """It had never been above nothing."""


Gap = Callable[[date, date], int]
"""How many days between two were not seen though they should have been."""


def steps(counts: Sequence[Count], gap: Gap) -> list[Step]:
    """The changes of a share, in order; every count has items."""
    if all(one.part == 0 for one in counts) or all(one.part == one.whole for one in counts):
        return []
    course = _Course(counts, gap)
    found: list[Step] = []
    for place in range(1, len(counts)):
        step = course.step(place)
        if step is not None:
            found.append(step)
        if step is not None or course.is_lost(place):
            course.begin(place)
    return found


class _Course:
    """A share from day to day; `start` is the first day since it last changed."""

    def __init__(self, counts: Sequence[Count], gap: Gap) -> None:
        self.counts = counts
        self.gap = gap
        self.start = 0
        self.scatter = 1.0
        self.parts = [0, *accumulate(one.part for one in counts)]
        self.wholes = [0, *accumulate(one.whole for one in counts)]

    def begin(self, place: int) -> None:
        """Leave the past, but for how much it scattered: of the days to come that is told after some weeks."""
        self.scatter = self._scatter(place)
        self.start = place

    def step(self, place: int) -> Step | None:
        """The change on that day, if there is one."""
        part, whole = self._sums(self.start, place)
        if whole < MIN:
            return None
        if part == 0:
            return self._new(place) if self.counts[place].part else None
        gone = self._gone(place) if self.counts[place].part == 0 else None
        return gone or self._moved(place)

    def is_lost(self, place: int) -> bool:
        """Whether the past says nothing any more: a share may have moved slowly while nobody looked."""
        if not self.is_long(place):
            return False
        part, whole = self._sums(self.start, place)
        before, here = part / whole, self.counts[place]
        return 0 < before < 1 and (not _is_clear(before) or abs(here.part / here.whole - before) > CLOSE)

    def is_long(self, place: int) -> bool:
        """Whether so many days were missed just before that a share may have moved slowly."""
        return self.gap(self.counts[place - 1].day, self.counts[place].day) > 2 * WEEK

    def _sums(self, start: int, end: int) -> tuple[int, int]:
        return self.parts[end] - self.parts[start], self.wholes[end] - self.wholes[start]

    def _past(self, place: int) -> Sequence[Count]:
        return self.counts[max(self.start, place - PAST) : place]

    def _scatter(self, place: int) -> float:
        past = self._past(place)
        found = scatter_of(past)
        if len(past) >= WEEKS * WEEK or share_of(past) in {0.0, 1.0}:
            return max(found, 1.0 if len(past) >= WEEKS * WEEK else self.scatter)
        # Of a few days it may as well be much more.
        return max(found * (1 + (WEEK - 1) / max(len(past) - 1, 1)), self.scatter)

    def _new(self, place: int) -> Step | None:
        """How probable is a past of nothing, given what came? The first item is left out: it is why we ask."""
        after = self.counts[place : place + LASTING]
        part, whole = sums(after)
        scatter = max(self.scatter, scatter_of(after[: _last(after) + 1]))
        doubt = none_of(self._sums(self.start, place)[1] / scatter, (part - 1) / scatter, (whole - 1) / scatter)
        if doubt >= FIRST:
            return None
        last, first = self.counts[self._last_without(place)].day, self.counts[place].day
        return Step(last, first, 0.0, part / whole, doubt, new=self.parts[place] == 0)

    def _last_without(self, place: int) -> int:
        """Days of few items prove no absence: where days were missed before those, it may have come then."""
        part, whole = self._sums(place, min(place + WEEK, len(self.counts)))
        # A week tells badly how much the days scatter.
        scatter = min(2.0, scatter_of(self.counts[place : place + WEEK]))
        before = place - 1
        while before > self.start and none_of(self._sums(before, place)[1] / scatter, part, whole) > UNSEEN:
            before -= 1
        return before if self.gap(self.counts[before].day, self.counts[place].day) else place - 1

    def _gone(self, place: int) -> Step | None:
        """How probable are days of nothing after such a past?"""
        past, scatter = self._past(place), self._scatter(place)
        run = list(takewhile(lambda one: one.part == 0, self.counts[place : place + LASTING]))
        items = sum(one.whole for one in run if not one.young)
        part, whole = sums(past)
        doubt = none_of(items / scatter, part / scatter, whole / scatter)
        # The first days of all tell badly how much they scatter.
        limit = FIRST if len(run) == LASTING else CHANCE
        if doubt >= limit or len(past) < (WEEK if self.start == 0 else 2):
            return None
        return Step(past[-1].day, self.counts[place].day, part / whole, 0.0, doubt, new=False)

    def _moved(self, place: int) -> Step | None:
        """Before all or nothing, one day tells; in between a week does, against the weeks before."""
        past, here = self._past(place), self.counts[place]
        before = share_of(past[-WEEK:])
        clear = _is_clear(before)
        if len(past) < (ENOUGH if before in {0.0, 1.0} else WEEK):
            return None
        if clear and abs(here.part / here.whole - before) <= CLOSE:
            return None
        after = [one for one in self.counts[place : place + WEEK] if not one.young]
        if not after or (not clear and (len(after) < WEEK or len(past) < WEEKS * WEEK)):
            return None
        jump = abs(share_of(after) - before)
        if jump <= max(2 * _spread(past), _least_jump(before)) or (self.is_long(place) and jump < 0.8):
            return None
        return _certain(past, after, self._scatter(place))


def _is_clear(share: float) -> bool:
    """Nearly all or nearly nothing: what one day shows against it is no chance."""
    return not 0.1 < share < 0.9


def _least_jump(before: float) -> float:
    if before in {0.0, 1.0}:
        return FALL
    return SLOW_FALL if _is_clear(before) else 0.0


def _certain(past: Sequence[Count], after: Sequence[Count], scatter: float) -> Step | None:
    before, share = share_of(past[-WEEK:]), share_of(after)
    if any(abs(one.part / one.whole - before) < abs(one.part / one.whole - share) for one in after):
        return None
    doubt = tail(after, past, scatter)
    if doubt >= (CHANCE if _is_clear(before) else MOODS) or tail(after, past[-WEEK:], scatter) >= SOON:
        return None
    return Step(past[-1].day, after[0].day, before, share, doubt, new=False)


def _spread(past: Sequence[Count]) -> float:
    """How far the weeks of the past lie apart."""
    weeks = [share_of(past[n : n + WEEK]) for n in range(len(past) % WEEK, len(past) - WEEK + 1, WEEK)]
    return max(weeks) - min(weeks) if weeks else 0.0


def _last(after: Sequence[Count]) -> int:
    """The place of the last day with any."""
    return max(number for number, one in enumerate(after) if one.part)
