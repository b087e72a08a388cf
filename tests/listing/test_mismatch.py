"""Whether a page is of the listing that was requested, by its claims and by its papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from dailypapers.ingest.listing.view_reader import other_listing
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Claims, Paper, Parsed
from dailypapers.snapshots.store.layout import Series
from tests.support.written_days import DAY, paper

OTHER = DAY + timedelta(days=1)
MONDAY, MONTH = date(2025, 12, 8), date(2025, 12, 1)


def mismatch(  # noqa: PLR0917 - all that a page is judged by
    name: str,
    claims: Claims,
    items: int = 5,
    view: int = 0,
    query: str | None = None,
    papers: Sequence[Paper] = (),
    day: date = DAY,
) -> str | None:
    source_day = SourceSeries(SOURCES[name], Series(name, query)).on(day)
    return other_listing(source_day, source_day.source.views[view], Parsed("", claims, papers, [], items, {}))


@pytest.mark.parametrize(
    ("name", "day", "claims", "items", "other"),
    [
        ("hf-daily", DAY, Claims(DAY), 5, None),
        ("hf-daily", DAY, Claims(OTHER), 5, f"the day {OTHER}"),
        ("hf-daily", DAY, Claims(OTHER), 2, f"the day {OTHER}"),
        ("hf-daily", DAY, Claims(OTHER), 1, None),  # a stray item alone
        ("hf-daily", DAY, Claims(), 5, None),
        ("hf-daily", DAY, Claims(period="mixed"), 2, "several days"),
        ("hf-weekly", MONDAY, Claims(period="mixed"), 5, None),
        ("hf-weekly", MONDAY, Claims(MONDAY + timedelta(days=6)), 5, None),
        ("hf-weekly", MONDAY, Claims(MONDAY + timedelta(days=7)), 5, f"the day {MONDAY + timedelta(days=7)}"),
        ("hf-monthly", MONTH, Claims(date(2025, 12, 31)), 5, None),
        ("hf-trending", DAY, Claims(OTHER), 5, None),
    ],
)
def test_days_of_the_items_of_the_api(name: str, day: date, claims: Claims, items: int, other: str | None) -> None:
    assert mismatch(name, claims, items, day=day) == other


@pytest.mark.parametrize(
    ("name", "day", "claims", "other"),
    [
        ("hf-daily", DAY, Claims(DAY, "day"), None),
        ("hf-daily", DAY, Claims(DAY), None),
        ("hf-daily", DAY, Claims(), None),
        ("hf-daily", DAY, Claims(OTHER), f"the day {OTHER}"),
        ("hf-daily", DAY, Claims(OTHER, "day"), f"the day {OTHER}"),
        ("hf-daily", DAY, Claims(DAY, "week"), f"the week {DAY}"),
        ("hf-daily", DAY, Claims(period="trending"), "the trending list"),
        ("hf-trending", DAY, Claims(period="trending"), None),
        ("hf-trending", DAY, Claims(period="search"), "the search list"),
        ("hf-weekly", MONDAY, Claims(MONDAY, "week"), None),
        ("hf-monthly", MONTH, Claims(MONTH, "week"), f"the week {MONTH}"),
    ],
)
def test_what_a_page_claims_to_list(name: str, day: date, claims: Claims, other: str | None) -> None:
    assert mismatch(name, claims, view=1, day=day) == other


@pytest.mark.parametrize(("claims", "other"), [(DAY, None), (OTHER, f"the day {OTHER}"), (None, "no day")])
def test_a_list_that_states_its_day_must_state_it(claims: date | None, other: str | None) -> None:
    assert mismatch("arxiv-new", Claims(claims), query="cs.CL") == other


FIELDS: dict[str, Any] = {
    "title": "Alpha beta",
    "abstract": "gamma delta",
    "ai_summary": "epsilon zeta",
    "authors": [{"name": "Eta Theta", "user": None, "hidden": None, "affiliation": None}],
    "keywords": ["iota", "kappa"],
}


@pytest.mark.parametrize(
    "words", ["alpha", "BETA", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "x kappa!", "!?"]
)
def test_an_answer_to_a_search_has_a_word_of_it_anywhere(words: str) -> None:
    assert mismatch("hf-search", Claims(), query=words, papers=[paper(1), paper(2, **FIELDS)]) is None


def test_an_answer_without_any_word_of_the_search_is_refused_unless_it_is_empty() -> None:
    papers = [paper(1), paper(2, **FIELDS)]
    expected = "something else: none of its 2 papers holds a word of the search"
    assert mismatch("hf-search", Claims(), query="omega", papers=papers) == expected
    assert mismatch("hf-search", Claims(), query="alph", papers=papers) == expected
    assert mismatch("hf-search", Claims(), query="omega") is None


@pytest.mark.parametrize(
    ("name", "query", "within"),
    [
        ("arxiv-oai", "cs", "cs"),
        ("arxiv-oai", "cs:cs", "cs"),
        ("arxiv-oai", "cs:cs:CL", "cs.CL"),
        ("arxiv-oai", "physics:astro-ph", "astro-ph"),
        ("arxiv-oai", "physics:astro-ph:GA", "astro-ph.GA"),
        ("arxiv-list", "cs.CL", "cs.CL"),
        ("arxiv-list", "astro-ph", "astro-ph"),
    ],
)
def test_at_least_half_of_the_papers_of_a_category_are_in_it(name: str, query: str, within: str) -> None:
    inside, other = paper(1, categories=["math.CO", within]), paper(2, categories=[f"{within}x", "math.CO"])
    papers = [inside, other]

    def refused(papers: list[Paper]) -> str | None:
        return mismatch(name, Claims(), query=query, papers=papers, day=MONTH)

    assert refused(papers) is None
    assert refused([*papers, other]) == f"another category: 2 of its 3 papers are not in {within}"
    assert refused([]) is None
    of_archive = paper(3, categories=[f"{within}.XX"])
    assert refused([of_archive, other]) is None


@pytest.mark.parametrize(("name", "query"), [("arxiv-oai", None), ("arxiv-oai", "physics"), ("arxiv-api", "cat:cs.CL")])
def test_categories_prove_nothing_for_other_listings(name: str, query: str | None) -> None:
    papers = [paper(1, categories=["math.CO"]), paper(2)]
    assert mismatch(name, Claims(), query=query, papers=papers) is None
