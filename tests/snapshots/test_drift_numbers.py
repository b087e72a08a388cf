"""The numbers behind drift: probabilities, sizes, and dates as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import comb, isclose, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.drift.detect import shifts
from dailypapers.snapshots.drift.observations import Sizes
from dailypapers.snapshots.drift.profile import DAY as MILLISECONDS
from dailypapers.snapshots.drift.profile import dates_facts, instants, offsets
from dailypapers.snapshots.drift.shares import Count, certainty, dispersion_of, p_none, p_tail, share_of, sums

DAY = date(2025, 9, 1)
HOUR = 3_600_000


def count(part: int, whole: int, number: int = 0) -> Count:
    return Count(DAY + timedelta(days=number), part, whole)


counts = st.builds(lambda part, more: count(part, part + more), st.integers(0, 12), st.integers(1, 12))


def rising(start: Fraction, factors: int) -> Fraction:
    """start * (start + 1) * ..., so many factors."""
    return prod((start + number for number in range(factors)), start=Fraction(1))


def exact(hits: int, items: int, part: int, whole: int) -> Fraction:
    """The beta-binomial probability of so many hits after `part` of `whole`, with Jeffreys' prior, as a fraction.

    https://en.wikipedia.org/wiki/Beta-binomial_distribution
    """
    a, b = part + Fraction(1, 2), whole - part + Fraction(1, 2)
    return comb(items, hits) * rising(a, hits) * rising(b, items - hits) / rising(a + b, items)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_the_probability_of_none_is_that_of_the_formula(items: int, part: int, others: int) -> None:
    assert isclose(p_none(items, part, part + others), exact(0, items, part, part + others), rel_tol=1e-9)


def test_parts_that_do_not_fit_count_as_none() -> None:
    assert isclose(p_none(1, -4.0, 3.0), 7.5 / 8)
    assert isclose(p_none(1, 4.0, 3.0), 0.5 / 5)


@given(st.lists(counts, min_size=1, max_size=3), st.lists(counts, min_size=1, max_size=3))
def test_the_probability_of_a_tail_is_that_of_the_formula(after: list[Count], past: list[Count]) -> None:
    (hits, items), (part, whole) = sums(after), sums(past)
    is_low = Fraction(hits, items) < Fraction(part, whole)
    tail = range(hits + 1) if is_low else range(hits, items + 1)
    assert isclose(p_tail(after, past, 1.0), sum(exact(n, items, part, whole) for n in tail), rel_tol=1e-9)


def test_scatter_makes_a_tail_more_probable() -> None:
    after, past = [count(9, 10)], [count(10, 100)]
    assert p_tail(after, past, 1.0) < p_tail(after, past, 2.0) < p_tail(after, past, 5.0)
    assert isclose(p_tail(after, past, 2.0), sum(map(_half_of_nine, range(4, 6))), rel_tol=1e-9)


def _half_of_nine(hits: int) -> Fraction:
    """What 9 of 10 after 10 of 100 are with the dispersion 2: 4 of 5 after 5 of 50; halves are rounded to even."""
    return exact(hits, 5, 5, 50)


def test_sums_and_shares_are_of_all_days() -> None:
    days = [count(1, 4), count(3, 4), count(0, 2)]
    assert (sums(days), share_of(days), days[1].share) == ((4, 10), 0.4, 0.75)
    assert sums([]) == (0, 0)


@pytest.mark.parametrize(
    ("days", "dispersion"),
    [
        ([(5, 10)], 1.0),
        ([(0, 10), (0, 10)], 1.0),
        ([(10, 10), (10, 10)], 1.0),
        ([(5, 10), (5, 10)], 1.0),
        # Each is 5 from the 5 that are expected, with a variance of 10 / 4.
        ([(0, 10), (10, 10)], 20.0),
        ([(0, 10), (10, 10), (5, 10)], 10.0),
        ([(0, 20), (10, 20)], 2 * 25 / (20 * 0.25 * 0.75)),
    ],
)
def test_dispersion_is_what_chance_does_not_explain(days: list[tuple[int, int]], dispersion: float) -> None:
    assert isclose(dispersion_of([count(*day) for day in days]), dispersion)


@pytest.mark.parametrize(
    ("p_value", "zeros"),
    [
        (1.0, 0),
        (0.5, 0),
        (0.11, 0),
        (0.09, 1),
        (2e-3, 2),
        (9e-10, 9),
        (1e-98, 98),
        (1e-99, 99),
        (1e-120, 99),
        (0.0, 99),
    ],
)
def test_certainty_counts_zeros(p_value: float, zeros: int) -> None:
    assert certainty(p_value) == zeros


def size(number: int, least: int, middle: int, most: int, items: int = 10) -> Sizes:
    return Sizes(DAY + timedelta(days=number), least, middle, most, items)


def changed(past: Sequence[tuple[int, ...]], after: Sequence[tuple[int, ...]], slack: int = 0) -> list[int]:
    """The places of the changes among `past` and `after`, from the first day after."""
    sizes = [size(number, *row) for number, row in enumerate([*past, *after])]
    found = shifts(sizes, slack)
    assert all(first.day - last.day == timedelta(days=1) for last, first in found)
    return [(first.day - DAY).days - len(past) for _, first in found]


SAME = (24, 24, 24)
TEXTS = [(10, 50, 90), (20, 60, 100)] * 5
"""Medians of 50 and 60: a week beyond 20 or 90 is another size."""


@pytest.mark.parametrize(
    ("past", "after", "places"),
    [
        # One size for all, as ids have: it is another one as soon as no item has it.
        ([SAME] * 8, [(25, 25, 25)], [0]),
        ([SAME] * 8, [(20, 21, 23)], [0]),
        ([SAME] * 8, [(24, 25, 26)] * 3, []),
        ([SAME] * 8, [(22, 23, 24)] * 3, []),
        ([SAME] * 8, [(25, 25, 25), SAME, SAME], []),
        ([SAME] * 8, [(20, 20, 20), (28, 28, 28)], [0]),
        ([SAME] * 7, [(25, 25, 25)] * 3, []),
        ([(24, 24, 24, 7)] * 8, [(25, 25, 25)] * 2, []),
        ([(24, 24, 24, 8)] * 8, [(25, 25, 25)] * 2, [0]),
        ([SAME] * 8, [(25, 25, 25, 4)], []),
        ([SAME] * 8, [(25, 25, 25, 4), (25, 25, 25, 3)], []),
        ([SAME] * 8, [(25, 25, 25, 4), (25, 25, 25, 4)], [0]),
        # Other sizes: two days beyond all, or a week of medians far from those before.
        (TEXTS, [(90, 101, 150), (90, 101, 150)], [0]),
        (TEXTS, [(90, 100, 150), (90, 101, 150)], []),
        (TEXTS, [(1, 9, 150), (1, 9, 150)], [0]),
        (TEXTS, [(1, 10, 150), (1, 9, 150)], []),
        (TEXTS, [(1, 9, 150), (90, 101, 150)], []),
        (TEXTS, [(90, 101, 150)], []),
        (TEXTS, [(90, 101, 150, 8), (90, 101, 150, 8)], [0]),
        (TEXTS, [(90, 101, 150, 8), (90, 101, 150, 7)], []),
        (TEXTS, [(30, 91, 99)] * 5, [0]),
        (TEXTS, [(30, 90, 99)] * 5, []),
        (TEXTS, [(30, 91, 99)] * 4, []),
        (TEXTS, [(10, 19, 99)] * 5, [0]),
        (TEXTS, [(10, 20, 99)] * 5, []),
        ([(10, 50, 90)] * 10, [(30, 80, 90)] * 5, []),
    ],
)
def test_a_size_changes_when_it_leaves_the_range_of_its_past(
    past: Sequence[tuple[int, ...]], after: Sequence[tuple[int, ...]], places: list[int]
) -> None:
    assert changed(past, after) == places


def test_differences_within_the_slack_do_not_count() -> None:
    assert changed([(0, 0, 0)] * 8, [(1, 1, 1)] * 5, slack=1) == []
    assert changed([(0, 0, 0)] * 8, [(-1, -1, -1)] * 5, slack=1) == []
    assert changed([(0, 0, 0)] * 8, [(2, 2, 2)] * 5, slack=1) == [0]
    assert changed([(0, 0, 0)] * 8, [(-2, -2, -2)] * 5, slack=1) == [0]
    assert changed([(0, 0, 0)] * 8, [(2, 2, 2)], slack=1) == [0]


def test_after_a_change_the_past_begins_anew() -> None:
    assert changed([SAME] * 8, [(36, 36, 36)] * 7 + [SAME] * 8) == [0]
    assert changed([SAME] * 8, [(36, 36, 36)] * 8 + [SAME] * 2) == [0, 8]


def test_the_past_is_forty_days() -> None:
    """An odd day of long ago is forgotten, one of the past is not."""
    assert changed([(1, 24, 99), *[SAME] * 40], [(36, 36, 36)] * 2) == [0]
    assert changed([(1, 24, 99), *[SAME] * 39], [(36, 36, 36)] * 2) == []


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("1970-01-01", 0),
        ("1970-01-02T00:00:00Z", MILLISECONDS),
        ("1970-01-01T01:00:00", HOUR),
        ("1970-01-01T01:00:00.007+02:00", -HOUR + 7),
        ("19700101", None),
        ("1970-13-01", None),
        ("text-with", None),
        ("0001-01-01T00:00:00+23:00", -62_135_596_800_000 - 23 * HOUR),
        ("", None),
        (0, None),
        (None, None),
    ],
)
def test_only_iso_dates_are_instants(value: object, instant: int | None) -> None:
    assert instants([value, "1970-01-01"]) == [instant, 0]


def at(days: int, milliseconds: int = 0) -> int:
    return round(datetime(2025, 9, 1, tzinfo=UTC).timestamp() * 1000) + days * MILLISECONDS + milliseconds


@pytest.mark.parametrize(
    ("values", "clock", "distances"),
    [
        ([at(0)], 0, [0, 0, 0]),
        ([at(-3), at(2, 1), at(-1, 5)], 2, [-3, -1, 2]),
        ([at(1, 7), at(1, 7), at(0, 8)], 1, [0, 1, 1]),
        ([at(0, 7), at(0, 7), at(0, 8), at(0, 8), at(0, 9), at(0, 9)], 2, [0, 0, 0]),
        ([at(-1, -1), at(4), at(9), at(10)], 1, [-2, 9, 10]),
    ],
)
def test_dates_of_a_field_by_distance_and_own_time(values: list[int], clock: int, distances: list[int]) -> None:
    assert dates_facts(values, DAY) == {"of": len(values), "clock": clock, "days": distances}


def test_distances_of_two_columns_are_counted_by_pair() -> None:
    first = [at(0, 5), at(1, 5), at(2, 5), None, at(4), at(5, 5)]
    second = [at(0, 5 + HOUR), at(1, 5 + HOUR), at(2, 7), at(3, 1), at(4, 1), None]
    third = [None, None, None, None, at(0, 1), at(1, 1)]
    found = offsets({"a": first, "b": second, "c": third})
    # In c one item has a date in each other column.
    assert found == {"a": {"b": (3, 2, [-3600.0])}}


def test_the_two_most_common_distances_are_shared() -> None:
    first = [at(day, 5) for day in range(8)]
    second = [instant + HOUR * hours for instant, hours in zip(first, [5, 5, 4, 4, 4, 1, 2, 3], strict=True)]
    assert offsets({"a": second, "b": first}) == {"a": {"b": (8, 5, [14400.0, 18000.0])}}
    assert offsets({"a": first[:2], "b": [first[0] + 1, first[1] + 2]}) == {"a": {"b": (2, 0, [])}}
