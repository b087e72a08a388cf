"""The difference between two sets of records, field by field: how many records change how, with examples.

Records are matched by their key; a place in a record has a path: `title`, `extra.x`, `authors[2].user`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import Final

import orjson

from .writer import rows

EXAMPLES: Final = 3
"""The examples of each way in which a field changes."""

_MAX_LENGTH: Final = 60
_INDEX: Final = re.compile(r"\[\d+\]")

Record = Mapping[str, object]


class Kind(StrEnum):
    """How a value changes; null, an empty list and an empty object are missing values."""

    CHANGED = "changed"
    FILLED = "null -> value"
    EMPTIED = "value -> null"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in which two records differ, with both values."""

    path: str
    old: object
    new: object

    @property
    def field(self) -> str:
        """The path without list indices: `authors[].user`."""
        return _INDEX.sub("[]", self.path)

    @property
    def kind(self) -> Kind:
        """How the value changes."""
        if _is_missing(self.old):
            return Kind.FILLED
        return Kind.EMPTIED if _is_missing(self.new) else Kind.CHANGED

    def __str__(self) -> str:
        old, new = _shortened(_text(self.old), _text(self.new))
        return f"{self.path}: {old} -> {new}"


@dataclass(frozen=True, slots=True)
class Example:
    """A leaf and the record in which it was found."""

    key: str
    leaf: Leaf


@dataclass(slots=True)
class Change:
    """One way in which one field changes: in how many records, and the first few of them."""

    records: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Difference:
    """How one set of records differs from another."""

    same: int = 0
    changed: int = 0
    gained: list[tuple[str, str]] = field(default_factory=list)
    """Key and title of each record that is only in the new one ..."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """... and only in the old one. A paper with another key is in neither: its field `key` changed."""
    fields: dict[str, dict[Kind, Change]] = field(default_factory=dict)

    def add(self, key: str, leaves: list[Leaf]) -> None:
        """Count a record that is in both, with all its differences."""
        self.changed += bool(leaves)
        self.same += not leaves
        for leaf in {(leaf.field, leaf.kind): leaf for leaf in reversed(leaves)}.values():
            change = self.fields.setdefault(leaf.field, {}).setdefault(leaf.kind, Change())
            change.records += 1
            if len(change.examples) < EXAMPLES:
                change.examples.append(Example(key, leaf))


def compare_days(old: bytes, new: bytes) -> Difference:
    """How the day file `new` differs from `old`; a damaged line (of a cut file) is left out."""
    if old == new:
        return Difference(same=new.count(b"\n"))
    before, after = rows(old), rows(new)
    old_keys = {key: key for key in after} | _renamed(before, after)
    difference = Difference()
    for key, row in after.items():
        if old_keys[key] in before:
            difference.add(key, list(leaves(before[old_keys[key]], row)))
        else:
            difference.gained.append((key, _title(row)))
    matched = set(old_keys.values())
    difference.lost = [(key, _title(row)) for key, row in before.items() if key not in matched]
    return difference


def leaves(old: object, new: object, path: str = "") -> Iterator[Leaf]:
    """The places in which two JSON values differ; two lists of different lengths are one place."""
    inside = _inside(old, new)
    if inside is None:
        if _differ(old, new):
            yield Leaf(path, old, new)
        return
    for name, before, after in inside:
        if _differ(before, after):
            yield from leaves(before, after, path + name if path else name.removeprefix("."))


def _inside(old: object, new: object) -> Iterator[tuple[str, object, object]] | None:
    """The values of two objects, or of two lists of one length, by their place; None for everything else."""
    if isinstance(old, dict) and isinstance(new, dict):
        return ((f".{name}", old.get(name), new.get(name)) for name in old | new)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return ((f"[{place}]", before, after) for place, (before, after) in enumerate(zip(old, new, strict=True)))
    return None


def _differ(old: object, new: object) -> bool:
    """Whether two JSON values differ; 1, 1.0 and true are equal in Python, but not the same in JSON."""
    if old != new or type(old) is not type(new):
        return True
    return isinstance(old, dict | list) and repr(old) != repr(new)


def _renamed(before: Mapping[str, Record], after: Mapping[str, Record]) -> dict[str, str]:
    """New keys to old ones, of papers whose title is once among the gained and once among the lost."""
    lost = _keys_by_title({key: row for key, row in before.items() if key not in after})
    gained = _keys_by_title({key: row for key, row in after.items() if key not in before})
    both = gained.keys() & lost.keys()
    return {gained[title][0]: lost[title][0] for title in both if len(gained[title]) == len(lost[title]) == 1}


def _keys_by_title(records: Mapping[str, Record]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, row in records.items():
        keys.setdefault(_title(row), []).append(key)
    return keys


def _title(row: Record) -> str:
    return str(row.get("title") or "")


def _is_missing(value: object) -> bool:
    return value is None or value in ([], {})


def _text(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        # A raw item may hold what UTF-8 cannot encode.
        return ascii(value)


def _shortened(old: str, new: str) -> tuple[str, str]:
    """Both texts; if one is long, cut to where they begin to differ."""
    if max(len(old), len(new)) <= _MAX_LENGTH:
        return old, new
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, alike - _MAX_LENGTH // 3)
    return _part(old, start), _part(new, start)


def _part(text: str, start: int) -> str:
    if len(text) <= _MAX_LENGTH:
        return text
    end = start + _MAX_LENGTH
    return f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"
