"""The stems of the words that begin with some letters, for `prefix*`.

The index has stems: of `generation` it has `gener`, which does not begin with `generat`. So a prefix also stands for
the stems of its completions: the prefix with the endings that Porter's algorithm removes. The tokenizer of the index
makes the stems.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache
from typing import Final

TOKENIZER: Final = "porter unicode61 remove_diacritics 2"

MIN_STEM: Final = 3

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
def stems_of_completions(prefix: str) -> tuple[str, ...]:
    """Stems of longer words that begin with the prefix, where the stem itself does not."""
    if not prefix.isascii() or len(prefix) <= MIN_STEM:
        return ()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE word USING fts5(text, tokenize='{TOKENIZER}', detail='none')")
        connection.execute("CREATE VIRTUAL TABLE stem USING fts5vocab(word, 'row')")
        connection.execute("INSERT INTO word VALUES(?)", (" ".join(prefix + tail for tail in _TAILS),))
        stems = [stem for (stem,) in connection.execute("SELECT term FROM stem")]
    return tuple(stem for stem in stems if len(stem) >= MIN_STEM and not stem.startswith(prefix.lower()))
