"""Which records without an id are one paper, and whether it is one that has an id: by title and witnesses.

A false join is worse than a missed one. Titles are compared as their keys are: letters and digits only. The number of
authors, their names, the date of publication and the abstract are witnesses; one that contradicts is enough to keep
two records apart. A short title (`Editorial`) needs witnesses that agree; a long one is believed where nothing is known
against it.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from .identity import DECIDED, OWN
from .joins import Decisions
from .keys import TITLE, distinct_title_key, title_key, title_number
from .listing import ListingRow, select
from .model import Record

MIN_WORDS: Final = 4
MIN_LETTERS: Final = 20
"""A title with fewer is short."""
CERTAIN: Final = 0.99
PROBABLE: Final = 0.9
"""Confidence of a long title alone."""
MAX_DAYS: Final = 1
"""Sites show the day of publication in different time zones."""
SIMILAR: Final = 0.6
DIFFERENT: Final = 0.25
"""Shares of common words from which two abstracts are the same text, and below which they are not."""
MIN_ABSTRACT: Final = 20
"""Words; a shorter abstract proves nothing."""

_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"\d+(?:\.\d+)*|[+#*]")


class Agreement(NamedTuple):
    """Two records are one paper: why, and how certain that is."""

    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Witness:
    """What a record says beside its title."""

    is_long: bool
    """Whether its title is long."""
    author_count: int | None
    names: frozenset[str]
    """Family names, folded."""
    published: date | None
    is_inferred: bool
    """The year of `published` was inferred."""
    words: frozenset[str]
    """Of the abstract."""
    signs: tuple[str, ...]
    """What the key of a title leaves out that is not punctuation: 1.5 is not 15, C++ not C, A* not A."""

    @property
    def text(self) -> str:
        """What distinguishes the paper from another one with its title."""
        lists = (" ".join(sorted(words)) for words in (self.names, self.signs, self.words))
        return "|".join([f"{self.author_count}", f"{self.published}", *lists])


def witness_of(record: Record) -> Witness:
    """The witness of a record."""
    words = _WORD.findall(record["title"])
    names = frozenset(filter(None, (_family_name(author["name"]) for author in record["authors"])))
    abstract = frozenset(_WORD.findall((record["abstract"] or "").casefold()))
    return Witness(
        is_long=len(words) >= MIN_WORDS and sum(map(len, words)) >= MIN_LETTERS,
        author_count=record["author_count"] if record["author_count"] is not None else len(names) or None,
        names=names,
        published=date.fromisoformat(record["published"]) if record["published"] else None,
        is_inferred=record["published_inferred"],
        signs=_signs(record["title"]),
        words=abstract if len(abstract) >= MIN_ABSTRACT else frozenset(),
    )


def _signs(title: str) -> tuple[str, ...]:
    # Marks that are no part of a letter, such as the vowels of Hindi, but for those that only choose a picture.
    marks = (mark for mark in unicodedata.normalize("NFKC", title) if unicodedata.category(mark) in {"Mn", "Mc"})
    return (*_SIGN.findall(title), *(mark for mark in marks if not "\ufe00" <= mark <= "\ufe0f"))


def agreement(one: Witness, other: Witness) -> Agreement | None:
    """Whether two records with the same title are one paper; None if they are not, or if too little is known."""
    checks = {
        _authors(one): _same_count(one, other),
        "the same names": _same_names(one, other),
        f"published {one.published}": _same_date(one, other),
        "the same abstract": _same_abstract(one, other),
    }
    if False in checks.values() or one.signs != other.signs:
        return None
    agreeing = [name for name, agrees in checks.items() if agrees]
    if not agreeing and not one.is_long:
        return None
    if not one.is_long and len(agreeing) == 1 and not {"the same names", "the same abstract"} & set(agreeing):
        return None
    return Agreement(", ".join(["same title", *agreeing]), CERTAIN if agreeing else PROBABLE)


def _authors(one: Witness) -> str:
    return "1 author" if one.author_count == 1 else f"{one.author_count} authors"


def _same_count(one: Witness, other: Witness) -> bool | None:
    if one.author_count is None or other.author_count is None:
        return None
    return one.author_count == other.author_count


def _same_names(one: Witness, other: Witness) -> bool | None:
    if not one.names or not other.names:
        return None
    return len(one.names & other.names) * 2 > max(len(one.names), len(other.names))


def _same_date(one: Witness, other: Witness) -> bool | None:
    if one.published is None or other.published is None:
        return None
    if one.is_inferred or other.is_inferred:
        return _days_in_a_year(one.published, other.published) <= MAX_DAYS
    return abs((one.published - other.published).days) <= MAX_DAYS


def _days_in_a_year(one: date, other: date) -> int:
    """Days between two dates whose years are not certain."""
    days = abs(one.replace(year=2000).toordinal() - other.replace(year=2000).toordinal())
    return min(days, 366 - days)


def _same_abstract(one: Witness, other: Witness) -> bool | None:
    """None for texts that are neither the same nor different: the abstract of a new version is often rewritten."""
    if not one.words or not other.words:
        return None
    share = len(one.words & other.words) / len(one.words | other.words)
    return True if share >= SIMILAR else False if share < DIFFERENT else None


def _family_name(name: str) -> str:
    """`Łukasz Kaiser`, `Kaiser, Łukasz` and `Ł. Kaiser` are all `kaiser`."""
    family = name.partition(",")[0] if "," in name else "".join(name.split()[-1:])
    folded = unicodedata.normalize("NFKD", family).casefold()
    return "".join(filter(str.isalnum, folded))


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
