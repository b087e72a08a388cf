"""Sudden changes in a share that is counted day by day, each compared with its own past.

A share (for example of the items that have a field) has changed if it is improbable that the days after come from the
same share as the days before (beta-binomial with Jeffreys' prior, so that few items prove little; days that scatter
more than chance count for less). A share that moves slowly, scatters, or is rarely above zero has not changed: the five
days just before must differ too, and by more than such weeks have differed from each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate, takewhile
from math import exp, lgamma, log10
from typing import Final, NamedTuple


class Count(NamedTuple):
    """`part` of the `whole` items of one observed day have a property."""

    day: date
    part: int
    whole: int
    young: bool = False
    """The day is not over: what is missing may still come."""

    @property
    def share(self) -> float:
        """The share of the items."""
        return self.part / self.whole


def sums(counts: Sequence[Count]) -> tuple[int, int]:
    """The sum of the parts and the sum of the wholes."""
    return sum(count.part for count in counts), sum(count.whole for count in counts)


def share_of(counts: Sequence[Count]) -> float:
    """The share over all days."""
    part, whole = sums(counts)
    return part / whole


def dispersion_of(counts: Sequence[Count]) -> float:
    """How much more the days scatter about their common share than chance explains; at least 1."""
    share = share_of(counts)
    if len(counts) < 2 or share in (0.0, 1.0):
        return 1.0
    squares = sum((day.part - day.whole * share) ** 2 / (day.whole * share * (1 - share)) for day in counts)
    return max(1.0, squares / (len(counts) - 1))


def p_none(items: float, part: float, whole: float) -> float:
    """The probability that none of `items` has a property that `part` of `whole` others have."""
    a, b = max(part, 0.0) + 0.5, max(whole - part, 0.0) + 0.5
    return exp(_log_beta(a, b + items) - _log_beta(a, b))


def p_tail(after: Sequence[Count], past: Sequence[Count], dispersion: float) -> float:
    """The probability of a share at least as far from that of the past as that of the days after."""
    part, whole = sums(past)
    a, b = part / dispersion + 0.5, (whole - part) / dispersion + 0.5
    hits, items = (round(value / dispersion) for value in sums(after))
    hits = min(hits, items)
    is_low = hits / max(items, 1) < part / whole
    terms = [_log_choose(items, n) + _log_beta(a + n, b + items - n) - _log_beta(a, b) for n in range(items + 1)]
    tail = terms[: hits + 1] if is_low else terms[hits:]
    return min(1.0, sum(map(exp, tail)))


def certainty(p_value: float) -> int:
    """The zeros after the decimal point of a probability, 0 to 99."""
    return min(99, int(-log10(p_value))) if p_value > 1e-99 else 99


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


WEEK: Final = 5
"""Observed days that are compared as one: a week of a listing that rests at weekends has each weekday once."""
WEEKS: Final = 4
"""Weeks that show how much weeks differ."""
PAST: Final = 40
"""Observed days that are the past."""
LASTING: Final = 30
"""Observed days by which a new or a gone field is judged."""
MIN_ITEMS: Final = 15
"""A past with fewer items proves nothing."""
P_FIRST: Final = 1e-5
"""Limit for a share that leaves zero, or reaches it for good: tested once for each field."""
P_CHANGE: Final = 1e-7
"""Limit for every other change: tested for each field on each day."""
P_MIDDLE: Final = 1e-10
"""Limit for a share that is neither nearly all nor nearly nothing, which varies with what is listed."""
P_WEEK: Final = 1e-4
"""Limit against the five days before alone."""
P_UNSEEN: Final = 0.01
"""Above this probability, days without a field prove nothing."""
MIN_DAYS: Final = 3
"""Observed days that show that a share of all or nothing does not scatter."""
CLOSE: Final = 0.25
"""A day this near to all or nothing is not looked at further."""
MIN_JUMP: Final = 0.35
"""The change that a share of all or nothing must make ..."""
MIN_JUMP_NEAR: Final = 0.5
"""... and one of nearly all or nothing, which may have begun to move slowly."""


class Step(NamedTuple):
    """A change of a share: `last` is the last day as before, `first` the first day after."""

    last: date
    first: date
    before: float
    after: float
    p_value: float
    """The probability of the change by chance."""
    new: bool
    """The share had never been above zero."""


Gap = Callable[[date, date], int]
"""How many days between two days were not observed, though they should have been."""


def steps(counts: Sequence[Count], gap: Gap) -> list[Step]:
    """The changes of a share, in order; every count has items."""
    if all(count.part == 0 for count in counts) or all(count.part == count.whole for count in counts):
        return []
    share = _Share(counts, gap)
    result: list[Step] = []
    for place in range(1, len(counts)):
        step = share.step(place)
        if step is not None:
            result.append(step)
        if step is not None or share.is_lost(place):
            share.restart(place)
    return result


class _Share:
    """A share from day to day; a place is a day's index in `counts`."""

    def __init__(self, counts: Sequence[Count], gap: Gap) -> None:
        self.counts = counts
        self.gap = gap
        self.start = 0
        """The first day since the last change."""
        self.dispersion = 1.0
        self.parts = [0, *accumulate(count.part for count in counts)]
        self.wholes = [0, *accumulate(count.whole for count in counts)]

    def restart(self, place: int) -> None:
        """Forget the past but for its dispersion: that of the days to come is known only after some weeks."""
        self.dispersion = self._dispersion(place)
        self.start = place

    def step(self, place: int) -> Step | None:
        """The change on that day, if there is one."""
        part, whole = self._sums(self.start, place)
        if whole < MIN_ITEMS:
            return None
        if part == 0:
            return self._new(place) if self.counts[place].part else None
        gone = self._gone(place) if self.counts[place].part == 0 else None
        return gone or self._moved(place)

    def is_lost(self, place: int) -> bool:
        """Whether the past proves nothing any more: a share may have moved slowly while nobody looked."""
        if not self._is_after_long_gap(place):
            return False
        part, whole = self._sums(self.start, place)
        before = part / whole
        return 0 < before < 1 and (not _is_clear(before) or abs(self.counts[place].share - before) > CLOSE)

    def _is_after_long_gap(self, place: int) -> bool:
        """Whether the gap just before is long enough for a share to have moved slowly."""
        return self.gap(self.counts[place - 1].day, self.counts[place].day) > 2 * WEEK

    def _sums(self, start: int, end: int) -> tuple[int, int]:
        return self.parts[end] - self.parts[start], self.wholes[end] - self.wholes[start]

    def _past(self, place: int) -> Sequence[Count]:
        return self.counts[max(self.start, place - PAST) : place]

    def _dispersion(self, place: int) -> float:
        past = self._past(place)
        measured = dispersion_of(past)
        if len(past) >= WEEKS * WEEK:
            return measured
        if share_of(past) in {0.0, 1.0}:
            return max(measured, self.dispersion)
        # A few days may scatter much less than those to come.
        return max(measured * (1 + (WEEK - 1) / max(len(past) - 1, 1)), self.dispersion)

    def _new(self, place: int) -> Step | None:
        """A share that leaves zero. The first item does not count: because of it the question is asked."""
        after = self.counts[place : place + LASTING]
        part, whole = sums(after)
        last_with_any = max(number for number, count in enumerate(after) if count.part)
        dispersion = max(self.dispersion, dispersion_of(after[: last_with_any + 1]))
        items = self._sums(self.start, place)[1]
        p_value = p_none(items / dispersion, (part - 1) / dispersion, (whole - 1) / dispersion)
        if p_value >= P_FIRST:
            return None
        last, first = self.counts[self._last_without(place)].day, self.counts[place].day
        return Step(last, first, 0.0, part / whole, p_value, new=self.parts[place] == 0)

    def _last_without(self, place: int) -> int:
        """Days of few items prove no absence: if days were missed before them, it may have come then."""
        week = self.counts[place : place + WEEK]
        part, whole = sums(week)
        # A week is too short to measure its dispersion well.
        dispersion = min(2.0, dispersion_of(week))
        before = place - 1
        while before > self.start and p_none(self._sums(before, place)[1] / dispersion, part, whole) > P_UNSEEN:
            before -= 1
        return before if self.gap(self.counts[before].day, self.counts[place].day) else place - 1

    def _gone(self, place: int) -> Step | None:
        """A share that falls to zero."""
        past, dispersion = self._past(place), self._dispersion(place)
        run = list(takewhile(lambda count: count.part == 0, self.counts[place : place + LASTING]))
        items = sum(count.whole for count in run if not count.young)
        part, whole = sums(past)
        p_value = p_none(items / dispersion, part / dispersion, whole / dispersion)
        limit = P_FIRST if len(run) == LASTING else P_CHANGE
        # The very first days are too few to measure their dispersion.
        if p_value >= limit or len(past) < (WEEK if self.start == 0 else 2):
            return None
        return Step(past[-1].day, self.counts[place].day, part / whole, 0.0, p_value, new=False)

    def _moved(self, place: int) -> Step | None:
        """Against nearly all or nothing one day is enough; in between a week is compared with the weeks before."""
        past, here = self._past(place), self.counts[place]
        before = share_of(past[-WEEK:])
        is_clear = _is_clear(before)
        if len(past) < (MIN_DAYS if before in {0.0, 1.0} else WEEK):
            return None
        if is_clear and abs(here.share - before) <= CLOSE:
            return None
        after = [count for count in self.counts[place : place + WEEK] if not count.young]
        if not after or (not is_clear and (len(after) < WEEK or len(past) < WEEKS * WEEK)):
            return None
        jump = abs(share_of(after) - before)
        if jump <= max(2 * _week_range(past), _min_jump(before)):
            return None
        if jump < 0.8 and self._is_after_long_gap(place):
            return None
        return _improbable(past, after, self._dispersion(place))


def _is_clear(share: float) -> bool:
    """Nearly all or nearly nothing: one day that differs is not chance."""
    return not 0.1 < share < 0.9


def _min_jump(before: float) -> float:
    if before in {0.0, 1.0}:
        return MIN_JUMP
    return MIN_JUMP_NEAR if _is_clear(before) else 0.0


def _improbable(past: Sequence[Count], after: Sequence[Count], dispersion: float) -> Step | None:
    """The step between past and after, if chance does not explain it and each day after is nearer to the new share."""
    before, share = share_of(past[-WEEK:]), share_of(after)
    if any(abs(day.share - before) < abs(day.share - share) for day in after):
        return None
    p_value = p_tail(after, past, dispersion)
    limit = P_CHANGE if _is_clear(before) else P_MIDDLE
    if p_value >= limit or p_tail(after, past[-WEEK:], dispersion) >= P_WEEK:
        return None
    return Step(past[-1].day, after[0].day, before, share, p_value, new=False)


def _week_range(past: Sequence[Count]) -> float:
    """The distance between the least and the greatest share of the weeks of the past."""
    weeks = [share_of(past[n : n + WEEK]) for n in range(len(past) % WEEK, len(past) - WEEK + 1, WEEK)]
    return max(weeks) - min(weeks) if weeks else 0.0
