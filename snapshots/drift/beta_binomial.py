"""Probabilities of counts under chance: beta-binomial with Jeffreys' prior, so that few items prove little."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log10
from typing import NamedTuple


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
