"""What is counted of a series day by day, out of its certificates: the shares and sizes in which drift shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from .beta_binomial import Count

MORNING_AFTER: Final = timedelta(days=2)
"""A list that is looked at so soon tells of its own day."""
FEW: Final = 4
"""Dates below which nothing is said of what they share."""


class Feature(NamedTuple):
    """One thing that is counted: of which view, of which field, and what of it."""

    view: str
    path: str
    kind: str
    """`field`, `type`, `value`, `breaks`, `dates`, `clock`, `offset`, `size`, `name`, `part`, `reading` or `agree`."""
    of: str = ""
    """The type, the value, the other date, the size, the reading."""


class Sizes(NamedTuple):
    """Of one observed day the least, the middle and the greatest of a number, over so many items."""

    day: date
    least: int
    middle: int
    most: int
    items: int


@dataclass(slots=True)
class Table:
    """Everything that is counted, day by day."""

    counts: dict[Feature, list[Count]] = field(default_factory=dict)
    sizes: dict[Feature, list[Sizes]] = field(default_factory=dict)

    def count(self, feature: Feature, one: Count) -> None:
        """Note a count; one of no items says nothing."""
        if one.whole > 0:
            self.counts.setdefault(feature, []).append(one)


class Observed(NamedTuple):
    """One view of one day of a certificate."""

    view: str
    day: date
    young: bool
    """The day is not over: fields that it lacks may still come."""
    profile: Mapping[str, Any]


def observed(certificates: Sequence[Mapping[str, Any]]) -> list[Observed]:
    """Every timely profile, in the order in which they were seen."""
    newest = max((certificate["day"] for certificate in certificates), default="")
    found: list[tuple[str, str, Observed]] = []
    for certificate in certificates:
        is_open = certificate["day"] == newest and certificate["state"] == "open"
        for view, one in certificate["profiles"].items():
            if one["timely"] and one["items"]:
                young = is_open and one["at_known"]
                found.append((one["at"], certificate["day"], Observed(view, _day(one, certificate), young, one)))
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]


def _day(profile: Mapping[str, Any], certificate: Mapping[str, Any]) -> date:
    """The day listed; of a list of many days the one on which it was looked at."""
    listed, at = date.fromisoformat(certificate["day"]), datetime.fromisoformat(profile["at"]).date()
    return at if profile["at_known"] and at - listed > MORNING_AFTER else listed


def table(seen: Sequence[Observed], certificates: Iterable[Mapping[str, Any]]) -> Table:
    """All that is counted of what was observed, and the agreements of the certificates."""
    found = Table()
    paths = _gathered((one.view, one.profile["fields"]) for one in seen)
    keys = _gathered((one.view, one.profile["keys"].split()) for one in seen)
    readings = _gathered((one.view, [one.profile["reading"]]) for one in seen)
    types, values = _named(seen, "types"), _named(seen, "values")
    for one in seen:
        fields, items = one.profile["fields"], one.profile["items"]
        _each(found, one, "reading", readings[one.view], dict.fromkeys([one.profile["reading"]], items), items)
        if one.profile["keys"]:
            _each(found, one, "name", keys[one.view], dict.fromkeys(one.profile["keys"].split(), items), items)
        for part, number in one.profile["matched"].items():
            found.count(Feature(one.view, "", "part", part), Count(one.day, min(number, items), items))
        for path in paths[one.view] if fields else ():
            whole = fields[path]["of"] if path in fields else _owners(fields, path, items)
            part = fields[path]["in"] if path in fields else 0
            found.count(Feature(one.view, path, "field"), Count(one.day, part, whole, one.young))
        for path, facts in fields.items():
            if "types" in facts:
                _each(found, one, "type", types[one.view, path], facts["types"], facts["in"], path)
                _shape(found, one, path, facts)
            if "values" in facts:
                _each(found, one, "value", values[one.view, path], facts["values"], sum(facts["values"].values()), path)
    for certificate in sorted(certificates, key=lambda one: str(one["day"])):
        _agreements(found, certificate)
    return found


def _gathered(named: Iterable[tuple[Any, Iterable[str]]]) -> dict[Any, dict[str, None]]:
    """Every name that was ever seen in a place, in order of appearance."""
    found: dict[Any, dict[str, None]] = {}
    for place, names in named:
        found.setdefault(place, {}).update(dict.fromkeys(names))
    return found


def _named(seen: Sequence[Observed], fact: str) -> dict[Any, dict[str, None]]:
    return _gathered(
        ((one.view, path), facts.get(fact, ())) for one in seen for path, facts in one.profile["fields"].items()
    )


def _owners(fields: Mapping[str, Any], path: str, items: int) -> int:
    """How many objects could have had a field that none has."""
    owner = path.rpartition(".")[0]
    if not owner:
        return items
    facts = fields.get(owner)
    return facts.get("types", {}).get("object", facts["in"]) if facts else 0


def _each(  # noqa: PLR0913, PLR0917 - where, what, of which names, how many of each, of how many
    found: Table, one: Observed, kind: str, names: Iterable[str], parts: Mapping[str, int], whole: int, path: str = ""
) -> None:
    for name in names:
        found.count(Feature(one.view, path, kind, name), Count(one.day, parts.get(name, 0), whole))


def _shape(found: Table, one: Observed, path: str, facts: Mapping[str, Any]) -> None:
    """What is counted of a field's values."""
    texts, dates = facts["types"].get("text", 0), facts.get("dates")

    def count(kind: str, part: int, whole: int, of: str = "") -> None:
        found.count(Feature(one.view, path, kind, of), Count(one.day, part, whole))

    def size(kind: str, numbers: Sequence[int]) -> None:
        row = found.sizes.setdefault(Feature(one.view, path, kind), [])
        row.append(Sizes(one.day, numbers[0], numbers[1], numbers[2], facts["in"]))

    count("breaks", facts.get("broken", 0), texts)
    count("dates", dates["of"] if dates else 0, texts)
    if "length" in facts and not dates:
        size("length", facts["length"])
    if dates:
        size("days", dates["days"])
        count("clock", dates["clock"], dates["of"] if dates["of"] >= FEW else 0)
    for other, (both, shared, _) in facts.get("offsets", {}).items():
        count("offset", shared, both if both >= FEW else 0, other)


def _agreements(found: Table, certificate: Mapping[str, Any]) -> None:
    day = date.fromisoformat(certificate["day"])
    for pair, fields in certificate["agreement"].items():
        for name, (agree, both) in fields.items():
            found.count(Feature(pair, name, "agree"), Count(day, agree, both))
