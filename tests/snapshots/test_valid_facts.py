"""Which counts of a certificate drift can be computed from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dailypapers.snapshots.drift.facts import has_valid_facts, in_presence, without_shapes

FACTS: dict[str, Any] = {
    "agreement": {"api/html": {"title": [1, 2], "upvotes": [2, 2]}, "html: blob/cards": {}},
    "profiles": {
        "api": {
            "file": "a.warc.gz",
            "at": "2025-12-10T12:00:00Z",
            "at_known": True,
            "timely": False,
            "reading": None,
            "items": 3,
            "keys": "a b",
            "matched": {"article": 0, "h3": 9},
            "fields": {
                "title": {"in": 3, "of": 3, "types": {"text": 3}, "length": [-1, 0, 9], "broken": 1},
                "kind": {"in": 0, "of": 3, "values": {"a": 2}},
                "at": {
                    "in": 3,
                    "of": 3,
                    "dates": {"of": 3, "clock": 0, "days": [-2, 0, 0]},
                    "offsets": {"listed": [3, 2, [1.0]]},
                },
            },
        }
    },
}
FIELDS = ("profiles", "api", "fields")
LIMIT = 2**53


def changed(value: object, *path: str | int) -> dict[str, Any]:
    """A copy with another value there."""
    copied: Any = json.loads(json.dumps(FACTS))
    part = copied
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return copied  # type: ignore[no-any-return]


def test_facts_of_a_build_are_valid() -> None:
    assert has_valid_facts(FACTS)
    assert has_valid_facts({"agreement": {}, "profiles": {}})
    assert has_valid_facts(changed({"in": 1, "of": 1, "another": "fact"}, *FIELDS, "title"))


@pytest.mark.parametrize("name", sorted(FACTS["profiles"]["api"]))
def test_a_profile_without_an_entry_is_not_valid(name: str) -> None:
    profile = {key: value for key, value in FACTS["profiles"]["api"].items() if key != name}
    assert not has_valid_facts(changed(profile, "profiles", "api"))


COUNTS: list[object] = [-1, LIMIT, 1.0, True, "1", None]
OBJECTS: list[object] = [None, [], 1, "a"]
SIZES: list[object] = [[0, 0], [0, 0, 0, 0], [0, 0, 1.0], [0, True, 0], [-LIMIT, 0, 0], [0, 0, LIMIT], {}, None]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("agreement",), [*OBJECTS, {"api/html": []}]),
        (
            ("agreement", "api/html", "title"),
            [None, {}, [], [1], [1, 2, 3], [2, 1], [-1, 1], [1, LIMIT], [1, "2"], [1.0, 2]],
        ),
        (("profiles",), [*OBJECTS, {"api": None}]),
        (("profiles", "api", "at_known"), [0, 1, None]),
        (("profiles", "api", "timely"), [0, 1, None]),
        (("profiles", "api", "keys"), [None, ["a"]]),
        (("profiles", "api", "reading"), [1, ["a"]]),
        (("profiles", "api", "items"), COUNTS),
        (("profiles", "api", "matched"), [*OBJECTS, *({"article": value} for value in COUNTS)]),
        (FIELDS, [*OBJECTS, {"title": None}, {"title": []}, {"title": {}}]),
        ((*FIELDS, "title", "in"), [*COUNTS, 4]),
        ((*FIELDS, "title", "of"), [*COUNTS, 2]),
        ((*FIELDS, "title", "types"), [*OBJECTS, {"text": -1}]),
        ((*FIELDS, "title", "length"), SIZES),
        ((*FIELDS, "title", "broken"), COUNTS),
        ((*FIELDS, "kind", "values"), [*OBJECTS, {"a": 1.5}]),
        ((*FIELDS, "at", "dates"), OBJECTS),
        ((*FIELDS, "at", "dates", "of"), COUNTS),
        ((*FIELDS, "at", "dates", "clock"), [*COUNTS, 4]),
        ((*FIELDS, "at", "dates", "days"), SIZES),
        ((*FIELDS, "at", "offsets"), [*OBJECTS, {"listed": None}]),
        ((*FIELDS, "at", "offsets", "listed"), [{}, [3, 2], [3, 2, [], 1], [2, 3, []], [3, -1, []], ["3", 2, []]]),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_value_that_no_build_writes_is_not_valid(path: tuple[str, ...], values: list[object]) -> None:
    for value in values:
        assert not has_valid_facts(changed(value, *path)), value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("agreement", "api/html", "title"), [0, LIMIT - 1]),
        (("profiles", "api", "reading"), "blob"),
        (("profiles", "api", "items"), LIMIT - 1),
        (("profiles", "api", "items"), 0),
        ((*FIELDS, "title", "length"), [1 - LIMIT, 0, LIMIT - 1]),
        ((*FIELDS, "at", "offsets", "listed"), [2, 2, []]),
    ],
)
def test_the_least_and_the_greatest_values_are_valid(path: tuple[str, ...], value: object) -> None:
    assert has_valid_facts(changed(value, *path))


@pytest.mark.parametrize(
    ("path", "is_counted"), [("title", True), ("paper.title", True), ("submittedBy.name", False), ("paper.a.b", False)]
)
def test_presence_counts_the_fields_of_an_item_and_of_its_paper(path: str, is_counted: bool) -> None:
    assert in_presence(path) is is_counted


def test_a_profile_without_shapes_has_the_counts_of_presence() -> None:
    api: Any = FACTS["profiles"]["api"]
    fields: Any = {**api["fields"], "paper.id": {"in": 2, "of": 3, "types": {}}, "by.name": {"in": 1, "of": 1}}
    whole: Any = {**api, "fields": fields}
    reduced: Any = without_shapes(whole)
    assert reduced["fields"] == {
        "title": {"in": 3, "of": 3},
        "kind": {"in": 0, "of": 3},
        "at": {"in": 3, "of": 3},
        "paper.id": {"in": 2, "of": 3},
    }
    assert {**reduced, "fields": {}} == {**api, "fields": {}}
    bare: Any = {**api, "fields": {"by.name": {"in": 1, "of": 1}}}
    assert without_shapes(bare)["fields"] == bare["fields"]
