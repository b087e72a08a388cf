"""What is counted of the certificates of a series, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from dailypapers.snapshots.drift.facts import FieldFacts, ProfiledDay, ViewProfile
from dailypapers.snapshots.drift.observations import Feature, Sizes, count_all, observations
from dailypapers.snapshots.drift.shares import Count

DAY = date(2025, 9, 1)


def view(fields: dict[str, Any] | None = None, **changes: Any) -> ViewProfile:
    known: Any = {
        "file": "",
        "at": f"{DAY}T12:00:00Z",
        "at_known": True,
        "timely": True,
        "reading": "api",
        "items": 10,
        "keys": "",
        "matched": {},
        "fields": fields or {},
    }
    return known | changes  # type: ignore[no-any-return]


def certificate(profiles: dict[str, ViewProfile], number: int = 0, **changes: Any) -> ProfiledDay:
    known: Any = {"day": f"{DAY + timedelta(days=number)}", "state": "closed", "agreement": {}, "profiles": profiles}
    return known | changes  # type: ignore[no-any-return]


def counted(*certificates: ProfiledDay) -> dict[Feature, list[tuple[int, int]]]:
    counts = count_all(observations(certificates), certificates).counts
    return {feature: [(each.part, each.whole) for each in days] for feature, days in counts.items()}


def text(count: int, of: int = 10, **facts: Any) -> FieldFacts:
    found: Any = {"in": count, "of": of, "types": {"text": count}, **facts}
    return found  # type: ignore[no-any-return]


def test_observations_are_in_the_order_of_their_fetches() -> None:
    late = view(at=f"{DAY}T18:00:00Z")
    days = [certificate({"api": late, "html": view()}), certificate({"api": view(at=f"{DAY}T11:00:00Z")}, 1)]
    assert [(each.view, each.day) for each in observations(days)] == [
        ("api", DAY + timedelta(days=1)),
        ("html", DAY),
        ("api", DAY),
    ]
    assert observations([]) == []


@pytest.mark.parametrize("changes", [{"timely": False}, {"items": 0}])
def test_a_late_fetch_and_one_without_items_are_not_observed(changes: dict[str, Any]) -> None:
    assert observations([certificate({"api": view(**changes)})]) == []


@pytest.mark.parametrize(
    ("hours", "known", "days"), [(48, True, 0), (49, True, 3), (72, False, 0), (0, True, 0)], ids=str
)
def test_a_list_of_many_days_shows_the_day_of_the_fetch(hours: int, known: bool, days: int) -> None:
    at = {0: DAY, 48: DAY + timedelta(days=2), 49: DAY + timedelta(days=3), 72: DAY + timedelta(days=3)}[hours]
    (observed,) = observations([certificate({"api": view(at=f"{at}T00:00:00Z", at_known=known)})])
    assert observed.day == DAY + timedelta(days=days)


def test_only_the_newest_day_is_young_while_it_is_open() -> None:
    days = [certificate({"api": view()}, number, state="open") for number in (0, 1)]
    assert [each.young for each in observations(days)] == [False, True]
    assert [each.young for each in observations([certificate({"api": view()}, 1)])] == [False]
    unknown = certificate({"api": view(at_known=False)}, state="open")
    assert [each.young for each in observations([unknown])] == [False]


def test_a_view_that_mostly_counts_presence_is_reduced_to_it() -> None:
    full, bare = view({"it": text(5), "by.name": text(5)}), view({"it": {"in": 5, "of": 10}})

    def shapes(*profiles: ViewProfile) -> list[list[str]]:
        days = [certificate({"html": each}, number) for number, each in enumerate(profiles)]
        return [list(each.profile["fields"]) for each in observations(days)]

    assert shapes(full, full, bare) == [["it", "by.name"]] * 2 + [["it"]]
    assert shapes(full, bare) == [["it"]] * 2
    found = observations([certificate({"html": full}), certificate({"html": bare}, 1)])
    assert all("types" not in each.profile["fields"]["it"] for each in found)


def test_fields_are_counted_on_each_day_that_could_have_them() -> None:
    owner: Any = {"in": 8, "of": 10, "types": {"object": 6, "null": 2}}
    first = view({"a": text(4), "by": owner, "by.name": {"in": 6, "of": 6}})
    second = view({"b": text(7), "by": owner})
    third = view({"a": text(1)})
    found = counted(*(certificate({"api": each}, number) for number, each in enumerate((first, second, third))))
    assert found[Feature("api", "a", "field")] == [(4, 10), (0, 10), (1, 10)]
    assert found[Feature("api", "b", "field")] == [(0, 10), (7, 10), (0, 10)]
    # The third day has no object that could have a name.
    assert found[Feature("api", "by.name", "field")] == [(6, 6), (0, 6)]
    assert found[Feature("api", "by", "type", "null")] == [(2, 8), (2, 8)]


def test_an_owner_without_types_counts_by_its_presence() -> None:
    first = view({"paper": {"in": 9, "of": 10}, "paper.id": {"in": 9, "of": 9}, "by.name": {"in": 1, "of": 1}})
    second = view({"paper": {"in": 8, "of": 10}})
    found = counted(certificate({"html": first}), certificate({"html": second}, 1))
    assert found[Feature("html", "paper.id", "field")] == [(9, 9), (0, 8)]
    # Presence does not count fields inside other objects, so their absence is none.
    assert found[Feature("html", "by.name", "field")] == [(1, 1)]


def test_a_page_whose_items_have_no_fields_lacks_none() -> None:
    found = counted(certificate({"html": view({"a": text(5)})}), certificate({"html": view(reading="cards")}, 1))
    assert found[Feature("html", "a", "field")] == [(5, 10)]
    assert found[Feature("html", "", "reading", "cards")] == [(0, 10), (10, 10)]
    assert found[Feature("html", "", "reading", "api")] == [(10, 10), (0, 10)]


def test_the_page_around_the_items_is_counted() -> None:
    first = view(keys="date total", matched={"article": 10, "h3": 25}, reading=None)
    second = view(keys="date")
    found = counted(certificate({"html": first}), certificate({"html": second}, 1))
    assert found == {
        Feature("html", "", "reading", ""): [(10, 10), (0, 10)],
        Feature("html", "", "reading", "api"): [(0, 10), (10, 10)],
        Feature("html", "", "name", "date"): [(10, 10), (10, 10)],
        Feature("html", "", "name", "total"): [(10, 10), (0, 10)],
        Feature("html", "", "part", "article"): [(10, 10)],
        Feature("html", "", "part", "h3"): [(10, 10)],
    }


def test_values_and_types_are_counted_among_the_items_that_have_them() -> None:
    first = view({"it": {"in": 8, "of": 10, "types": {"text": 6, "null": 2}, "values": {"a": 4, "b": 2}}})
    second = view({"it": text(8, values={"a": 8})})
    found = counted(certificate({"api": first}), certificate({"api": second}, 1))
    assert found[Feature("api", "it", "value", "a")] == [(4, 6), (8, 8)]
    assert found[Feature("api", "it", "value", "b")] == [(2, 6), (0, 8)]
    assert found[Feature("api", "it", "type", "text")] == [(6, 8), (8, 8)]
    assert found[Feature("api", "it", "type", "null")] == [(2, 8), (0, 8)]


def dated(of: int, clock: int, **facts: Any) -> FieldFacts:
    return text(of, dates={"of": of, "clock": clock, "days": [-3, 0, 1]}, length=[20, 20, 24], **facts)


def test_the_shape_of_values_is_counted() -> None:
    fields: Any = {
        "a": text(8, broken=3, length=[1, 5, 9]),
        "at": dated(4, 2, offsets={"on": (4, 3, [1.0]), "by": (3, 3, [1.0])}),
        "on": dated(3, 2),
    }
    days = [certificate({"api": view(fields)})]
    found = counted(*days)
    assert found[Feature("api", "a", "breaks")] == [(3, 8)]
    assert found[Feature("api", "a", "dates")] == [(0, 8)]
    assert found[Feature("api", "at", "dates")] == [(4, 4)]
    assert found[Feature("api", "at", "clock")] == [(2, 4)]
    assert Feature("api", "on", "clock") not in found
    assert found[Feature("api", "at", "offset", "on")] == [(3, 4)]
    assert Feature("api", "at", "offset", "by") not in found
    assert count_all(observations(days), days).sizes == {
        Feature("api", "a", "length"): [Sizes(DAY, 1, 5, 9, 8)],
        Feature("api", "at", "days"): [Sizes(DAY, -3, 0, 1, 4)],
        Feature("api", "on", "days"): [Sizes(DAY, -3, 0, 1, 3)],
    }


def test_agreements_are_counted_by_day() -> None:
    days = [
        certificate({}, number, agreement={"api/html": {"title": [number, 9]}, "html: blob/cards": {"a": [0, 0]}})
        for number in (2, 1)
    ]
    counts = count_all([], days).counts
    expected: Sequence[Count] = [Count(DAY + timedelta(days=number), number, 9) for number in (1, 2)]
    assert counts == {Feature("api/html", "title", "agree"): expected}


def test_a_missing_field_of_a_young_day_is_marked() -> None:
    days = [certificate({"api": view({"a": text(9)})}, number, state="open") for number in (0, 1)]
    counts = count_all(observations(days), days).counts
    assert [each.young for each in counts[Feature("api", "a", "field")]] == [False, True]
