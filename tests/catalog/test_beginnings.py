"""Beginnings of words among millions of papers: the same papers in the same order, looked up word by word."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from snapshots.catalog import beginnings
from snapshots.catalog import search as search_module
from snapshots.catalog.beginnings import newest_by_beginning
from snapshots.catalog.catalog import Catalog, open_catalog
from snapshots.catalog.model import Selection
from snapshots.catalog.schema import catalog_file
from snapshots.catalog.search import WEIGHTS
from snapshots.catalog.stems import stems_of, words_of
from snapshots.store.layout import Store
from tests.support.catalog_days import DAILY, paper, write_day
from tests.support.ranked_papers import ranked

DAY = date(2025, 12, 8)
WORDS = (
    "house",
    "houses",
    "hour",
    "hourly",
    "abuse",
    "abut",
    "agree",
    "agreed",
    "agreement",
    "learning",
    "learned",
    "24h",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store, random = Store(tmp_path_factory.mktemp("store")), Random(8)

    def words(most: int) -> str:
        return " ".join(random.choices(WORDS, k=random.randint(1, most)))

    for days in range(3):
        day = DAY + timedelta(days=days)
        papers = [
            paper(words(3), day=day, arxiv_id=f"251{days}.{number:05}", abstract=words(9), authors=[words(2)])
            for number in range(40)
        ]
        write_day(store, DAILY, day, papers)
    return store


@pytest.fixture
def catalog(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """One in which few papers pass for millions."""
    monkeypatch.setattr(beginnings, "MANY_MATCHES", 1)
    monkeypatch.setattr(beginnings, "PAPERS_A_WORD", 1)
    with open_catalog(store) as catalog:
        yield catalog


@pytest.fixture
def connection(catalog: Catalog, store: Store) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        yield connection


@pytest.mark.parametrize(
    "text", ["hou*", "ho*", "hour*", "abu*", "a*", "agre*", "l*", "2*", "Learning*", "agree*", "HÓU*"]
)
@pytest.mark.parametrize("newest", [1, 7, 30])
def test_the_newest_papers_are_in_the_order_of_bm25(
    catalog: Catalog,
    connection: sqlite3.Connection,
    store: Store,
    text: str,
    newest: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_module, "MAX_RANKED", newest)
    found = newest_by_beginning(connection, text.rstrip("*"), newest, WEIGHTS)
    assert found is not None
    for limit in (0, 1, 5, 40):
        result = catalog.search(text, limit=limit)
        assert [hit.key for hit in result.hits] == ranked(store, text, newest)[:limit]
        assert (result.total, result.ranked_newest) == (newest, True)


def test_of_long_papers_the_shorter_one_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "store")
    papers = [
        paper("Text", day=DAY, arxiv_id=f"2512.{number:05}", abstract="hour " + "text " * (900 + number * 7 % 20))
        for number in range(20)
    ]
    write_day(store, DAILY, DAY, papers)
    monkeypatch.setattr(beginnings, "MANY_MATCHES", 1)
    monkeypatch.setattr(beginnings, "PAPERS_A_WORD", 1)
    monkeypatch.setattr(search_module, "MAX_RANKED", 19)
    with open_catalog(store) as catalog:
        found = [hit.key for hit in catalog.search("hou*").hits]
    assert found == ranked(store, "hou*", 19)


def test_scores_are_those_of_one_word_that_replaces_all(connection: sqlite3.Connection) -> None:
    found = newest_by_beginning(connection, "hou", 50, WEIGHTS)
    assert found is not None
    papers = dict(connection.execute("SELECT id, abstract || ' ' || title || ' ' || authors FROM paper"))
    assert len(found) == len(dict(found)) == 50
    assert all("hou" in papers[number] and score < 0 for number, score in found)
    having = sorted((number for number, text in papers.items() if "hou" in text), reverse=True)
    assert {number for number, _ in found} == set(having[:50])


def test_fts5_is_asked_where_it_is_as_quick(
    connection: sqlite3.Connection, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(beginning: str = "hou", count: int = 5) -> bool:
        return newest_by_beginning(connection, beginning, count, WEIGHTS) is not None

    assert found()
    assert not found(count=len(ranked(store, "hou*", 1000)))
    assert not found("zebra")
    assert not found("house\u0903s")
    for name, fits, does_not, beginning in (
        ("PAPERS_A_WORD", 40, 41, "hou"),
        ("MANY_MATCHES", 60, 120, "h"),
        ("MANY_MATCHES", 40, 41, "abu"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(beginnings, name, fits)
            assert found(beginning)
            patch.setattr(beginnings, name, does_not)
            assert not found(beginning)


def test_a_word_that_is_cut_in_its_ending_is_found_by_a_stem_that_has_a_stem(catalog: Catalog) -> None:
    assert catalog.search("housi*").total == catalog.search("house").total > 0
    assert catalog.search("abusi*").total == catalog.search("abuse").total > 0


@pytest.mark.parametrize("text", ["hou* abut", "hou* abu*", "house", '"house hour"'])
def test_other_searches_are_left_to_fts5(
    catalog: Catalog, store: Store, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MAX_RANKED", 3)
    monkeypatch.setattr(search_module, "newest_by_beginning", lambda *values: pytest.fail("looked up word by word"))
    assert [hit.key for hit in catalog.search(text).hits] == ranked(store, text, 3)
    assert catalog.search("hou*", selection=Selection(source="hf-daily")).total == 3


def test_each_stem_has_a_word_that_the_tokenizer_takes_for_it() -> None:
    stems = [stems[0] for stems in stems_of(WORDS)]
    assert stems_of(["hous", "abus"]) == [["hou"], ["abu"]]
    words = words_of(stems)
    assert words is not None
    assert stems_of(words) == [[stem] for stem in stems]
    assert words_of(["hous", "hou"]) == ["house", "hou"]
    assert words_of(["two words"]) is None
    assert stems_of(["Two, one", ""]) == [["two", "on"], []]
    assert (stems_of([]), words_of([])) == ([], [])


def test_the_words_of_the_index_can_be_asked_for(catalog: Catalog) -> None:
    result = catalog.query("SELECT DISTINCT term FROM word WHERE term >= 'ho' AND term < 'hp'")
    assert result.rows == [("hour",), ("hourli",), ("hous",)]
