"""Full-text search: all words, the best first; where very many papers match, the newest of them are ranked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from heapq import nsmallest
from typing import Final

from .model import SearchResult, Selection
from .reading import PaperReader
from .schema import DAY_SHIFT
from .search_text import SearchText, Term, parse_search
from .selection import conditions_of
from .stems import stems_of_completions

MAX_RANKED: Final = 20_000
"""Matches that are ranked: SQLite's rank of a word that half of a million papers have takes seconds."""
WEIGHTS: Final = (10.0, 1.0, 3.0)
"""Of the title, the abstract and the authors in bm25 (https://www.sqlite.org/fts5.html#the_bm25_function)."""

_GROUP: Final = 500
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
    checks = "".join(f" AND {condition.check}" for condition in conditions)
    values = [value for condition in conditions for value in condition.values]
    source = "ft JOIN paper ON paper.id = ft.rowid" if conditions else "ft"
    matching = f"FROM {source} WHERE ft MATCH ?{checks}"
    match = expression(query)
    newest = f"SELECT ft.rowid {matching} ORDER BY ft.rowid DESC LIMIT 1 OFFSET {MAX_RANKED}"
    beyond = connection.execute(newest, (match, *values)).fetchone()
    bound = beyond[0] if beyond is not None else 0
    ranked = f"SELECT ft.rowid, bm25(ft, {', '.join(map(str, WEIGHTS))}) {matching} AND ft.rowid > {bound}"
    found = connection.execute(ranked, (match, *values)).fetchall()
    best = papers.read(_best(connection, found, limit))
    return SearchResult(best, len(found), ranked_newest=bound > 0, cut=query.cut, words=words)


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
        return _quoted(" ".join(term.words))
    (word,) = term.words
    alternatives = [f"{_quoted(word)}*", *map(_quoted, stems_of_completions(word))]
    return f"({' OR '.join(alternatives)})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


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
