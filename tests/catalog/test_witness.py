"""How much alike two records with the same title must be: the edges of each witness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dailypapers.snapshots.catalog.fields import EMPTY_RECORD
from dailypapers.snapshots.catalog.model import Record
from dailypapers.snapshots.catalog.titles import agreement, witness_of

LONG, SHORT = "Attention over graphs of molecules", "Editorial"
TITLE = "same title"


def record(title: str = LONG, names: Sequence[str] = (), **fields: Any) -> Record:
    authors = [{"name": name, "user": None, "hidden": None, "affiliation": None} for name in names]
    return {**EMPTY_RECORD, "title": title, "authors": authors, **fields}


def evidence(one: Record, other: Record) -> str | None:
    """Why the two are one paper, in whichever order they are compared; None if they are not."""
    found, reverse = agreement(witness_of(one), witness_of(other)), agreement(witness_of(other), witness_of(one))
    assert (found is None) == (reverse is None)
    assert found is None or found.confidence == (0.9 if found.evidence == TITLE else 0.99)
    return None if found is None else found.evidence


def words(first: int, last: int) -> str:
    return " ".join(f"word{number}" for number in range(first, last))


@pytest.mark.parametrize(
    ("title", "is_long"),
    [
        ("Learning from several examples", True),
        ("Extraordinarily longwinded characterizations", False),
        ("aaaaa bbbbb ccccc ddddd", True),
        ("aaaaa bbbbb ccccc dddd", False),
    ],
)
def test_a_long_title_has_four_words_and_twenty_letters(title: str, is_long: bool) -> None:
    assert evidence(record(title), record(title)) == (TITLE if is_long else None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # 15 of 25 words are common, 14 of 26, 8 of 32, 7 of 33.
        (words(0, 20), words(5, 25), f"{TITLE}, the same abstract"),
        (words(0, 20), words(6, 26), TITLE),
        (words(0, 20), words(12, 32), TITLE),
        (words(0, 20), words(13, 33), None),
        (words(0, 19), words(30, 50), TITLE),
        (words(0, 20).upper(), words(0, 20), f"{TITLE}, the same abstract"),
    ],
)
def test_abstracts_are_compared_by_their_common_words(one: str, other: str, expected: str | None) -> None:
    assert evidence(record(abstract=one), record(abstract=other)) == expected


@pytest.mark.parametrize(
    ("one", "other", "is_inferred", "is_same"),
    [
        ("2025-12-08", "2025-12-09", False, True),
        ("2025-12-08", "2025-12-10", False, False),
        ("2025-12-31", "2026-01-01", False, True),
        ("2025-12-31", "2025-01-01", True, True),
        ("2025-12-31", "2025-01-02", True, False),
        ("2025-12-08", "2023-12-09", True, True),
        ("2025-12-08", "2023-12-09", False, False),
        ("2024-02-29", "2025-03-01", True, True),
    ],
)
def test_days_of_publication_may_differ_by_one(one: str, other: str, is_inferred: bool, is_same: bool) -> None:
    found = evidence(record(published=one, published_inferred=is_inferred), record(published=other))
    assert found == (f"{TITLE}, published {one}" if is_same else None)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (["Łukasz Kaiser"], ["Kaiser, Ł."], True),
        (["ada lovelace"], ["A. LOVELACE"], True),
        (["José Núñez"], ["Nunez"], True),
        (["Ada O'Neill"], ["A. ONeill"], True),
        (["A. B", "C. D", "E. F"], ["A. B", "C. D", "G. H"], True),
        (["A. B", "C. D"], ["A. B", "E. F"], False),
    ],
)
def test_more_than_half_of_the_family_names_are_the_same(one: list[str], other: list[str], is_same: bool) -> None:
    count = f"{len(one)} author{'s' if len(one) > 1 else ''}"
    found = evidence(record(SHORT, one), record(SHORT, other))
    assert found == (f"{TITLE}, {count}, the same names" if is_same else None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"author_count": 3}, {"author_count": 3}, None),
        ({"author_count": 3, "published": "2025-12-08"}, {"author_count": 3, "published": "2025-12-08"},
         f"{TITLE}, 3 authors, published 2025-12-08"),
        ({"published": "2025-12-08"}, {"published": "2025-12-08"}, None),
        ({"abstract": words(0, 20)}, {"abstract": words(0, 20)}, f"{TITLE}, the same abstract"),
        ({"names": ["A. B"], "author_count": 2}, {"names": ["A. B"], "author_count": 3}, None),
        ({"names": ["A. B"], "author_count": 2}, {"names": ["A. B"]}, None),
        ({"names": ["A. B"], "author_count": 2}, {"names": ["A. B", "C. D"]}, None),
    ],
)  # fmt: skip
def test_what_joins_a_short_title(one: dict[str, Any], other: dict[str, Any], expected: str | None) -> None:
    assert evidence(record(SHORT, **one), record(SHORT, **other)) == expected
