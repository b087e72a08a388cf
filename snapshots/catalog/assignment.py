"""Gives each listing its paper: those with ids first, then those with a title alone."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from .identity import ARXIV_DOI, DECIDED, OWN, STATED, Component, Components, Rows
from .joins import Decisions
from .keys import ARXIV, DOI, TITLE, canonical, node_of, title_key, title_number
from .listing import INSERT, ListingRow
from .merged import first_day
from .model import Record
from .paper_table import PaperTable
from .schema import TITLE_INDEX
from .titles import Agreement, Cluster, Titles

_ALIAS: Final = "INSERT INTO alias(key, paper, evidence, confidence) VALUES(?, ?, ?, ?)"
_MOVE: Final = "UPDATE listing SET paper = ? WHERE series = ? AND day = ? AND key = ?"
_HAS_TITLES: Final = f"SELECT EXISTS(SELECT 1 FROM alias WHERE key >= '{TITLE}' AND key < 'title;')"
_HAS_IDS: Final = f"SELECT EXISTS(SELECT 1 FROM listing WHERE paper = ? AND NOT (key >= '{TITLE}' AND key < 'title;'))"


class NewPaper(NamedTuple):
    """A paper that is not in the database yet."""

    key: str
    rows: list[ListingRow]
    keys: tuple[str, ...]
    """All keys that lead to it."""


class Assignment:
    """The papers of listings that came, changed or went."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        papers: PaperTable,
        record: Callable[[ListingRow], Record],
        folders: dict[int, str],
        decisions: Decisions,
    ) -> None:
        """`record` reads the record of a listing; `folders` are those of the series, by number."""
        self._connection, self._papers, self._folders, self._decisions = connection, papers, folders, decisions
        self._rows = Rows(connection)
        self._titles = Titles(connection, record, folders, decisions)
        self._loose: defaultdict[int, list[ListingRow]] = defaultdict(list)
        """New listings without an id, by title."""
        self._changed_titles: set[int] = set()
        self._dirty: set[str] = set()
        """Nodes with an id whose evidence changed."""
        self.touched: set[int] = set()
        """Papers of the database whose record may have changed, or that may have no listing any more."""
        self.new: dict[int, NewPaper] = {}
        """Papers that are not in the database yet."""
        self._listings: list[ListingRow] = []
        self._aliases: list[tuple[str, int, str, float]] = []
        """Rows that are not written yet."""

    def touch(self, keys: Iterable[str]) -> None:
        """Resolve these keys again."""
        for key in keys:
            if key.startswith(TITLE):
                self._changed_titles.add(title_number(key))
            else:
                self._dirty.add(key)

    def add(self, row: ListingRow) -> None:
        """A listing that came."""
        if row.key.startswith(TITLE):
            self._loose[row.title].append(row)
            self._changed_titles.add(row.title)
        else:
            self._rows.add(row)

    def change(self, before: ListingRow, after: ListingRow) -> None:
        """A listing whose record or place in its file changed."""
        if before._replace(offset=0, length=0) == after._replace(offset=0, length=0):
            return
        self.touched.add(after.paper)
        if before.digest == after.digest:
            return
        self._changed_titles.add(before.title)
        if before.doi != after.doi:
            self._dirty |= {node_of(after.key), *filter(None, (before.doi, after.doi))}

    def remove(self, row: ListingRow) -> None:
        """A listing that is gone."""
        self.touched.add(row.paper)
        self._changed_titles.add(row.title)
        if not row.key.startswith(TITLE):
            self._dirty |= {node_of(row.key), *filter(None, (row.doi,))}

    def assign(self) -> None:
        """Give the listings that are in no paper yet their papers, and those whose evidence changed."""
        self._assign_at_once()
        self._flush()
        if self._dirty:
            self._resolve(self._dirty)
            self._flush()
        self._assign_titles()
        self._flush()

    def _assign_at_once(self) -> None:
        """Assign the nodes that need no other to be resolved; the others are left to `_resolve`."""
        pending = self._rows.pending
        dois = {node: {row.doi for row in rows if row.doi is not None} for node, rows in pending.items()}
        stated = set[str]().union(*dois.values())
        papers, claimants = self._rows.papers_of(pending.keys() | stated), self._rows.claimants_of(stated)
        changed = self._dirty | self._decisions.keys
        for node, rows in list(pending.items()):
            claimed = {doi: claimants[doi] for doi in dois[node]}
            if changed.isdisjoint((node, *claimed)) and self._assign_alone(node, rows, claimed, papers):
                del pending[node]
            else:
                self._dirty.add(node)
                changed.add(node)

    def _assign_alone(
        self, node: str, rows: list[ListingRow], claimed: dict[str, set[str]], papers: Mapping[str, int]
    ) -> bool:
        """Assign a node of which nothing new is known, or that is new and alone; False for any other."""
        paper, stated = papers.get(node), _stated(node, rows)
        if paper is not None:
            if len(stated) > 1 or any(papers.get(doi) != paper for doi in claimed):
                return False
            self._put(paper, rows)
            self.touched.add(paper)
            return True
        is_taken = any(nodes != {node} or doi in papers or doi in self._rows.pending for doi, nodes in claimed.items())
        if is_taken or not node.startswith(ARXIV):
            return False
        self._add_paper(node, rows, [*stated, *((doi, STATED, 1.0) for doi in claimed)])
        return True

    def _resolve(self, nodes: set[str]) -> None:
        components = Components(self._rows, self._decisions)
        found = [component for component in components.resolve(nodes) if component.rows]
        owners = {key: self._rows.paper_of(key) for component in found for key in component.nodes}
        delete = f"DELETE FROM alias WHERE paper = ? AND NOT (key >= '{TITLE}' AND key < 'title;')"
        self._connection.executemany(delete, [(paper,) for paper in components.papers])
        self.touched |= components.papers
        taken: set[int] = set()
        for component in sorted(found, key=lambda each: min(each.nodes, key=canonical)):
            key = min((node_of(row.key) for row in component.rows), key=canonical)
            used = sorted({row.paper for row in component.rows if row.paper} - taken)
            paper = owners[key] if owners[key] in used else used[0] if used else None
            if paper is None:
                self._add_paper(key, component.rows, _aliases(key, component))
            else:
                taken.add(paper)
                self._put(paper, component.rows)
                self._aliases += [_with_paper(each, paper) for each in _aliases(key, component)]

    def _add_paper(self, key: str, rows: list[ListingRow], aliases: Iterable[tuple[str, str, float]]) -> None:
        paper = self._papers.new_id(first_day(rows, self._folders))
        found = [_with_paper(alias, paper) for alias in aliases]
        self._aliases += found
        self.new[paper] = NewPaper(key, self._put(paper, rows), tuple([alias[0] for alias in found]))

    def _put(self, paper: int, rows: Sequence[ListingRow]) -> list[ListingRow]:
        """Write listings that are new, and move those that were another paper's; gives all with their paper."""
        new = [row.with_paper(paper) for row in rows if row.paper == 0]
        self._listings += new
        if len(new) == len(rows):
            return new
        moved = [row for row in rows if row.paper not in {0, paper}]
        self._connection.executemany(_MOVE, [(paper, row.series, row.day, row.key) for row in moved])
        self.touched |= {row.paper for row in moved}
        return [row if row.paper == paper else row.with_paper(paper) for row in rows]

    def _assign_titles(self) -> None:
        if not self._loose and not self._connection.execute(_HAS_TITLES).fetchone()[0]:
            return
        self._connection.execute(TITLE_INDEX)
        titles = self._titles.with_joined(filter(self._is_title_only, self._changed_titles | self._titles_of_papers()))
        clusters: list[Cluster] = []
        for title in sorted(titles):
            key = title_key(title)
            clusters += self._titles.resolve(title, self._loose.pop(title, ()))
            # Its own alias, and those of other papers with this title, which have a hyphen and more.
            self._connection.execute("DELETE FROM alias WHERE key >= ? AND key < ?", (key, key + "."))
        taken: set[int] = set()
        for group in self._joined(clusters):
            self._put_clusters(group, taken)

    def _is_title_only(self, title: int) -> bool:
        return title in self._loose or self._rows.paper_of(title_key(title)) is not None

    def _titles_of_papers(self) -> set[int]:
        """The titles of all papers that may have changed."""
        found = {row.title for paper in self.new.values() for row in paper.rows}
        for paper in self.touched:
            found |= {row[0] for row in self._connection.execute("SELECT title FROM listing WHERE paper = ?", (paper,))}
        return found

    def _joined(self, clusters: list[Cluster]) -> list[list[Cluster]]:
        """The clusters of each paper: those that decisions join are one; if one has a paper with an id, all have it."""
        papers: defaultdict[frozenset[str], set[int]] = defaultdict(set)
        for cluster in clusters:
            if cluster.paper is not None and cluster.key in self._decisions.groups:
                papers[self._decisions.groups[cluster.key]].add(cluster.paper)
        groups: dict[object, list[Cluster]] = {}
        for cluster in clusters:
            decided = self._decisions.groups.get(cluster.key, frozenset())
            if cluster.paper is None and len(papers.get(decided, ())) == 1:
                (cluster.paper,) = papers[decided]
                cluster.agreement = Agreement(DECIDED, 1.0)
            group = (decided or cluster.key) if cluster.paper is None else cluster.paper
            groups.setdefault(group, []).append(cluster)
        return list(groups.values())

    def _put_clusters(self, clusters: list[Cluster], taken: set[int]) -> None:
        rows = [row for cluster in clusters for row in cluster.rows]
        paper = clusters[0].paper
        aliases = [
            (cluster.key, *((DECIDED, 1.0) if paper is None and number else cluster.agreement))
            for number, cluster in enumerate(sorted(clusters, key=lambda cluster: cluster.key))
        ]
        if paper is None:
            used = sorted({row.paper for row in rows if row.paper} - taken)
            paper = next((each for each in used if not self._connection.execute(_HAS_IDS, (each,)).fetchone()[0]), None)
        if paper is None:
            self._add_paper(aliases[0][0], rows, aliases)
            return
        taken.add(paper)
        put = self._put(paper, rows)
        self._aliases += [_with_paper(alias, paper) for alias in aliases]
        if paper in self.new:
            new = self.new[paper]
            self.new[paper] = NewPaper(new.key, [*new.rows, *put], (*new.keys, *(alias[0] for alias in aliases)))
        else:
            self.touched.add(paper)

    def _flush(self) -> None:
        self._connection.executemany(INSERT, self._listings)
        self._connection.executemany(_ALIAS, self._aliases)
        self._listings, self._aliases = [], []


def _with_paper(alias: tuple[str, str, float], paper: int) -> tuple[str, int, str, float]:
    key, evidence, confidence = alias
    return key, paper, evidence, confidence


def _stated(node: str, rows: Iterable[ListingRow]) -> set[tuple[str, str, float]]:
    """The node, and the keys of its records that are the DOI that arXiv gave it."""
    return {(node, OWN, 1.0), *((row.key, ARXIV_DOI, 1.0) for row in rows if row.key != node)}


def _aliases(key: str, component: Component) -> list[tuple[str, str, float]]:
    """All keys that lead to the paper of a component, each once, its own first."""
    evidence: dict[str, str] = {key: OWN}
    for node in sorted(component.nodes, key=canonical):
        if node.startswith(DOI):
            evidence.setdefault(node, STATED if node in component.claimed else DECIDED)
        else:
            evidence.setdefault(node, DECIDED)
    for row in component.rows:
        if row.key not in evidence:
            evidence[row.key] = ARXIV_DOI
    return [(each, why, 1.0) for each, why in evidence.items()]
