"""The stems that the index has of words, and of the words that begin with some letters, for `prefix*`.

The index has stems: of `generation` it has `gener`, which does not begin with `generat`. So a prefix also stands for
the stems of its completions: the prefix with the endings that Porter's algorithm removes. The tokenizer of the index
makes the stems.

A stem may have a stem of its own: of `house` the index has `hous`, and a search for `hous` looks for `hou`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from typing import Final

TOKENIZER: Final = "porter unicode61 remove_diacritics 2"

MIN_STEM: Final = 3

SILENT: Final = "e"
"""With this ending, each of the 401 stems in 1,840 abstracts that have stems of their own is a word with that stem."""

# https://tartarus.org/martin/PorterStemmer/def.txt, as they end words; longer ones end with one of these twice.
_ENDINGS: Final = (
    "ies", "ing", "ings", "edly", "ingly", "ational", "ationally", "tional", "tionally", "encies", "ancies", "izers",
    "ably", "ibly", "ally", "ently", "antly", "ely", "ously", "izations", "ations", "ators", "alism", "iveness",
    "fulness", "ousness", "alities", "ivities", "bilities", "icates", "atives", "alizes", "alized", "alizing",
    "icities", "ically", "fully", "nesses", "als", "ances", "ences", "ers", "ics", "able", "ible", "ants", "ements",
    "ments", "ents", "ions", "isms", "ates", "ated", "ating", "ities", "ives", "izes", "ized", "izing", "izability",
    "ability",
)  # fmt: skip
_TAILS: Final = sorted(
    {ending[start:end] for ending in _ENDINGS for end in range(1, len(ending) + 1) for start in range(end)}
)


@lru_cache(maxsize=256)
def other_completions(prefix: str) -> tuple[str, ...]:
    """A word for each stem that does not begin with the prefix, but that longer words have which begin with it."""
    if not prefix.isascii() or len(prefix) <= MIN_STEM:
        return ()
    (stems,) = _stems_of([" ".join(prefix + tail for tail in _TAILS)])
    others = sorted({stem for stem in stems if len(stem) >= MIN_STEM and not stem.startswith(prefix.lower())})
    return tuple(
        stem if own == [stem] else f"{stem}{SILENT}" for stem, own in zip(others, _stems_of(others), strict=True)
    )


def _stems_of(texts: Sequence[str]) -> list[list[str]]:
    """The words of the index that each of the texts becomes."""
    stems: list[list[str]] = [[] for _ in texts]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE entry USING fts5(text, tokenize='{TOKENIZER}')")
        connection.execute("CREATE VIRTUAL TABLE stem USING fts5vocab(entry, 'instance')")
        connection.executemany("INSERT INTO entry(rowid, text) VALUES(?, ?)", enumerate(texts))
        for number, stem in connection.execute("SELECT doc, term FROM stem ORDER BY doc, offset"):
            stems[number].append(stem)
    return stems
