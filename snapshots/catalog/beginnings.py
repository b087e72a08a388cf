"""The newest of very many papers that have a word with some beginning, with scores that order them as bm25 does.

FTS5 merges the papers of all words with the beginning before it gives the first one, and bm25 merges them again to
count them: among millions of papers that takes long. Here each word is looked up by itself, from the newest paper on.

What bm25 gives for one term is `c * f / (f + k)`: f says how often the paper has it, weighted by column, k depends on
nothing but the paper, and c on nothing but the term (https://www.sqlite.org/fts5.html#the_bm25_function). With endless
weights it is c. Both together give f / k of a word; the sum of these over all words is f / k of the beginning, and
the order by f / k is the order by `f / (f + k)`. Only if a beginning stands for other stems, too, whose bm25 is added
to its own, its c is needed, and so one merge.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from math import log
from typing import Final

from .search_text import quoted
from .stems import other_completions, stems_of, words_of

MANY_MATCHES: Final = 300_000
"""Papers with the beginning; the merge of fewer is quick. The longer a beginning is, the fewer papers have it: one of n
letters is not looked up word by word among fewer than n times as many papers."""
PAPERS_A_WORD: Final = 200
"""Papers of the catalog that FTS5 merges, for a short beginning, while one word is looked up."""

_ENDLESS: Final = 1e15
_MOST: Final = 2.2
"""k1 + 1 of FTS5's bm25: what its `f * (k1 + 1) / (f + k)` tends to."""
_LEAST_RARITY: Final = 1e-6
"""FTS5's weight of a term that most papers have."""
_DIGITS: Final = 9
"""Of a score that count: sums of equal numbers differ after the fifteenth, and equal papers go by day and key."""

# A row of `word` is one occurrence: the next word is found without reading the others.
_NEXT_WORD: Final = "SELECT term FROM word WHERE term >= ? LIMIT 1"
_AFTER: Final = " "
"""Comes before each character of a word."""
_OLDEST: Final = "SELECT rowid FROM ft WHERE ft MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?"
_NEWEST: Final = "SELECT rowid, {scores} FROM ft WHERE ft MATCH ? AND rowid > ? ORDER BY rowid DESC"
_COUNT: Final = "SELECT count(*) FROM ft WHERE ft MATCH ?"
_NEWER: Final = "SELECT count(*) FROM (SELECT 1 FROM ft_docsize WHERE id > ? LIMIT ?)"


def newest_by_beginning(
    connection: sqlite3.Connection, beginning: str, count: int, weights: tuple[float, ...]
) -> list[tuple[int, float]] | None:
    """The newest papers with a word that begins so, as many as `count`, with scores of which the lowest is the best.

    None where FTS5 itself is as quick: fewer papers than that, not very many, or very many different words.
    """
    papers = connection.execute("SELECT max(seq) FROM arrival").fetchone()[0] or 0
    if papers < MANY_MATCHES * len(beginning):
        return None
    words = _words(connection, beginning, papers // PAPERS_A_WORD)
    if not words:
        return None
    others = [word for word in map(quoted, other_completions(beginning)) if _is_found(connection, word)]
    oldest = connection.execute(_OLDEST, (" OR ".join([*words, *others]), count)).fetchone()
    if oldest is None:
        return None
    newer = count * papers // MANY_MATCHES
    if connection.execute(_NEWER, (*oldest, newer)).fetchone()[0] >= newer:
        return None
    scores = _scores(connection, words, oldest[0], weights)
    if others:
        scores = _with_others(connection, scores, _weight(connection, beginning), others, oldest[0], weights)
    return [(paper, -round(score, _DIGITS)) for paper, score in scores.items()]


def _words(connection: sqlite3.Connection, beginning: str, most: int) -> list[str] | None:
    """A word, quoted, for each stem of the index that begins so, if there are not more."""
    tokens = stems_of([beginning])[0]
    if len(tokens) != 1:
        return None
    stems: list[str] = []
    stem = _next_stem(connection, tokens[0])
    while stem is not None and stem.startswith(tokens[0]):
        if len(stems) == most:
            return None
        stems.append(stem)
        stem = _next_stem(connection, stem + _AFTER)
    words = words_of(stems)
    return None if words is None else list(map(quoted, words))


def _next_stem(connection: sqlite3.Connection, least: str) -> str | None:
    row = connection.execute(_NEXT_WORD, (least,)).fetchone()
    return None if row is None else str(row[0])


def _is_found(connection: sqlite3.Connection, word: str) -> bool:
    return connection.execute("SELECT 1 FROM ft WHERE ft MATCH ? LIMIT 1", (word,)).fetchone() is not None


def _scores(
    connection: sqlite3.Connection, words: list[str], oldest: int, weights: tuple[float, ...]
) -> dict[int, float]:
    """f / k of the beginning, for each of the papers that are newer than the oldest."""
    select = _NEWEST.format(scores=f"{_bm25(weights)}, {_bm25([_ENDLESS] * len(weights))}")
    sums: dict[int, float] = defaultdict(float)
    for word in words:
        for paper, score, most in connection.execute(select, (word, oldest)):
            sums[paper] += score / (most - score)
    return sums


def _bm25(weights: Sequence[float]) -> str:
    return f"bm25(ft, {', '.join(map(str, weights))})"


def _weight(connection: sqlite3.Connection, beginning: str) -> float:
    """What bm25 multiplies with `f / (f + k)` of the beginning: the rarer it is, the more."""
    (papers,) = connection.execute("SELECT count(*) FROM ft_docsize").fetchone()
    (having,) = connection.execute(_COUNT, (f"{quoted(beginning)}*",)).fetchone()
    rarity = log((papers - having + 0.5) / (having + 0.5))
    return _MOST * (rarity if rarity > 0 else _LEAST_RARITY)


def _with_others(
    connection: sqlite3.Connection,
    scores: dict[int, float],
    weight: float,
    others: list[str],
    oldest: int,
    weights: tuple[float, ...],
) -> dict[int, float]:
    """The scores of the beginning as bm25 has them, with those of the other words added."""
    sums = defaultdict(float, {paper: weight * score / (score + 1) for paper, score in scores.items()})
    for word in others:
        for paper, score in connection.execute(_NEWEST.format(scores=_bm25(weights)), (word, oldest)):
            sums[paper] -= score
    return sums
