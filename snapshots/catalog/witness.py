"""Whether two records with the same title are one paper, by what else they say.

A false join is worse than a missed one. Titles are compared as their keys are: letters and digits only. The number of
authors, their names, the date of publication and the abstract are witnesses; one that contradicts is enough to keep
two records apart. A short title (`Editorial`) needs witnesses that agree; a long one is believed where nothing is known
against it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from .record import Record

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
