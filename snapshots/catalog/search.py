"""Full-text search: all words, the best first; where very many papers match, the newest of them are ranked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import Final

from .model import SearchResult, Selection
from .reading import PaperReader
from .schema import DAY_SHIFT
from .search_text import SearchText, Term, other_completions, parse_search, quoted
from .selection import Condition, conditions_of

MAX_RANKED: Final = 20_000
"""Matches that are ranked: SQLite's rank of a word that half of a million papers have takes seconds."""
WEIGHTS: Final = (1.0, 10.0, 3.0)
"""Of the abstract, the title and the authors in bm25 (https://www.sqlite.org/fts5.html#the_bm25_function)."""

_SCORE: Final = f"bm25(ft, {', '.join(map(str, WEIGHTS))})"
_GROUP: Final = 500
_BEST: Final = """
WITH found AS ({newest})
SELECT paper, score, (SELECT count(*) FROM found), (SELECT min(paper) FROM found) FROM found
WHERE score <= (SELECT max(score) FROM (SELECT score FROM found ORDER BY score LIMIT ?))
"""
"""The best of what is found, with their equals: fetching all would take a tenth of the time.

SQLite looks `found` up once (https://www.sqlite.org/lang_with.html#materialization_hints).
"""
_KEYS_OF_MATCHES: Final = """
WITH listed(id) AS (SELECT id FROM series WHERE folder = ?),
    newest(paper) AS (SELECT rowid FROM ft WHERE ft MATCH ? ORDER BY rowid DESC LIMIT ?)
SELECT DISTINCT listing.key FROM newest JOIN listing ON listing.paper = newest.paper
WHERE listing.series = (SELECT id FROM listed)
"""


def search(
    connection: sqlite3.Connection, papers: PaperReader, text: str, limit: int, selection: Selection
) -> SearchResult:
    """See `Catalog.search`."""
    query = parse_search(text)
    words = tuple(map(str, query.terms))
    if not query.terms:
        return SearchResult([], 0, ranked_newest=False, cut=query.cut, words=())
    conditions = list(conditions_of(connection, selection))
    found, total = _found(connection, query, conditions, limit)
    hits = papers.read(_best(connection, found, limit))
    return SearchResult(hits, min(total, MAX_RANKED), ranked_newest=total > MAX_RANKED, cut=query.cut, words=words)


def _found(
    connection: sqlite3.Connection, query: SearchText, conditions: Sequence[Condition], limit: int
) -> tuple[list[tuple[int, float]], int]:
    """The best of the newest papers with their scores, and how many were found: of too many, one more than ranked."""
    source, checks = _source(conditions)
    values = (expression(query), *(value for condition in conditions for value in condition.values))
    # In one pass: the beginnings of words and phrases of common words are slow to look up.
    ranked = f"SELECT ft.rowid AS paper, {_SCORE} AS score FROM {source} WHERE ft MATCH ?{checks}"
    best = _BEST.format(newest=f"{ranked} ORDER BY ft.rowid DESC LIMIT ?")
    # One more of both: the oldest of too many is left out again.
    limits = MAX_RANKED + 1, min(max(limit, 0), MAX_RANKED) + 1
    rows = connection.execute(best, (*values, *limits)).fetchall()
    total, oldest = rows[0][2:] if rows else (0, 0)
    is_cut = total > MAX_RANKED
    return [(paper, score) for paper, score, *_ in rows if not (is_cut and paper == oldest)], total


def _source(conditions: Sequence[Condition]) -> tuple[str, str]:
    """What is selected from, with papers only if their columns are needed: a row of them is a page of the file."""
    checks = "".join(f" AND {condition.check}" for condition in conditions)
    if any(condition.needs_columns for condition in conditions):
        # In this order: SQLite would else look up the text of every paper.
        return "ft CROSS JOIN paper ON paper.id = ft.rowid", checks
    return "ft", checks.replace("paper.id", "ft.rowid")


def matching_keys(connection: sqlite3.Connection, text: str, folder: str) -> frozenset[str]:
    """See `Catalog.matching_keys`; `folder` is that of the series."""
    query = parse_search(text)
    if not query.terms:
        return frozenset()
    return frozenset(key for (key,) in connection.execute(_KEYS_OF_MATCHES, (folder, expression(query), MAX_RANKED)))


def expression(query: SearchText) -> str:
    """The query in the syntax of FTS5; every word is quoted, so that nothing of it is syntax."""
    return " AND ".join(map(_term, query.terms))


def _term(term: Term) -> str:
    if not term.is_prefix:
        return quoted(" ".join(term.words))
    (word,) = term.words
    alternatives = [f"{quoted(word)}*", *map(quoted, other_completions(word))]
    return f"({' OR '.join(alternatives)})"


def _best(connection: sqlite3.Connection, found: list[tuple[int, float]], limit: int) -> list[int]:
    """The papers with the best scores (the lowest); of equal ones the newest, then by key."""
    if len(found) > limit > 0:
        worst = nsmallest(limit, [score for _, score in found])[-1]
        found = [each for each in found if each[1] <= worst]
    order = sorted((score, -(paper >> DAY_SHIFT), paper) for paper, score in found)
    if len(order) > limit > 0:
        last = order[limit - 1][:2]
        order = [each for each in order if each[:2] <= last]
    keys = dict(_keys(connection, [paper for _, _, paper in order]))
    order.sort(key=lambda each: (each[0], each[1], keys[each[2]]))
    return [paper for _, _, paper in order[: max(limit, 0)]]


def _keys(connection: sqlite3.Connection, papers: list[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(papers), _GROUP):
        group = papers[start : start + _GROUP]
        yield from connection.execute(f"SELECT id, key FROM paper WHERE id IN ({', '.join('?' * len(group))})", group)
