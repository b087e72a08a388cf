"""`<store>/joins.txt`: what a human decided about which keys are one paper. It is primary: nothing can derive it.

Each line is `join KEY KEY` or `split KEY KEY`; of two lines about the same keys the later one counts. A word that
begins with `#` begins a comment; blank lines are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Final, Literal, cast, get_args

from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import read_whole, write_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building

from .keys import node_of, parse_key

Verb = Literal["join", "split"]
_KEY: Final = re.compile(r"(?:arxiv|doi):\S+|title:[0-9a-f]{16}(?:-[0-9a-f]{8})?", re.ASCII)
_HEADER: Final = "# What a human decided about papers: join KEY KEY, or split KEY KEY\n"


class DecisionError(StoreError):
    """A decision that cannot be followed: of something that is not a key, or against another one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Two keys that are one paper (`join`), or are not (`split`)."""

    verb: Verb
    first: str
    second: str

    @property
    def pair(self) -> frozenset[str]:
        """The two keys, in no order."""
        return frozenset((self.first, self.second))

    def __str__(self) -> str:
        return f"{self.verb} {self.first} {self.second}"


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions, as identity is resolved by them."""

    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Keys that are joined, by each of them."""
    splits: frozenset[frozenset[str]] = frozenset()
    keys: frozenset[str] = frozenset()
    """Every key that a decision names."""

    def are_split(self, keys: Iterable[str], others: Iterable[str]) -> bool:
        """Whether any of the keys was split from any of the others."""
        if not self.splits:
            return False
        others = list(others)
        return any(frozenset((key, other)) in self.splits for key in keys for other in others)


def joins_file(store: Store) -> Path:
    """The file of the decisions."""
    return store.root / "joins.txt"


def read_decisions(store: Store) -> list[Decision]:
    """The decisions that count, in the order of their lines. Raises DecisionError for a line that is not a decision."""
    decisions = _latest(_lines(store))
    resolve_decisions(decisions)
    return decisions


def resolve_decisions(decisions: Iterable[Decision]) -> Decisions:
    """What follows from decisions. Raises DecisionError where keys are both joined and split."""
    groups: dict[str, frozenset[str]] = {}
    splits = {}
    for decision in decisions:
        if decision.verb == "split":
            splits[decision.pair] = decision
            continue
        group = frozenset().union(*(groups.get(key, {key}) for key in decision.pair))
        groups |= dict.fromkeys(group, group)
    for pair, decision in splits.items():
        first, second = pair
        if second in groups.get(first, ()):
            raise DecisionError(f"joins.txt has `{decision}`, but other decisions join the two; remove one of them")
    return Decisions(groups, frozenset(splits), frozenset(groups).union(*splits))


def decide(store: Store, verb: Verb, first: str, second: str) -> Decision:
    """Write a decision down; the catalog follows when it is opened next.

    Keys may be written as `parse_key` takes them. Raises DecisionError for what is not a key, for the same key twice,
    and for a decision against those that are there.
    """
    with building(store):
        text = _text(store)
        decision = _decision(verb, first, second)
        resolve_decisions(_latest([*_lines(store), decision]))
        write_whole(joins_file(store), f"{text or _HEADER}{decision}\n".encode())
    return decision


def joins_text(store: Store) -> str:
    """The decisions that count, a line each; raises as `read_decisions` does."""
    return "".join(f"{decision}\n" for decision in read_decisions(store))


def _lines(store: Store) -> Iterable[Decision]:
    for number, line in enumerate(_text(store).splitlines(), 1):
        words = list(takewhile(lambda word: not word.startswith("#"), line.split()))
        if words:
            place = f"{joins_file(store)}:{number}: "
            if len(words) != 3 or words[0] not in get_args(Verb):
                raise DecisionError(f"{place}expected `join KEY KEY` or `split KEY KEY`")
            yield _decision(cast(Verb, words[0]), words[1], words[2], place)


def _latest(decisions: Iterable[Decision]) -> list[Decision]:
    """Of decisions about the same keys the last one, in the order of lines."""
    latest: dict[frozenset[str], Decision] = {}
    for decision in decisions:
        latest.pop(decision.pair, None)
        latest[decision.pair] = decision
    return list(latest.values())


def _text(store: Store) -> str:
    try:
        text = read_whole(joins_file(store)).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise DecisionError(f"{joins_file(store)}: not UTF-8 ({error.reason})") from error
    return text if not text or text.endswith("\n") else text + "\n"


def _decision(verb: Verb, first: str, second: str, place: str = "") -> Decision:
    """`place` is the file and line it was read from, for messages."""
    keys = [node_of(parse_key(key)) for key in (first, second)]
    for key, text in zip(keys, (first, second), strict=True):
        if not _KEY.fullmatch(key):
            raise DecisionError(f"{place}{text!r} is not a key like arxiv:2408.00118 or title:0123456789abcdef")
    if keys[0] == keys[1]:
        raise DecisionError(f"{place}{keys[0]} is named twice")
    return Decision(verb, keys[0], keys[1])
