"""Which records with ids are one paper: those with one arXiv id, and those with a DOI that only this paper states.

Two arXiv ids are never joined, unless a human does: a DOI that two of them state joins neither.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .joins import Decisions
from .keys import ARXIV, DOI, TITLE, node_of
from .listing import ListingRow, select
from .model import Row

STATED: Final = "DOI stated with the arXiv id"
ARXIV_DOI: Final = "DOI given by arXiv"
OWN: Final = "own key"
DECIDED: Final = "joined in joins.txt"
GROUP: Final = 500
"""Values of one query."""


@dataclass(slots=True)
class Rows:
    """The listings that are not assigned to a paper yet, beside those in the database."""

    connection: sqlite3.Connection
    pending: defaultdict[str, list[ListingRow]] = field(default_factory=lambda: defaultdict(list))
    """By node; the paper is 0."""
    _by_doi: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, row: ListingRow) -> None:
        """Add a listing that is not assigned."""
        node = node_of(row.key)
        self.pending[node].append(row)
        if row.doi is not None:
            self._by_doi[row.doi].add(node)

    def paper_of(self, key: str) -> int | None:
        """The paper that a key leads to."""
        found = self.connection.execute("SELECT paper FROM alias WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    def papers_of(self, keys: Iterable[str]) -> dict[str, int]:
        """The paper of each key that leads to one."""
        return dict(rows_of(self.connection, "SELECT key, paper FROM alias WHERE key IN", keys))

    def of_paper(self, paper: int) -> list[ListingRow]:
        """The listings of a paper in the database."""
        return list(select(self.connection, "paper = ?", (paper,)))

    def claimants(self, doi: str) -> set[str]:
        """The arXiv ids that state a DOI."""
        return self.claimants_of([doi])[doi]

    def claimants_of(self, dois: Collection[str]) -> dict[str, set[str]]:
        """The arXiv ids that state each of the DOIs."""
        found = {doi: {node for node in self._by_doi[doi] if node.startswith(ARXIV)} for doi in dois}
        for doi, key in rows_of(self.connection, "SELECT doi, key FROM listing WHERE doi IN", dois):
            node = node_of(key)
            if node.startswith(ARXIV):
                found[doi].add(node)
        return found


def rows_of(connection: sqlite3.Connection, select: str, values: Iterable[str]) -> Iterator[Row]:
    """The rows of a SELECT that ends with `IN`, for any number of values."""
    listed = list(values)
    for start in range(0, len(listed), GROUP):
        group = listed[start : start + GROUP]
        yield from connection.execute(f"{select} ({', '.join('?' * len(group))})", group)


@dataclass(slots=True)
class Component:
    """Nodes that are one paper, and their listings."""

    nodes: set[str]
    rows: list[ListingRow]
    claimed: set[str] = field(default_factory=set)
    """DOIs that no other paper states."""


class Components:
    """Resolves nodes, and all that depends on the same evidence, to papers."""

    def __init__(self, rows: Rows, decisions: Decisions) -> None:
        self._rows, self._decisions = rows, decisions
        self._papers: set[int] = set()
        self._of_node: defaultdict[str, list[ListingRow]] = defaultdict(list)
        self._claimants: dict[str, set[str]] = {}
        self._owners: dict[str, str] = {}

    @property
    def papers(self) -> set[int]:
        """The papers of the database whose listings were resolved again."""
        return self._papers

    def resolve(self, nodes: Iterable[str]) -> list[Component]:
        """The papers of these nodes and of those that share evidence with them; none is a title."""
        todo, seen = list(nodes), set[str]()
        while todo:
            node = todo.pop()
            if node not in seen and not node.startswith(TITLE):
                seen.add(node)
                todo += self._neighbours(node)
        self._owners = {doi: owner for doi in self._claimants if (owner := self._owner(doi)) is not None}
        return self._components(seen)

    def _neighbours(self, node: str) -> set[str]:
        self._of_node[node] += self._rows.pending.get(node, ())
        found = set(self._decisions.groups.get(node, ()))
        found |= self._load(self._rows.paper_of(node))
        dois = {row.doi for row in self._of_node[node] if row.doi is not None}
        if node.startswith(DOI):
            dois.add(node)
        for doi in dois:
            self._claimants[doi] = self._rows.claimants(doi)
            found |= {doi, *self._claimants[doi]}
        return found

    def _load(self, paper: int | None) -> set[str]:
        """The nodes of a paper as it is in the database."""
        if paper is None or paper in self._papers:
            return set()
        self._papers.add(paper)
        rows = [row for row in self._rows.of_paper(paper) if not row.key.startswith(TITLE)]
        for row in rows:
            self._of_node[node_of(row.key)].append(row)
        return {node_of(row.key) for row in rows}

    def _components(self, nodes: set[str]) -> list[Component]:
        members = {node: {node} for node in nodes}

        def unite(one: str, other: str) -> None:
            if other not in members[one]:
                members[one] |= members[other]
                members.update(dict.fromkeys(members[one], members[one]))

        for node in nodes & self._decisions.groups.keys():
            for other in self._decisions.groups[node] & nodes:
                unite(node, other)
        for doi, owner in sorted(self._owners.items()):
            # A DOI may have been joined with what was split from the paper that states it.
            if not self._decisions.are_split(members[doi], members[owner]):
                unite(doi, owner)
        return [self._component(each) for each in {min(each): each for each in members.values()}.values()]

    def _component(self, nodes: set[str]) -> Component:
        rows = [row for node in sorted(nodes) for row in self._of_node[node]]
        owned = {doi for doi, owner in self._owners.items() if owner in nodes}
        return Component(nodes, rows, owned)

    def _owner(self, doi: str) -> str | None:
        """The only paper that states a DOI: one of its arXiv ids."""
        claimants = sorted(self._claimants[doi])
        if not claimants or self._decisions.are_split([doi], claimants):
            return None
        return claimants[0] if set(claimants) <= self._decisions.groups.get(claimants[0], {claimants[0]}) else None
