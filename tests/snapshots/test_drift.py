"""Drift: what changed at the site, on which day, and nothing that did not change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from dailypapers.ingest.sources.calendars import hugging_face
from dailypapers.snapshots.drift.detect import Change
from dailypapers.snapshots.drift.facts import without_shapes
from dailypapers.snapshots.drift.shares import Count, Step, steps
from tests.support.drift_histories import MONDAY, History, certificate, history, truths, weekdays

SEEDS = range(int(os.environ.get("DAILYPAPERS_HISTORIES", "2")))


@pytest.mark.parametrize("seed", SEEDS)
def test_an_invented_history_is_told_and_nothing_else(seed: int) -> None:
    made = history(seed)
    # What is said to be a guess may be one: of a field that is in all items on some days and in none on others.
    found = [(name, one) for one in made.found() if one.confidence != "perhaps" for name in _plain(one)]
    expected = _visible(made)
    assert {(field, kind) for field, kind, _ in expected} == {name for name, _ in found}
    for field, kind, day in expected:
        # A quiet day just before or after may have had none of a field that not every item has.
        slack, ones = timedelta(days=5), [one for name, one in found if name == (field, kind)]
        assert any(one.last - slack <= day <= one.first + slack for one in ones), (field, kind, ones)


def _plain(change: Change) -> list[tuple[str, str]]:
    if change.kind == "became":
        return [(change.field, "gone"), (change.description.removeprefix("became "), "new")]
    return [(change.field, change.kind)]


def _visible(made: History) -> list[tuple[str, str, date]]:
    """What changed, but for what came and went while nobody looked."""
    stays = {"submitterOrganization": (date(2025, 9, 29), date(2025, 10, 2))}
    hidden = not any(date(2025, 3, 11) <= day <= date(2025, 3, 14) for day in made.days)
    found = []
    for field, kind, day in truths():
        first, last = stays.get(field, (None, None))
        unseen = first is not None and last is not None and not any(first <= one <= last for one in made.days)
        absent = hidden and field == "submittedBy" and day > date(2025, 1, 1)
        if not unseen and not absent:
            found.append((field, kind, day))
    return found


def counts(shares: Sequence[float], items: int = 20, first: date = MONDAY) -> list[Count]:
    """A share day by day."""
    return [
        Count(day, round(share * items), items) for day, share in zip(weekdays(len(shares), first), shares, strict=True)
    ]


def unseen(counted: Sequence[Count]) -> Any:
    stored = {one.day for one in counted}

    def gap(last: date, first: date) -> int:
        days = (last + timedelta(days=number) for number in range(1, (first - last).days))
        return sum(1 for day in days if day not in stored and not hugging_face(day))

    return gap


def moved(counted: Sequence[Count]) -> list[Step]:
    return steps(counted, unseen(counted))


@pytest.mark.parametrize(
    ("shares", "place"),
    [
        ([0.0] * 5 + [1.0], 5),
        ([0.0] * 30 + [0.15] * 10, 30),
        ([1.0] * 10 + [0.0], 10),
        ([0.5] * 20 + [0.0] * 4, 20),
        ([1.0] * 10 + [0.3], 10),
        ([0.3] * 30 + [0.8] * 5, 30),
    ],
    ids=["new at once", "new in few", "gone at once", "gone from half", "fell from all", "rose for a week"],
)
def test_a_sudden_change_is_found_on_its_day(shares: Sequence[float], place: int) -> None:
    counted = counts(shares)
    assert [one.first for one in moved(counted)] == [counted[place].day]


@pytest.mark.parametrize(
    "shares",
    [
        [0.98 - 0.015 * day for day in range(40)],
        [0.2 + 0.01 * day for day in range(60)],
        [0.3, 0.6, 0.4, 0.7, 0.2] * 12,
        [0.0] * 40 + [0.05] + [0.0] * 20,
        [0.5] * 20 + [0.9] + [0.5] * 10,
        [1.0] * 20 + [0.9] * 10,
        [0.9, 0.9, 0.9, 0.9, 0.3] * 10,
    ],
    ids=["falls slowly", "climbs slowly", "scatters", "once", "a day's mood", "a few lack it", "Fridays are other"],
)
def test_what_is_slow_or_scatters_is_no_change(shares: Sequence[float]) -> None:
    assert moved(counts(shares)) == []


@pytest.mark.parametrize("items", [1, 2, 3])
def test_a_quiet_day_without_a_field_that_half_have_is_no_change(items: int) -> None:
    counted = counts([0.5] * 30)
    counted[20] = Count(counted[20].day, 0, items)
    assert moved(counted) == []


def test_what_is_missing_on_a_day_that_is_not_over_may_still_come() -> None:
    counted = counts([1.0] * 20)
    day = weekdays(21)[-1]
    assert moved([*counted, Count(day, 0, 20, young=True)]) == []
    assert [one.first for one in moved([*counted, Count(day, 0, 20)])] == [day]


def test_days_without_proof_after_days_that_were_missed_make_it_a_range() -> None:
    counted = counts([0.0] * 20)
    later = weekdays(6, date(2025, 11, 3))
    few = [Count(later[0], 0, 3), *(Count(day, 4, 10) for day in later[1:])]
    (step,) = moved([*counted, *few])
    assert (step.last, step.first) == (counted[-1].day, later[1])


def one_field(values: Sequence[Sequence[object]]) -> list[Change]:
    """The changes of a history whose items have an id and that one field, where it is not None."""
    days, random, made = weekdays(len(values)), Random(0), History()
    for day, row in zip(days, values, strict=True):
        ids = [{"id": f"{random.getrandbits(96):024x}"} for _ in row]
        items = [one | ({} if value is None else {"it": value}) for one, value in zip(ids, row, strict=True)]
        made.certificates.append(certificate(day, items))
        made.days.append(day)
    return made.found()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (["7", "13", "21"] * 4, [7, 13, 21] * 4, {"text in 0 % instead of 100 %", "int in 100 % instead of 0 %"}),
        (["user"] * 12, ["bot"] * 12, {"is now 'bot'", "is no longer 'user'"}),
        (["a" * 24] * 3 + ["b" * 24] * 9, ["c" * 36] * 3 + ["d" * 36] * 9, None),
        (["2025-01-02"] * 12, ["January 2"] * 12, {"no longer holds dates"}),
        ([["x"]] * 12, [["x"] * 30] * 12, {"its length was 1, is 30"}),
        (["short"] * 6 + ["shorter"] * 6, ["long " * 30] * 12, None),
    ],
    ids=["type", "value", "ids", "dates", "lists", "texts"],
)
def test_a_change_of_shape_is_named(before: list[object], after: list[object], words: set[str] | None) -> None:
    found = one_field([before] * 12 + [after] * 3)
    assert found
    assert {(one.field, one.first) for one in found} == {("it", weekdays(13)[-1])}
    assert words is None or {one.description for one in found} == words


def test_a_list_seen_the_morning_after_tells_of_its_own_day() -> None:
    days = weekdays(6)
    rows = [[{"id": f"{number}"} | ({"it": 1} if day == days[-1] else {}) for number in range(20)] for day in days]
    made = History([certificate(day, items) for day, items in zip(days, rows, strict=True)], days)
    for day, one in zip(days, made.certificates, strict=True):
        one["profiles"]["api"]["at"] = f"{day + timedelta(days=1)}T06:00:00Z"
    assert [(one.field, one.days) for one in made.found()] == [("it", f"{days[-1]}")]


def test_values_of_two_outages_far_apart_are_not_compared() -> None:
    """The second view shows its values only while it stands alone: what changed in between is no news."""
    days, made = weekdays(40), History()
    for number, day in enumerate(days):
        one = certificate(day, [{"id": f"{item}", "it": number if number < 20 else f"{number}"} for item in range(20)])
        view = one["profiles"]["api"]
        one["profiles"] = {"html": view if number in {5, 35} else without_shapes(view)}
        made.certificates.append(one)
        made.days.append(day)
    assert made.found() == []
