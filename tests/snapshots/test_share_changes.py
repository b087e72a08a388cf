"""The edges at which a share has changed."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

import pytest

from dailypapers.snapshots.drift.shares import Count, Step, p_none, steps
from tests.support.drift_histories import no_gap, weekdays

DAYS = weekdays(12)


def shares(*runs: tuple[int, int, int]) -> list[Count]:
    """Runs of days: how many, with which part of which whole."""
    rows = [(part, whole) for number, part, whole in runs for _ in range(number)]
    return [Count(day, *row) for day, row in zip(weekdays(len(rows)), rows, strict=True)]


def places(counts: Sequence[Count], gap: int = 0) -> list[int]:
    """The places of the changes; `gap` days are missed before the last run of one share."""
    days = [each.day for each in counts]
    edge = next(place for place in range(len(counts) - 1, -1, -1) if counts[place][1:] != counts[-1][1:]) + 1
    result = steps(counts, lambda _, first: gap if first == days[edge] else 0)
    return [days.index(step.first) for step in result]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        # Less than fifteen items are no past.
        ([(1, 0, 14), (5, 14, 14)], []),
        ([(1, 0, 15), (5, 15, 15)], [1]),
        # A few items of a new field are chance, many are not.
        ([(10, 0, 20), (1, 1, 20), (20, 0, 20)], []),
        ([(10, 0, 20), (8, 2, 20)], [10]),
        # Gone: the more there was, the sooner.
        ([(20, 10, 20), (1, 0, 20), (9, 10, 20)], []),
        ([(20, 20, 20), (1, 0, 20), (9, 20, 20)], [20, 21]),
        ([(20, 2, 20), (5, 0, 20)], []),
        ([(20, 2, 20), (29, 0, 20)], [20]),
        # From all of them: at least a third of the items, and one day is enough.
        ([(10, 20, 20), (5, 13, 20)], []),
        ([(10, 20, 20), (5, 12, 20)], [10]),
        ([(2, 20, 20), (5, 4, 20)], []),
        ([(3, 20, 20), (5, 4, 20)], [3]),
        # From nearly all of them: more than half of the items.
        ([(10, 19, 20), (5, 9, 20)], []),
        ([(10, 19, 20), (5, 8, 20)], [10]),
        ([(4, 19, 20), (5, 2, 20)], []),
        ([(5, 19, 20), (5, 2, 20)], [5]),
        # Nine tenths are nearly all, one tenth is nearly nothing.
        ([(10, 18, 20), (5, 2, 20)], [10]),
        ([(10, 2, 20), (5, 18, 20)], [10]),
        ([(10, 35, 40), (5, 2, 40)], []),
        ([(10, 5, 40), (5, 38, 40)], []),
        ([(10, 1, 20), (5, 12, 20)], [10]),
        # In between a whole week is compared with four.
        ([(20, 8, 40), (5, 32, 40)], [20]),
        ([(19, 8, 40), (5, 32, 40)], []),
        ([(20, 8, 40), (4, 32, 40)], []),
        ([(20, 8, 40), (5, 14, 40)], []),
    ],
    ids=str,
)
def test_the_edges_at_which_a_share_has_changed(runs: list[tuple[int, int, int]], expected: list[int]) -> None:
    assert places(shares(*runs)) == expected


SCATTERING = [(1, part, 20) for part in (14, 6)] * 4


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([(12, 0, 20), (10, 2, 20)], [12]),
        ([(12, 0, 20), (1, 20, 20), (9, 0, 20)], [12]),
        ([(12, 0, 20), (1, 10, 20), (3, 0, 20), (1, 10, 20), (5, 0, 20)], []),
        ([(8, 10, 20), (8, 0, 10), (1, 10, 20)], [8, 16]),
        ([*SCATTERING, (8, 0, 10), (1, 10, 20)], []),
        ([*SCATTERING * 3, (8, 0, 10), (1, 10, 20)], []),
    ],
    ids=["steady", "one day", "two days", "even", "scatters", "scatters for long"],
)
def test_days_that_scatter_prove_less(runs: list[tuple[int, int, int]], expected: list[int]) -> None:
    assert places(shares(*runs)) == expected


@pytest.mark.parametrize(
    ("runs", "gap", "expected"),
    [
        # A share may have moved slowly while nobody looked, but for nearly all of the way.
        ([(10, 20, 20), (5, 9, 20)], 10, [10]),
        ([(10, 20, 20), (5, 9, 20)], 11, []),
        ([(10, 20, 20), (5, 3, 20)], 11, [10]),
        ([(10, 20, 20), (5, 4, 20)], 11, [10]),
        ([(20, 20, 40), (5, 0, 40)], 11, [20]),
        # The past of a share in between proves nothing any more, also not on the days that follow.
        ([(20, 20, 40), (20, 36, 40)], 10, [20]),
        ([(20, 20, 40), (20, 36, 40)], 11, []),
        # A new field is new all the same.
        ([(10, 0, 20), (8, 9, 20)], 11, [10]),
    ],
    ids=str,
)
def test_after_a_long_gap_only_a_large_change_counts(
    runs: list[tuple[int, int, int]], gap: int, expected: list[int]
) -> None:
    assert places(shares(*runs), gap) == expected


def test_a_step_has_both_shares_and_days() -> None:
    counts = shares((10, 0, 20), (5, 15, 20))
    (step,) = steps(counts, no_gap)
    assert (step.last, step.first, step.before, step.after, step.new) == (DAYS[9], DAYS[10], 0.0, 0.75, True)
    assert 0 < step.p_value < 1e-20
    gone = shares((10, 15, 20), (5, 0, 20))
    assert steps(gone, no_gap)[0]._replace(p_value=0.0) == Step(DAYS[9], DAYS[10], 0.75, 0.0, 0.0, new=False)
    back = shares((10, 20, 20), (5, 0, 20), (5, 20, 20))
    assert [step.new for step in steps(back, no_gap)] == [False, False]


@pytest.mark.parametrize(("days", "dispersion"), [(2, 5), (3, 3)])
def test_a_past_of_a_few_days_is_taken_to_scatter_more_than_it_does(days: int, dispersion: int) -> None:
    # 1 + (a week of 5 days - 1) / (days - 1): so many times fewer items.
    new, gone = steps(shares((60, 0, 20), (days, 10, 20), (30, 0, 20)), no_gap)
    observed = weekdays(61 + days)
    assert [new.first, gone.last, gone.first] == [observed[60], *observed[-2:]]
    items, part, whole = 600 / dispersion, 10 * days / dispersion, 20 * days / dispersion
    assert isclose(gone.p_value, p_none(items, part, whole))


@pytest.mark.parametrize("counts", [[], shares((30, 0, 20)), shares((30, 20, 20)), shares((30, 7, 20))])
def test_a_share_that_stays_has_no_step(counts: list[Count]) -> None:
    assert steps(counts, no_gap) == []
