"""Which records without an id are one paper, and whether it is one that has an id: by title and witnesses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from .identity import DECIDED, OWN
from .joins import Decisions
from .keys import TITLE, distinct_title_key, title_key, title_number
from .listing import ListingRow, select
from .record import Record
from .witness import Agreement, Witness, agreement, witness_of

MAX_CANDIDATES: Final = 50
"""A title that more listings with ids have says nothing."""

_ONE: Final = Agreement(OWN, 1.0)


@dataclass(slots=True)
class Cluster:
    """Records without an id that are one paper."""

    key: str
    rows: list[ListingRow]
    paper: int | None
    """The paper with an id that they are; None if none is known."""
    agreement: Agreement


@dataclass(slots=True)
class _Member:
    row: ListingRow
    witness: Witness
    names: tuple[str, str]
    """The keys by which decisions may name it."""


class Titles:
    """Resolves the records without an id that have one title."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        record: Callable[[ListingRow], Record],
        folders: dict[int, str],
        decisions: Decisions,
    ) -> None:
        """`record` reads the record of a listing; `folders` are those of the series, by number."""
        self._connection, self._record, self._folders, self._decisions = connection, record, folders, decisions

    def with_joined(self, titles: Iterable[int]) -> set[int]:
        """The titles, and those that decisions join with them."""
        found = set(titles)
        for title in list(found):
            for group in {group for key, group in self._decisions.groups.items() if key.startswith(title_key(title))}:
                found |= {title_number(key) for key in group if key.startswith(TITLE)}
        return found

    def resolve(self, title: int, pending: Iterable[ListingRow]) -> list[Cluster]:
        """The papers of all records without an id that have this title; `pending` ones are not in the database."""
        key = title_key(title)
        rows = [*select(self._connection, "title = ? AND key = ?", (title, key)), *pending]
        members = [self._member(row, key) for row in sorted(rows, key=self._order)]
        candidates = self._candidates(title) if members else {}
        attached: dict[int, Cluster] = {}
        clusters: list[Cluster] = []
        alone: list[tuple[Cluster, list[Witness]]] = []
        for member in members:
            paper, evidence = self._paper(member, candidates)
            if paper is None:
                cluster = _cluster_of(member, alone)
            else:
                cluster = attached.setdefault(paper, Cluster("", [], paper, evidence))
            if not cluster.rows:
                cluster.key = distinct_title_key(key, member.witness.text) if clusters else key
                clusters.append(cluster)
            cluster.rows.append(member.row)
        return clusters

    def _member(self, row: ListingRow, key: str) -> _Member:
        witness = witness_of(self._record(row))
        return _Member(row, witness, (key, distinct_title_key(key, witness.text)))

    def _order(self, row: ListingRow) -> tuple[str, str, str]:
        return row.first_seen, row.day, self._folders[row.series]

    def _candidates(self, title: int) -> dict[int, tuple[set[str], list[Witness]]]:
        """The papers with an id that have the title, with their keys and witnesses."""
        found: dict[int, tuple[set[str], list[Witness]]] = {}
        condition = f"title = ? AND NOT (key >= '{TITLE}' AND key < 'title;') LIMIT {MAX_CANDIDATES + 1}"
        rows = list(select(self._connection, condition, (title,)))
        for row in rows if len(rows) <= MAX_CANDIDATES else ():
            _, witnesses = found.setdefault(row.paper, (self._keys(row.paper), []))
            witnesses.append(witness_of(self._record(row)))
        return found

    def _keys(self, paper: int) -> set[str]:
        """The keys of a paper that are no titles."""
        select = f"SELECT key FROM alias WHERE paper = ? AND NOT (key >= '{TITLE}' AND key < 'title;')"
        return {key for (key,) in self._connection.execute(select, (paper,))}

    def _paper(
        self, member: _Member, candidates: dict[int, tuple[set[str], list[Witness]]]
    ) -> tuple[int | None, Agreement]:
        decided = self._decided(member)
        if decided is not None:
            return decided, Agreement(DECIDED, 1.0)
        agreeing = {}
        names = {each for name in member.names for each in self._decisions.groups.get(name, (name,))}
        for paper, (keys, witnesses) in candidates.items():
            found = [each for each in (agreement(member.witness, other) for other in witnesses) if each is not None]
            if found and not self._decisions.are_split(names, keys):
                agreeing[paper] = max(found, key=lambda each: (each.confidence, len(each.evidence), each.evidence))
        return next(iter(agreeing.items())) if len(agreeing) == 1 else (None, _ONE)

    def _decided(self, member: _Member) -> int | None:
        """The paper with an id that a decision joins with the member."""
        for name in member.names:
            for key in sorted(self._decisions.groups.get(name, ())):
                found = self._connection.execute("SELECT paper FROM alias WHERE key = ?", (key,)).fetchone()
                if found is not None and not key.startswith(TITLE):
                    return int(found[0])
        return None


def _cluster_of(member: _Member, alone: list[tuple[Cluster, list[Witness]]]) -> Cluster:
    """The cluster that the member belongs to, or a new one; one that fits two belongs to neither."""
    same = [each for each in alone if member.witness in each[1]]
    fitting = same or [each for each in alone if all(agreement(member.witness, other) for other in each[1])]
    if len(fitting) != 1:
        fitting = [(Cluster("", [], None, _ONE), [])]
        alone += fitting
    cluster, witnesses = fitting[0]
    witnesses.append(member.witness)
    return cluster
