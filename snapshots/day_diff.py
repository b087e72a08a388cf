"""What differs between two sets of records, field by field: how many records change how, with examples.

Records are told apart by their key, places inside of a record by their path: `title`, `extra.x`, `authors[2].user`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final

import orjson

from .writer import rows

EXAMPLES: Final = 3
"""Examples kept of each way in which a field changes."""

_SHOWN: Final = 60
_INDEX: Final = re.compile(r"\[\d+\]")

Record = Mapping[str, Any]


class Kind(StrEnum):
    """How a value changes; a missing value is null, an empty list or an empty object, as in the records."""

    CHANGED = "changed"
    FILLED = "null -> value"
    EMPTIED = "value -> null"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place at which two records differ, and what stands there in both."""

    path: str
    old: object
    new: object

    @property
    def field(self) -> str:
        """The path without places in lists: `authors[].user`."""
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
    """... and only in the old one. The same paper under another key is neither: its field `key` changed."""
    fields: dict[str, dict[Kind, Change]] = field(default_factory=dict)

    def add(self, key: str, leaves: list[Leaf]) -> None:
        """Count a record that is in both, with all that differs in it."""
        self.changed += bool(leaves)
        self.same += not leaves
        for leaf in {(leaf.field, leaf.kind): leaf for leaf in reversed(leaves)}.values():
            change = self.fields.setdefault(leaf.field, {}).setdefault(leaf.kind, Change())
            change.records += 1
            if len(change.examples) < EXAMPLES:
                change.examples.append(Example(key, leaf))


def compare_days(old: bytes, new: bytes) -> Difference:
    """How the day file `new` differs from `old`; a line that is no record (of a cut file) counts as not there."""
    if old == new:
        return Difference(same=new.count(b"\n"))
    was, now = rows(old), rows(new)
    found = Difference()
    renamed = _renamed(was, now)
    for key, row in now.items():
        before = was.get(renamed.get(key, key))
        if before is None:
            found.gained.append((key, row.get("title") or ""))
        else:
            found.add(key, list(leaves(before, row)))
    kept = {renamed.get(key, key) for key in now}
    found.lost = [(key, row.get("title") or "") for key, row in was.items() if key not in kept]
    return found


def leaves(old: object, new: object, path: str = "") -> Iterator[Leaf]:
    """The places at which two JSON values differ; lists are entered where they are of the same length."""
    inside = _inside(old, new)
    if inside is None:
        if _differ(old, new):
            yield Leaf(path, old, new)
        return
    for name, was, now in inside:
        if _differ(was, now):
            yield from leaves(was, now, path + name if path else name.removeprefix("."))


def _inside(old: object, new: object) -> Iterator[tuple[str, object, object]] | None:
    """The values of two objects, or of two lists of one length, by their place; None for all else."""
    if isinstance(old, dict) and isinstance(new, dict):
        return ((f".{name}", old.get(name), new.get(name)) for name in old | new)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return ((f"[{place}]", was, now) for place, (was, now) in enumerate(zip(old, new, strict=True)))
    return None


def _differ(old: object, new: object) -> bool:
    """Whether two JSON values differ; 1, 1.0 and true are equal to Python, but not the same."""
    if old != new or type(old) is not type(new):
        return True
    return isinstance(old, dict | list) and repr(old) != repr(new)


def _renamed(was: Mapping[str, Record], now: Mapping[str, Record]) -> dict[str, str]:
    """New keys to old ones, of papers whose title stands once among the gained and once among the lost."""
    lost = _by_title({key: row for key, row in was.items() if key not in now})
    gained = _by_title({key: row for key, row in now.items() if key not in was})
    both = gained.keys() & lost.keys()
    return {gained[title][0]: lost[title][0] for title in both if len(gained[title]) == len(lost[title]) == 1}


def _by_title(records: Mapping[str, Record]) -> dict[object, list[str]]:
    found: dict[object, list[str]] = {}
    for key, row in records.items():
        found.setdefault(row.get("title"), []).append(key)
    return found


def _is_missing(value: object) -> bool:
    return value is None or value in ([], {})


def _text(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        # A raw item may hold what UTF-8 has not.
        return ascii(value)


def _shortened(old: str, new: str) -> tuple[str, str]:
    """Both texts, long ones cut to where they begin to differ."""
    if max(len(old), len(new)) <= _SHOWN:
        return old, new
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, alike - _SHOWN // 3)
    return _part(old, start), _part(new, start)


def _part(text: str, start: int) -> str:
    if len(text) <= _SHOWN:
        return text
    end = start + _SHOWN
    return f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"
