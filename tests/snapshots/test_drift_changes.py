"""Which changes of many are one, and how they are ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dailypapers.snapshots.drift.detect import Change, changes
from dailypapers.snapshots.drift.facts import ProfiledDay
from dailypapers.snapshots.drift.profile import profile
from tests.support.drift_histories import no_gap, weekdays

Item = dict[str, Any]
Items = Callable[[int, int], Item]
"""An item by the number of its day and its own."""


def certificates(views: dict[str, Items], days: int, items: int = 20) -> list[ProfiledDay]:
    made: list[ProfiledDay] = []
    for number, day in enumerate(weekdays(days)):
        profiles: Any = {
            view: {
                "file": "",
                "at": f"{day}T12:00:00Z",
                "at_known": False,
                "timely": True,
                "reading": "api",
                "items": items,
                "keys": "",
                "matched": {},
                "fields": profile([item(number, place) for place in range(items)], day),
            }
            for view, item in views.items()
        }
        made.append({"day": f"{day}", "state": "closed", "agreement": {}, "profiles": profiles})
    return made


def found(views: dict[str, Items], days: int = 12) -> list[Change]:
    return changes(certificates(views, days), no_gap)


def said(result: Sequence[Change]) -> list[tuple[str, str, str, str]]:
    return [(change.views, change.field, change.description, change.days) for change in result]


DAYS = weekdays(12)


def with_field(name: str, value: object, since: int = 0, until: int = 99) -> Items:
    return lambda day, _: {"id": 1} | ({name: value} if since <= day < until else {})


def both(first: Items, second: Items) -> Items:
    return lambda day, place: first(day, place) | second(day, place)


def test_a_change_that_two_views_show_is_one_with_the_narrower_days() -> None:
    views = {"api": with_field("a", 1, since=8), "html": with_field("a", 1, since=10)}
    assert said(found(views)) == [("api, html", "a", "new", f"{DAYS[8]}")]


def test_a_change_of_two_views_more_than_a_week_apart_is_two() -> None:
    views = {"api": with_field("a", 1, since=4), "html": with_field("a", 1, since=10)}
    assert said(found(views)) == [("api", "a", "new", f"{DAYS[4]}"), ("html", "a", "new", f"{DAYS[10]}")]
    views = {"api": with_field("a", 1, since=5), "html": with_field("a", 1, since=10)}
    assert (DAYS[10] - DAYS[5]).days == 7
    assert said(found(views)) == [("api, html", "a", "new", f"{DAYS[5]}")]


def test_a_field_that_came_and_went_again_in_one_view_is_several_changes() -> None:
    result = found({"api": with_field("a", 1, since=5, until=8)})
    assert said(result) == [("api", "a", "new", f"{DAYS[5]}"), ("api", "a", "gone", f"{DAYS[8]}")]
    assert {change.confidence for change in result} == {"certain"}
    assert [(change.last, change.first) for change in result] == [(DAYS[4], DAYS[5]), (DAYS[7], DAYS[8])]


@pytest.mark.parametrize(
    ("new_name", "value", "since", "share", "expected"),
    [
        ("b", "x", 8, 1.0, ["a: became b"]),
        ("b", 7, 8, 1.0, ["a: gone", "b: new"]),
        ("b", "x", 9, 1.0, ["a: gone", "b: new"]),
        ("b", "x", 8, 0.75, ["a: became b"]),
        ("b", "x", 8, 0.65, ["a: gone", "b: new"]),
    ],
)
def test_a_field_becomes_another_of_its_type_share_and_day(
    new_name: str, value: object, since: int, share: float, expected: list[str]
) -> None:
    def new(day: int, place: int) -> Item:
        return {new_name: value} if day >= since and place < 20 * share else {}

    result = found({"api": both(with_field("a", "y", until=8), new)})
    assert sorted(f"{change.field}: {change.description}" for change in result) == expected


def test_a_field_inside_an_object_becomes_another_of_that_object() -> None:
    def item(day: int, _: int) -> Item:
        return {"paper": {"id": 1, "a" if day < 8 else "b": "x"}}

    assert [f"{change.field}: {change.description}" for change in found({"api": item})] == ["paper.a: became paper.b"]


def test_a_field_does_not_become_one_of_another_object() -> None:
    def item(day: int, _: int) -> Item:
        return {"paper": {"id": 1} | ({"b": "x"} if day >= 8 else {})} | ({"a": "x"} if day < 8 else {})

    assert sorted(change.field for change in found({"api": item})) == ["a", "paper.b"]


def test_a_view_whose_types_are_not_counted_joins_the_field_that_became_another() -> None:
    views = {"api": both(with_field("a", "y", until=8), with_field("b", "x", since=8))}
    made = certificates({**views, "html": views["api"]}, 12)
    for each in made:
        fields: Any = each["profiles"]["html"]["fields"]
        each["profiles"]["html"]["fields"] = {
            path: {"in": facts["in"], "of": facts["of"]} for path, facts in fields.items()
        }
    assert said(changes(made, no_gap)) == [("api, html", "a", "became b", f"{DAYS[8]}")]


def test_other_sizes_of_a_field_whose_type_changed_follow_from_that() -> None:
    def item(day: int, place: int) -> Item:
        return {"a": "x" * (3 + place % 2)} if day < 9 else {"a": ["y"] * 90}

    result = found({"api": item}, 14)
    assert {change.kind for change in result} == {"type"}
    assert [change.field for change in result] == ["a", "a"]


def test_a_size_alone_is_a_likely_change() -> None:
    (change,) = found({"api": lambda day, place: {"a": f"{place:02}" * (12 if day < 9 else 18) + "\n"}}, 14)
    assert (change.kind, change.description, change.certainty) == ("shape", "its length was 25, is 37", 8)
    assert (change.confidence, change.share, change.missed) == ("likely", 1.0, False)


@pytest.mark.parametrize(("days", "words"), [(1, []), (2, ["its distance to the day was 0, is -2"])])
def test_a_date_one_day_earlier_is_no_change(days: int, words: list[str]) -> None:
    """A list that begins a few hours before midnight has not changed."""
    calendar = weekdays(14)

    def item(day: int, _: int) -> Item:
        return {"at": f"{calendar[day] - timedelta(days=days if day >= 9 else 0)}"}

    assert [change.description for change in found({"api": item}, 14)] == words


def test_changes_are_ordered_by_confidence_then_day() -> None:
    def item(day: int, place: int) -> Item:
        share = 20 if day < 8 else 8
        return (
            with_field("z", 1, since=10)(day, place)
            | with_field("b", 1, since=9)(day, place)
            | ({"a": 1} if place < share else {})
        )

    result = found({"api": item}, 20)
    assert [(change.field, change.confidence) for change in result] == [
        ("b", "certain"),
        ("z", "certain"),
        ("a", "perhaps"),
    ]
    (share,) = result[2:]
    assert (share.description, share.share) == ("in 40 % instead of 100 % of the items", 1.0)


def test_days_that_were_missed_make_a_change_a_range() -> None:
    made = certificates({"api": with_field("a", 1, since=8)}, 12)
    result = changes(made, lambda last, first: 2 if (last, first) == (DAYS[7], DAYS[8]) else 0)
    assert [(change.days, change.missed) for change in result] == [(f"between {DAYS[7]} and {DAYS[8]}", True)]
