"""Names, affiliations and accents as arXiv's formats write them."""

from __future__ import annotations

from typing import Any

import pytest

from dailypapers.parsers.arxiv.author_names import comma_separated, decode_accents, turned, with_affiliations


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Ada Wick", ["Ada Wick"]),
        ("A. Wick, B. Lind", ["A. Wick", "B. Lind"]),
        ("A. Wick, Jr., B. Lind,  III", ["A. Wick Jr.", "B. Lind III"]),
        ("A. Wick (Lab, Oil), B. Lind", ["A. Wick (Lab, Oil)", "B. Lind"]),
        ("A. Wick {x, y}, B. Lind", ["A. Wick {x, y}", "B. Lind"]),
        ("A. Wick (Lab, B. Lind", ["A. Wick Lab", "B. Lind"]),
        ("A. Wick), B. Lind (", ["A. Wick)", "B. Lind ("]),
        (", , A. Wick,  ", ["A. Wick"]),
        ("Jr., A. Wick", ["Jr.", "A. Wick"]),
    ],
)
def test_names_between_commas(text: str, names: list[str]) -> None:
    assert comma_separated(text) == names


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("A. Wick", [("A. Wick", [])]),
        ("A. Wick and B. Lind & C. Oil", [("A. Wick", []), ("B. Lind", []), ("C. Oil", [])]),
        ("Guild: A. Wick; B. Lind", [("Guild", []), ("A. Wick", []), ("B. Lind", [])]),
        ("A. Wick (Lab, Oil), B. Lind", [("A. Wick", ["Lab, Oil"]), ("B. Lind", [])]),
        ("A. Wick (Lab) (Oil), B. Lind", [("A. Wick", ["Lab", "Oil"]), ("B. Lind", [])]),
        ("A. Wick (Lab (North)), B. Lind", [("A. Wick", ["Lab (North)"]), ("B. Lind", [])]),
        (
            "A. Wick (1), B. Lind (1, 2), C. Oil (3) ((1) Lab, (2) Oil (North))",
            [("A. Wick", ["Lab"]), ("B. Lind", ["Lab", "Oil (North)"]), ("C. Oil", [])],
        ),
        ("A. Wick (1 and 2) ( (1) Lab; (2)  Oil\n(South) )", [("A. Wick", ["Lab", "Oil (South)"])]),
        # Numbers that nothing explains are no affiliations, and the names after them are none either.
        ("A. Wick (1), B. Lind (2)", [("A. Wick", []), ("B. Lind", [])]),
        ("A. Wick (1), B. Lind (2) ((2) , (1) Lab)", [("A. Wick", ["Lab"]), ("B. Lind", [])]),
        ("A. Wick (Lab), Jr. (Oil)", [("A. Wick Jr.", ["Lab", "Oil"])]),
    ],
)
def test_names_with_affiliations(text: str, authors: list[Any]) -> None:
    assert with_affiliations(text) == authors


@pytest.mark.parametrize(
    ("name", "usual"),
    [("Wick, Ada", "Ada Wick"), ("Lind, Bo, Jr.", "Bo Lind Jr."), ("Guild", "Guild"), ("Wick, ", "Wick"), ("", "")],
)
def test_a_name_with_the_last_name_first(name: str, usual: str) -> None:
    assert turned(name) == usual


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("no accent", "no accent"),
        (r"J\"org", "Jörg"),
        (r"J\"{o}rg {\"O}", "Jörg Ö"),
        (r"S{\o}gaard, \o sten, \O{}rsted", "Søgaard, østen, Ørsted"),
        (r"\v{C}apek \c c \'{\i}", "Čapek ç í"),
        (r"$\"o$ and \(\'e\), \[\'e\] but \'e", r"$\"o$ and \(\'e\), \[\'e\] but é"),
        (r"\alpha \vec{x} \unknown", r"\alpha \vec{x} \unknown"),
        (r"\ss\ae", "ßæ"),
    ],
)
def test_accents_and_letters_of_tex(tex: str, text: str) -> None:
    assert decode_accents(tex) == text
