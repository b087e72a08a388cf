"""How a change is described."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dailypapers.snapshots.drift.detect import describe_shift, describe_step
from dailypapers.snapshots.drift.observations import Feature, Sizes
from dailypapers.snapshots.drift.shares import Step

DAY = date(2025, 9, 1)


def described(
    kind: str, before: float, after: float, of: str = "", *, new: bool = False, **facts: Any
) -> tuple[str, str]:
    step = Step(DAY, DAY, before, after, 0.0, new)
    found: Any = facts
    return describe_step(Feature("html", "it", kind, of), step, found)


@pytest.mark.parametrize(
    ("kind", "of", "before", "after", "expected"),
    [
        ("field", "", 0.0, 0.4, ("back", "is back")),
        ("field", "", 0.4, 0.0, ("gone", "gone")),
        ("field", "", 0.4, 0.625, ("share", "in 62 % instead of 40 % of the items")),
        ("type", "int", 1.0, 0.0, ("type", "int in 0 % instead of 100 %")),
        ("value", "a'b", 0.0, 0.51, ("value", 'is now "a\'b"')),
        ("value", "a", 0.09, 1.0, ("value", "is now 'a'")),
        ("value", "a", 0.1, 1.0, ("value", "")),
        ("value", "a", 0.0, 0.5, ("value", "")),
        ("value", "a", 0.91, 0.49, ("value", "is no longer 'a'")),
        ("value", "a", 0.9, 0.0, ("value", "")),
        ("value", "a", 1.0, 0.5, ("value", "")),
        ("breaks", "", 0.1, 0.9, ("shape", "has line breaks")),
        ("breaks", "", 0.9, 0.1, ("shape", "now has hardly any line breaks")),
        ("dates", "", 0.0, 1.0, ("meaning", "holds dates")),
        ("dates", "", 1.0, 0.0, ("meaning", "no longer holds dates")),
        ("clock", "", 0.0, 1.0, ("meaning", "has a time of day")),
        ("clock", "", 1.0, 0.0, ("meaning", "lost its time of day")),
        ("agree", "", 1.0, 0.5, ("agreement", "html agree in 50 % instead of 100 %")),
        ("agree", "", 0.5, 1.0, ("agreement", "")),
        ("reading", "cards", 0.0, 0.51, ("page", "html: now read from its cards")),
        ("reading", "cards", 0.0, 0.5, ("page", "")),
        ("reading", "blob", 1.0, 0.6, ("page", "")),
        ("name", "total", 0.0, 1.0, ("page", "html: total is new beside the items")),
        ("name", "total", 1.0, 0.0, ("page", "html: total is gone beside the items")),
        ("part", "h3", 1.0, 0.25, ("page", "html: h3 in 25 % instead of 100 % of the cards")),
        ("part", "h3", 0.25, 1.0, ("page", "")),
    ],
)
def test_a_change_of_a_share_is_described(
    kind: str, of: str, before: float, after: float, expected: tuple[str, str]
) -> None:
    assert described(kind, before, after, of) == expected


def test_a_field_that_was_never_there_is_new() -> None:
    assert described("field", 0.0, 0.4, new=True) == ("new", "new")


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ([-18000.0, -14400.0], "changed meaning: always other -5 h or -4 h"),
        ([5400.0], "changed meaning: always other +1.5 h"),
        ([], "changed meaning: always equal to other"),
    ],
)
def test_a_constant_distance_is_named_in_hours(gaps: list[float], words: str) -> None:
    assert described("offset", 0.1, 1.0, "other", offsets={"other": (9, 9, gaps)}) == ("meaning", words)


def test_a_distance_that_is_no_longer_constant_names_the_other_field() -> None:
    words = "changed meaning: no longer at a constant distance from other"
    assert described("offset", 1.0, 0.1, "other", offsets={"other": (9, 9, [1.0])}) == ("meaning", words)
    assert described("offset", 0.1, 1.0, "other") == ("meaning", "changed meaning: always equal to other")


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("length", (3, 3, 3), (1, 2, 9), "its length was 3, is 1 to 9 (median 2)"),
        ("days", (-2, 0, 1), (-1, -1, -1), "its distance to the day was -2 to 1 (median 0), is -1"),
    ],
)
def test_a_change_of_a_size_names_both(
    kind: str, before: tuple[int, int, int], after: tuple[int, int, int], words: str
) -> None:
    sizes = [Sizes(DAY, *each, 9) for each in (before, after)]
    assert describe_shift(Feature("api", "it", kind), *sizes) == words
