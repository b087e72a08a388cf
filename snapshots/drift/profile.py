"""Statistics of the raw fields of a listing, also of fields that no record uses: drift is computed from them.

Each field is counted over all items of one view: how many items have it, of which types, how long, which values if
those are few; for dates how far from the day, whether they have a time of day of their own, and whether two of them are
equally far apart in every item. A path names a field of an item (`title`), of the object that it wraps
(`paper.title`), or of another object (`paper.organization.name`), of which only the presence is counted; of a list
its length. Items that are not objects (the cards of a page) have no fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, combinations
from typing import Any, Final

from .facts import WRAPPED, DateFacts, FieldFacts

DAY: Final = 86_400_000
"""Instants are milliseconds since 1970 (UTC): exact, and quick to compare."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SHARED: Final = 2
"""Summer and winter time make two constant offsets of one, and two times of day."""

Offsets = dict[str, tuple[int, int, list[float]]]


def instants(values: Sequence[object]) -> list[int | None]:
    """Each value as an instant, in UTC if it names no zone; None if it is not an ISO date or time."""
    return [_instant(value) if type(value) is str else None for value in values]


def _instant(text: str) -> int | None:
    # Python also takes `20240801` for a date, which elsewhere is a number.
    if text[4:5] != "-":
        return None
    try:
        instant = datetime.fromisoformat(text)
        return round((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def dates_facts(values: Sequence[int], day: date) -> DateFacts:
    """The number of instants, how many have a time of day of their own, and their distances to the day in days.

    Midnight does not count as a time of day, nor do the two times that most items share.
    """
    clocks = Counter([value % DAY for value in values])
    midnights = clocks.pop(0, 0)
    days = sorted([value // DAY for value in values])
    first = day.toordinal() - _EPOCH
    distances = [days[0] - first, days[len(days) // 2] - first, days[-1] - first]
    return {"of": len(values), "clock": len(values) - midnights - _shared(clocks), "days": distances}


def _shared(counts: Counter[int]) -> int:
    return sum([count for _, count in counts.most_common(_SHARED) if count > 1])


def offsets(columns: Mapping[str, Sequence[int | None]]) -> dict[str, Offsets]:
    """The distances of each column to every later one, as `FieldFacts` describes them."""
    timed = {path: [value if value and value % DAY else None for value in column] for path, column in columns.items()}
    result: dict[str, Offsets] = {}
    for (path, column), (other_path, other) in combinations(timed.items(), 2):
        distances = Counter([a - b for a, b in zip(column, other, strict=True) if a and b])
        if distances.total() > 1:
            common = [gap / 1000 for gap, count in distances.most_common(_SHARED) if count > 1]
            result.setdefault(path, {})[other_path] = (distances.total(), _shared(distances), sorted(common))
    return result


MAX_PATHS: Final = 300
"""Six times the number of any site: more is an attack."""
MAX_DATES: Final = 12
"""The fields with dates that are compared in pairs: four times the number of any site."""
_MAX_NAME_LENGTH: Final = 80
_MAX_VALUES: Final = 4
_MAX_VALUE_LENGTH: Final = 64
_TYPES: Final = {
    str: "text",
    bool: "bool",
    int: "int",
    float: "float",
    list: "list",
    dict: "object",
    type(None): "null",
}

_Rows = Sequence[dict[str, Any]]


def profile(items: Iterable[object], day: date) -> dict[str, FieldFacts]:
    """The facts of each path, in the order of the paths; `day` is the one that the items are listed for."""
    rows: _Rows = [item for item in items if type(item) is dict]
    table = _Table(day, len(rows))
    for path, objects in table.add_fields("", rows):
        inner = table.add_fields(f"{path}.", objects) if path == WRAPPED else [(path, objects)]
        for inner_path, owners in inner:
            table.facts |= _presence(f"{inner_path}.", owners)
    for path, others in offsets(table.dates).items():
        table.facts[path]["offsets"] = others
    return dict(sorted(table.facts.items())[:MAX_PATHS])


def presence(items: Iterable[object]) -> dict[str, FieldFacts]:
    """How many items have each of their fields and of the object that they wrap, in the order of the paths."""
    rows: _Rows = [item for item in items if type(item) is dict]
    wrapped = [row[WRAPPED] for row in rows if type(row.get(WRAPPED)) is dict]
    facts = _presence("", rows) | _presence(f"{WRAPPED}.", wrapped)
    return dict(sorted(facts.items())[:MAX_PATHS])


def printable(name: str) -> str:
    """A name as certificates hold it, with non-ASCII, dots and blanks escaped, and cut if it is long."""
    is_plain = name.isidentifier() and name.isascii() and len(name) <= _MAX_NAME_LENGTH
    return name if is_plain else ascii(name[:_MAX_NAME_LENGTH]).replace(".", "\\x2e").replace(" ", "\\x20")


def _presence(prefix: str, rows: _Rows) -> dict[str, FieldFacts]:
    counts = Counter(chain.from_iterable(rows))
    return {prefix + printable(name): {"in": count, "of": len(rows)} for name, count in counts.items()}


@dataclass(slots=True)
class _Table:
    day: date
    items: int
    facts: dict[str, FieldFacts] = field(default_factory=dict)
    dates: dict[str, list[int | None]] = field(default_factory=dict)
    """The instant in each item, by the paths that hold dates."""

    def add_fields(self, prefix: str, rows: _Rows) -> list[tuple[str, _Rows]]:
        """Count the fields of some objects; returns those fields that hold objects themselves."""
        objects: list[tuple[str, _Rows]] = []
        for name in _names(rows):
            path = prefix + printable(name)
            values = [row[name] for row in rows if name in row]
            facts = self.facts[path] = _types(values, len(rows))
            if "object" in facts["types"]:
                objects.append((path, [value for value in values if type(value) is dict]))
            else:
                facts |= _shape(values, facts["types"])
                if _may_be_dates(values, facts):
                    self._add_dates(path, [row.get(name) for row in rows], facts)
        return objects

    def _add_dates(self, path: str, values: Sequence[object], facts: FieldFacts) -> None:
        column = instants(values)
        known = [value for value in column if value is not None]
        if len(known) * 2 > facts["in"]:
            facts.pop("values", None)
            facts["dates"] = dates_facts(known, self.day)
            if len(column) == self.items and len(self.dates) < MAX_DATES:
                self.dates[path] = column


def _names(rows: _Rows) -> Iterable[str]:
    names = dict.fromkeys(chain.from_iterable(rows))
    return names if len(names) <= MAX_PATHS else sorted(names)[:MAX_PATHS]


def _types(values: Sequence[object], rows: int) -> FieldFacts:
    types = set(map(type, values))
    counts = {types.pop(): len(values)} if len(types) == 1 else Counter(map(type, values))
    return {"in": len(values), "of": rows, "types": {_TYPES[kind]: count for kind, count in counts.items()}}


def _shape(values: Sequence[Any], types: Mapping[str, int]) -> FieldFacts:
    """Lengths of texts and lists, the values if they are few, in how many texts a line is broken."""
    if "text" in types:
        return _text_shape(values if len(types) == 1 else [value for value in values if type(value) is str])
    if "list" in types:
        return {"length": _spread([len(value) for value in values if type(value) is list])}
    flags = Counter(["yes" if value else "no" for value in values if type(value) is bool]) if "bool" in types else {}
    return {"values": dict(sorted(flags.items()))} if flags else {}


def _text_shape(texts: Sequence[str]) -> FieldFacts:
    facts: FieldFacts = {"length": _spread(list(map(len, texts)))}
    broken = sum(["\n" in text for text in texts])
    if broken:
        facts["broken"] = broken
    if facts["length"][-1] <= _MAX_VALUE_LENGTH and len(set(texts)) <= min(_MAX_VALUES, len(texts) // 2):
        facts["values"] = dict(sorted(Counter(texts).items()))
    return facts


def _spread(numbers: list[int]) -> list[int]:
    """The least, the middle and the greatest."""
    numbers.sort()
    return [numbers[0], numbers[len(numbers) // 2], numbers[-1]]


def _may_be_dates(values: Sequence[object], facts: FieldFacts) -> bool:
    if "text" not in facts["types"]:
        return False
    shortest, _, longest = facts["length"]
    if shortest < len("2025-01-01") or longest > _MAX_VALUE_LENGTH:
        return False
    return sum([type(value) is str and value[4:5] == "-" for value in values]) * 2 > len(values)
