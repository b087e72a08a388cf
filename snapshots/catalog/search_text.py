"""Text as it is indexed, and queries: both are folded in the same way.

FTS5's `unicode61` removes diacritics, but not what is a letter of its own (`ł`), and it takes a run of Chinese,
Japanese or Korean for one word. Here such letters become plain ones, and each character of such a run a word.

The index has stems, which its tokenizer makes: of `generation` it has `gener`, which does not begin with `generat`. So
a prefix (`generat*`) also stands for the stems of its completions: the prefix with the endings that Porter's algorithm
removes. A stem may have a stem of its own: of `house` the index has `hous`, and a search for `hous` looks for `hou`.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
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


MAX_WORDS: Final = 32
MAX_LENGTH: Final = 4000
"""Characters of a query."""

_LETTERS: Final = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ŧ": "t",
        "Ŧ": "T", "ı": "i", "İ": "I", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th",
        "Þ": "Th",
    }
)  # fmt: skip

# Han, Hiragana, Katakana, Bopomofo and Hangul, without their punctuation.
_RANGES: Final = (
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u3099-\u309a\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7a3\ud7b0-\ud7ff\uf900-\ufaff\U00020000-\U000323af"
)
# Patterns of these are compiled when one is used: that takes longer than to read a catalog that needs none.
_IDEOGRAPH: Final = f"([{_RANGES}])"
# Marks that are written inside words; FTS5 takes such a word apart, and then finds its parts as a phrase.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e31-\u0e4e"
    "\u0eb1-\u0ecd\u1000-\u109f"
)
# A word of the index is letters, digits and marks; a run of ideographs is taken apart.
_TOKEN: Final = f"([{_RANGES}]+)|((?:(?![{_RANGES}_])[\\w{_MARKS}])+)(\\*?)"
_PARTS = re.compile(r'"([^"]*)"?|([^"]+)')

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One word, words that stand beside each other, or the beginning of a word."""

    words: Words
    is_prefix: bool = False

    def __str__(self) -> str:
        text = " ".join(self.words)
        return f"{text}*" if self.is_prefix else text if len(self.words) == 1 else f'"{text}"'


@dataclass(frozen=True, slots=True)
class SearchText:
    """A query: all its terms must be in a paper."""

    terms: tuple[Term, ...]
    cut: bool
    """It was longer than MAX_LENGTH or had more than MAX_WORDS; the rest is ignored."""


def folded(text: str | None) -> str | None:
    """The text as it is given to the index."""
    if text is None or text.isascii():
        return text
    return re.sub(_IDEOGRAPH, r" \1 ", _plain(text))


def parse_search(text: str) -> SearchText:
    """A query from any text: words, `"phrases"` and `prefix*`; everything else separates. Nothing is an error."""
    terms: list[Term] = []
    room = MAX_WORDS
    for match in _PARTS.finditer(_plain(text[:MAX_LENGTH])):
        quoted, plain = match.groups()
        for term in _phrase(quoted) if quoted is not None else _words(plain):
            if len(term.words) > room:
                kept = [*terms, Term(term.words[:room])] if room else terms
                return SearchText(tuple(kept), cut=True)
            terms.append(term)
            room -= len(term.words)
    return SearchText(tuple(terms), cut=len(text) > MAX_LENGTH)


def quoted(text: str) -> str:
    """The text as a string of FTS5's syntax (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""
    return '"' + text.replace('"', '""') + '"'


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LETTERS)


def _phrase(text: str) -> list[Term]:
    words = tuple(word for term in _words(text) for word in term.words)
    return [Term(words)] if words else []


def _words(text: str) -> list[Term]:
    """The words of a text; a run of ideographs is a phrase, because each of them is a word of the index."""
    terms: list[Term] = []
    for match in re.finditer(_TOKEN, text):
        ideographs, word, star = match.groups()
        if ideographs:
            terms.append(Term(tuple(ideographs)))
        elif any(map(str.isalnum, word)):
            terms.append(Term((word,), is_prefix=star == "*"))
    return terms
