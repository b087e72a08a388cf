"""Day by day what the certificates of a series count: the shares and sizes in which drift shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from .facts import FieldFacts, ProfiledDay, ViewProfile, has_shapes, in_presence, without_shapes
from .shares import Count

MORNING_AFTER: Final = timedelta(days=2)
"""A list that is fetched within this time shows its own day."""
MIN_DATES: Final = 4
"""Fewer dates prove nothing about what they share."""


class Feature(NamedTuple):
    """One thing that is counted."""

    view: str
    path: str
    """The field; empty if it is about the page."""
    kind: str
    """`field`, `type`, `value`, `breaks`, `dates`, `clock`, `offset`, `size`, `name`, `part`, `reading` or `agree`."""
    of: str = ""
    """The type, the value, the other date, the size, the reading."""


class Sizes(NamedTuple):
    """Minimum, median and maximum of a number on one observed day, and the number of items."""

    day: date
    least: int
    middle: int
    most: int
    items: int


class Observed(NamedTuple):
    """One view of one day of a certificate."""

    view: str
    day: date
    young: bool
    """The day is not over: fields that it lacks may still come."""
    profile: ViewProfile


class Table:
    """Everything that is counted, day by day."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.counts: dict[Feature, list[Count]] = {}
        self.sizes: dict[Feature, list[Sizes]] = {}

    def add(self, feature: Feature, count: Count) -> None:
        """Add a count, unless it is one of no items."""
        if count.whole > 0:
            self.counts.setdefault(feature, []).append(count)


def observations(certificates: Sequence[ProfiledDay]) -> list[Observed]:
    """Every timely profile, in the order in which they were fetched."""
    newest = max((certificate["day"] for certificate in certificates), default="")
    entries: list[tuple[str, str, Observed]] = []
    for certificate in certificates:
        is_open = certificate["day"] == newest and certificate["state"] == "open"
        for view, profile in certificate["profiles"].items():
            if profile["timely"] and profile["items"]:
                young = is_open and profile["at_known"]
                observed = Observed(view, _observed_day(profile, certificate), young, profile)
                entries.append((profile["at"], certificate["day"], observed))
    return _comparable([observed for _, _, observed in sorted(entries, key=lambda entry: entry[:2])])


def _comparable(seen: Sequence[Observed]) -> list[Observed]:
    """A view that is profiled with its values only when it is the only one is reduced to what all its days have.

    Its values of the last such day, months ago, cannot be compared with.
    """
    days = Counter((observed.view, has_shapes(observed.profile)) for observed in seen)
    usual = {view for view, _ in days if days[view, True] > days[view, False]}
    return [
        observed if observed.view in usual else observed._replace(profile=without_shapes(observed.profile))
        for observed in seen
    ]


def _observed_day(profile: ViewProfile, certificate: ProfiledDay) -> date:
    """The day listed; for a list of many days the day of the fetch."""
    listed, fetched = date.fromisoformat(certificate["day"]), datetime.fromisoformat(profile["at"]).date()
    return fetched if profile["at_known"] and fetched - listed > MORNING_AFTER else listed


def count_all(seen: Sequence[Observed], certificates: Iterable[ProfiledDay]) -> Table:
    """All counts of what was observed, and the agreements of the certificates."""
    table = Table()
    paths: dict[str, dict[str, None]] = {}
    names: dict[tuple[str, str, str], dict[str, None]] = {}
    for view, _, _, profile in seen:
        # Dictionaries keep the order of appearance, which sets do not.
        paths.setdefault(view, {}).update(dict.fromkeys(profile["fields"]))
        for path, kind, counts, _ in _counts_by_name(profile):
            names.setdefault((view, path, kind), {}).update(dict.fromkeys(counts))
    for observed in seen:
        for path, kind, counts, whole in _counts_by_name(observed.profile):
            for name in names[observed.view, path, kind]:
                table.add(Feature(observed.view, path, kind, name), Count(observed.day, counts.get(name, 0), whole))
        _add_fields(table, observed, paths[observed.view])
    for certificate in sorted(certificates, key=lambda certificate: certificate["day"]):
        _add_agreements(table, certificate)
    return table


def _counts_by_name(profile: ViewProfile) -> Iterator[tuple[str, str, Mapping[str, int], int]]:
    """Path, kind, how many items have each name, of how many: for what has names that may be new on any day."""
    items = profile["items"]
    yield "", "reading", {profile["reading"] or "": items}, items
    if profile["keys"]:
        yield "", "name", dict.fromkeys(profile["keys"].split(), items), items
    for path, facts in profile["fields"].items():
        if "types" in facts:
            yield path, "type", facts["types"], facts["in"]
        if "values" in facts:
            yield path, "value", facts["values"], sum(facts["values"].values())


def _add_fields(table: Table, observed: Observed, paths: Iterable[str]) -> None:
    view, day, young, profile = observed
    fields, items = profile["fields"], profile["items"]
    for part, number in profile["matched"].items():
        table.add(Feature(view, "", "part", part), Count(day, min(number, items), items))
    is_full = has_shapes(profile)
    for path in paths if fields else ():
        facts = fields.get(path)
        if facts is None and not is_full and not in_presence(path):
            continue
        count = (facts["in"], facts["of"]) if facts else (0, _owners(fields, path, items))
        table.add(Feature(view, path, "field"), Count(day, *count, young))
    for path, facts in fields.items():
        if "types" in facts:
            _add_shape(table, observed, path, facts)


def _owners(fields: Mapping[str, FieldFacts], path: str, items: int) -> int:
    """How many objects could have had a field that none has."""
    owner = path.rpartition(".")[0]
    if not owner:
        return items
    facts = fields.get(owner)
    if facts is None:
        return 0
    return facts["types"].get("object", facts["in"]) if "types" in facts else facts["in"]


def _add_shape(table: Table, observed: Observed, path: str, facts: FieldFacts) -> None:
    """Add what is counted of a field's values."""

    def count(kind: str, part: int, whole: int, of: str = "") -> None:
        table.add(Feature(observed.view, path, kind, of), Count(observed.day, part, whole))

    def size(kind: str, numbers: Sequence[int]) -> None:
        least, middle, most = numbers
        row = table.sizes.setdefault(Feature(observed.view, path, kind), [])
        row.append(Sizes(observed.day, least, middle, most, facts["in"]))

    texts, dates = facts["types"].get("text", 0), facts.get("dates")
    count("breaks", facts.get("broken", 0), texts)
    count("dates", dates["of"] if dates else 0, texts)
    if "length" in facts and not dates:
        size("length", facts["length"])
    if dates:
        size("days", dates["days"])
        count("clock", dates["clock"], dates["of"] if dates["of"] >= MIN_DATES else 0)
    for other, (both, shared, _) in facts.get("offsets", {}).items():
        count("offset", shared, both if both >= MIN_DATES else 0, other)


def _add_agreements(table: Table, certificate: ProfiledDay) -> None:
    day = date.fromisoformat(certificate["day"])
    for pair, fields in certificate["agreement"].items():
        for name, (agree, both) in fields.items():
            table.add(Feature(pair, name, "agree"), Count(day, agree, both))
