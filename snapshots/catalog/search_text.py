"""Text as it is indexed, and queries: both are folded in the same way.

FTS5's `unicode61` removes diacritics, but not what is a letter of its own (`ł`), and it takes a run of Chinese,
Japanese or Korean for one word. Here such letters become plain ones, and each character of such a run a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

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
