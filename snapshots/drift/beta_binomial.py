"""How probable counts are by chance (beta-binomial, with Jeffreys' prior: so few items prove little)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log10
from typing import NamedTuple


class Count(NamedTuple):
    """On one observed day `part` of `whole` items were so."""

    day: date
    part: int
    whole: int
    young: bool = False
    """The day is not over: what is missing may still come."""


def sums(counts: Sequence[Count]) -> tuple[int, int]:
    """All parts, and all items."""
    return sum(one.part for one in counts), sum(one.whole for one in counts)


def share_of(counts: Sequence[Count]) -> float:
    """The share over all the days."""
    part, whole = sums(counts)
    return part / whole


def scatter_of(counts: Sequence[Count]) -> float:
    """How many times more than by chance the days scatter about their common share; at least 1."""
    share = share_of(counts)
    if len(counts) < 2 or share in (0.0, 1.0):
        return 1.0
    squares = sum((one.part - one.whole * share) ** 2 / (one.whole * share * (1 - share)) for one in counts)
    return max(1.0, squares / (len(counts) - 1))


def none_of(items: float, part: float, whole: float) -> float:
    """Probability of none among so many items, where `part` of `whole` others are so."""
    a, b = max(part, 0.0) + 0.5, max(whole - part, 0.0) + 0.5
    return exp(_log_beta(a, b + items) - _log_beta(a, b))


def tail(after: Sequence[Count], past: Sequence[Count], scatter: float) -> float:
    """Probability of a share as far from the past's as that of the days after, or farther."""
    part, whole = sums(past)
    a, b = part / scatter + 0.5, (whole - part) / scatter + 0.5
    hits, items = (round(value / scatter) for value in sums(after))
    hits = min(hits, items)
    low = hits / max(items, 1) < part / whole
    terms = [_log_choose(items, n) + _log_beta(a + n, b + items - n) - _log_beta(a, b) for n in range(items + 1)]
    chosen = terms[: hits + 1] if low else terms[hits:]
    return min(1.0, sum(map(exp, chosen)))


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def certainty(doubt: float) -> int:
    """Zeros after the point of a probability, 0 to 99."""
    return min(99, int(-log10(doubt))) if doubt > 1e-99 else 99
