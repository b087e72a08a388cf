"""The raw fields of a listing in numbers, of fields that no record uses too: what a change of the site is told from.

Column by column over all items of one view: how many have the field, of which types, how long, which values where
those are few; for dates how far from the day, whether they have a time of day of their own, and whether two of them
lie equally far apart in every item. A path is that of an item's field (`title`) or of one in the object that it wraps
(`paper.title`), or of one in another object (`paper.organization.name`), whose presence alone is counted; of a list
the length is. Items that are no objects (the cards of a page) have no fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Final

from .timestamps import dates_in, instants, offsets

Facts = dict[str, Any]
"""What is known of one path; a fact that does not apply is left out."""

WRAPPED: Final = "paper"
"""The object in an item whose fields are looked at like the item's own."""
MAX_PATHS: Final = 300
"""Six times those of any site; what lies beyond is an attack, no listing."""
MAX_DATES: Final = 12
"""Fields of dates that are compared two by two: four times those of any site."""
_MAX_NAME_LENGTH: Final = 80
_FEW: Final = 4
_SHORT: Final = 64
_TYPES: Final = {
    str: "text",
    bool: "bool",
    int: "int",
    float: "float",
    list: "list",
    dict: "object",
    type(None): "null",
}

Rows = Sequence[dict[str, Any]]


def profile(items: Iterable[object], day: date) -> dict[str, Facts]:
    """The facts of each path, in the order of the paths; `day` is the one that the items are listed for."""
    rows: Rows = [item for item in items if type(item) is dict]
    table = _Table(day, len(rows))
    for path, objects in table.look("", rows):
        inner = table.look(f"{path}.", objects) if path == WRAPPED else [(path, objects)]
        for deeper, owners in inner:
            table.facts |= _counted(f"{deeper}.", owners)
    for path, others in offsets(table.moments).items():
        table.facts[path]["offsets"] = others
    return dict(sorted(table.facts.items())[:MAX_PATHS])


def presence(items: Iterable[object]) -> dict[str, Facts]:
    """How many items have each field of theirs and of the object that they wrap, in the order of the paths."""
    rows: Rows = [item for item in items if type(item) is dict]
    wrapped = [row[WRAPPED] for row in rows if type(row.get(WRAPPED)) is dict]
    facts = _counted("", rows) | _counted(f"{WRAPPED}.", wrapped)
    return dict(sorted(facts.items())[:MAX_PATHS])


def _counted(prefix: str, rows: Rows) -> dict[str, Facts]:
    counts = Counter(chain.from_iterable(rows))
    return {prefix + printable(name): {"in": count, "of": len(rows)} for name, count in counts.items()}


@dataclass(slots=True)
class _Table:
    day: date
    items: int
    facts: dict[str, Facts] = field(default_factory=dict)
    moments: dict[str, list[int | None]] = field(default_factory=dict)
    """Of the paths that hold dates, the instant in each item."""

    def look(self, prefix: str, rows: Rows) -> list[tuple[str, Rows]]:
        """Take all facts of the objects' fields; give the fields that hold objects."""
        deeper: list[tuple[str, Rows]] = []
        for name in _names(rows):
            path = prefix + printable(name)
            values = [row[name] for row in rows if name in row]
            facts = self.facts[path] = _presence(values, rows)
            if "object" in facts["types"]:
                deeper.append((path, [value for value in values if type(value) is dict]))
            else:
                facts |= _shape(values, facts["types"])
                if _may_be_dates(values, facts):
                    self._dates(path, [row.get(name) for row in rows], facts)
        return deeper

    def _dates(self, path: str, values: Sequence[object], facts: Facts) -> None:
        moments = instants(values)
        found = [moment for moment in moments if moment is not None]
        if len(found) * 2 > facts["in"]:
            facts.pop("values", None)
            facts["dates"] = dates_in(found, self.day)
            if len(moments) == self.items and len(self.moments) < MAX_DATES:
                self.moments[path] = moments


def _may_be_dates(values: Sequence[object], facts: Facts) -> bool:
    if "text" not in facts["types"] or facts["length"][0] < len("2025-01-01") or facts["length"][-1] > _SHORT:
        return False
    return sum([type(value) is str and value[4:5] == "-" for value in values]) * 2 > len(values)


def _names(rows: Rows) -> Iterable[str]:
    names = dict.fromkeys(chain.from_iterable(rows))
    return names if len(names) <= MAX_PATHS else sorted(names)[:MAX_PATHS]


def printable(name: str) -> str:
    """A name as certificates hold it: what UTF-8 has not, and dots and blanks that would make two of it, escaped."""
    plain = name.isidentifier() and name.isascii() and len(name) <= _MAX_NAME_LENGTH
    return name if plain else ascii(name[:_MAX_NAME_LENGTH]).replace(".", "\\x2e").replace(" ", "\\x20")


def _presence(values: Sequence[object], rows: Rows) -> Facts:
    count = len(values)
    types = set(map(type, values))
    shares = {types.pop(): count} if len(types) == 1 else Counter(map(type, values))
    return {"in": count, "of": len(rows), "types": {_TYPES[one]: number for one, number in shares.items()}}


def _shape(values: Sequence[Any], types: Mapping[str, int]) -> Facts:
    """Lengths of texts and lists, the values where they are few, in how many texts a line is broken."""
    if "text" in types:
        texts = values if len(types) == 1 else [value for value in values if type(value) is str]
        lengths = sorted(map(len, texts))
        broken = sum(["\n" in text for text in texts])
        few = _few(texts) if lengths[-1] <= _SHORT else {}
        return _lengths(lengths) | ({"broken": broken} if broken else {}) | few
    if "list" in types:
        return _lengths(sorted([len(value) for value in values if type(value) is list]))
    flags = Counter(["yes" if value else "no" for value in values if type(value) is bool]) if "bool" in types else {}
    return {"values": dict(sorted(flags.items()))} if flags else {}


def _lengths(lengths: Sequence[int]) -> Facts:
    return {"length": [lengths[0], lengths[len(lengths) // 2], lengths[-1]]}


def _few(texts: Sequence[str]) -> Facts:
    few = len(set(texts)) <= min(_FEW, len(texts) // 2)
    return {"values": dict(sorted(Counter(texts).items()))} if few else {}
