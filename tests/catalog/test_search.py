"""Search: any text is a query, letters of their own and ideographs are found, very many matches are said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.catalog import search as search_module
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import SearchResult, Selection
from dailypapers.snapshots.catalog.search_text import MAX_LENGTH, MAX_WORDS, Term, parse_search
from dailypapers.snapshots.reader import read_day
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, at, paper, write_day
from tests.support.hypothesis_examples import examples
from tests.support.ranked_papers import ranked

DAY = date(2025, 12, 8)
TITLES = (
    "Attention is all you need",
    "All you need is generation of attention",
    "Optimization with Straße and œuvre",
    "大语言模型的机器学习方法",
    "ラーメン屋の推薦",
    "한국어 언어모델을 위한 연구",
    "A ﬁne ligature and naïve café",
    "What we need",
)
AUTHORS = ("Łukasz Kaiser", "Søren Ærø", "Đặng Thị Hương", "Işık Doğan")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    store = Store(tmp_path_factory.mktemp("store"))
    papers = [
        paper(title, day=DAY, arxiv_id=f"2512.{number:05}", authors=AUTHORS[number : number + 1])
        for number, title in enumerate(TITLES)
    ]
    write_day(store, DAILY, DAY, papers)
    with open_catalog(store) as opened:
        yield opened


def found(catalog: Catalog, text: str) -> list[str]:
    return [hit.fields["title"] for hit in catalog.search(text).hits]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("attention", [0, 1]),
        ("ATTENTION need", [0, 1]),
        ("attention missing", []),
        ('"attention is"', [0]),
        ('"is all you need', [0]),
        ("atten*", [0, 1]),
        ("generat*", [1]),
        ("optimi*", [2]),
        ("optimiz*", [2]),
        ("gener*", [1]),
        ("generati*", [1]),
        ("Lukasz", [0]),
        ("Łukasz", [0]),
        ("soren aero", [1]),
        ("dang huong", [2]),
        ("isik dogan", [3]),
        ("strasse OEUVRE", [2]),
        ("机器学习", [3]),
        ("机器", [3]),
        ("学机", []),
        ("推薦", [4]),
        ("ラーメン", [4]),
        ("언어", [5]),
        ("fine naive cafe", [6]),
        ("attention-is", [0, 1]),
        ("AND OR NOT", []),
        ("", []),
        ('*()^":', []),
    ],
)
def test_what_a_query_finds(catalog: Catalog, text: str, numbers: list[int]) -> None:
    assert sorted(found(catalog, text)) == sorted(TITLES[number] for number in numbers)


def test_a_word_that_is_cut_in_its_ending_is_found_by_a_stem_that_has_a_stem(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    titles = ("A house", "An abuse", "An hour")
    papers = [paper(title, day=DAY, arxiv_id=f"2512.{number:05}") for number, title in enumerate(titles)]
    write_day(store, DAILY, DAY, papers)
    with open_catalog(store) as catalog:
        assert found(catalog, "housi*") == ["A house"]
        assert found(catalog, "abusi*") == ["An abuse"]


def test_the_title_counts_most_and_ties_are_newest_then_by_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for days, arxiv_id in ((0, "2512.00001"), (1, "2512.00003"), (1, "2512.00002")):
        day = DAY + timedelta(days=days)
        known = [
            *read_day(store, DAILY, day),
            paper("Same words", day=day, arxiv_id=arxiv_id, abstract="of other things"),
        ]
        write_day(store, DAILY, day, known)
    write_day(store, DAILY, DAY - timedelta(days=1), [paper("Things", day=DAY, arxiv_id="2512.00009")])
    with open_catalog(store) as catalog:
        assert [hit.key[-1] for hit in catalog.search("same").hits] == ["2", "3", "1"]
        assert catalog.search("things").hits[0].key[-1] == "9"
        assert [hit.key[-1] for hit in catalog.search("same", limit=1).hits] == ["2"]


def test_of_too_many_matches_the_newest_are_ranked_and_that_is_said(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    for days in range(9):
        day = DAY + timedelta(days=days)
        write_day(store, DAILY, day, [paper("The same", day=day, arxiv_id=f"2512.{days:05}")])
    monkeypatch.setattr(search_module, "MAX_RANKED", 4)
    with open_catalog(store) as opened:
        result = opened.search("same")
    assert [hit.key[-1] for hit in result.hits] == ["8", "7", "6", "5"]
    assert (result.total, result.ranked_newest) == (4, True)
    monkeypatch.setattr(search_module, "MAX_RANKED", 9)
    with open_catalog(store) as opened:
        assert not opened.search("same").ranked_newest


def test_hits_are_in_the_order_of_all_that_are_ranked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, random = Store(tmp_path), Random(3)

    def words(count: int) -> str:
        return " ".join(random.choices(["agent", "agents", "graph", "grade", "model"], k=count))

    for days in range(3):
        day = DAY + timedelta(days=days)
        papers = [
            paper(words(2), day=day, arxiv_id=f"251{days}.{number:05}", abstract=words(3), authors=[words(1)])
            for number in range(40)
        ]
        write_day(store, DAILY, day, papers)
    with open_catalog(store) as catalog:
        for newest in (1, 30, 1000):
            monkeypatch.setattr(search_module, "MAX_RANKED", newest)
            for text in ("agent", "gra*", "model graph", '"agent model"', "grade agent model"):
                keys = ranked(store, text, newest)
                for limit in (0, 1, 7, 40, 1000, 1 << 70):
                    result = catalog.search(text, limit=limit)
                    assert [hit.key for hit in result.hits] == keys[:limit]
                    assert result.total == len(keys)


def test_a_match_that_is_older_than_the_newest_takes_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    for days, title in enumerate(("Words", "Other", "Other")):
        day = DAY + timedelta(days=days)
        write_day(store, DAILY, day, [paper(title, day=day, arxiv_id=f"2512.0000{days}", abstract="words of others")])
    monkeypatch.setattr(search_module, "MAX_RANKED", 2)
    with open_catalog(store) as catalog:
        result = catalog.search("words", limit=1)
    assert ([hit.key[-1] for hit in result.hits], result.total, result.ranked_newest) == (["2"], 2, True)


def test_a_long_query_is_cut_and_that_is_said(catalog: Catalog) -> None:
    assert not catalog.search("need " * MAX_WORDS).cut
    result = catalog.search("need " * MAX_WORDS + "missing")
    assert (result.cut, len(result.words), result.total) == (True, MAX_WORDS, 3)
    assert catalog.search(" " * MAX_LENGTH + "missing").cut
    result = catalog.search("学" * 100)
    assert (result.cut, result.words) == (True, (str(Term(("学",) * MAX_WORDS)),))
    assert catalog.search(f'need "{"all " * MAX_WORDS}"').words == ("need", str(Term(("all",) * (MAX_WORDS - 1))))


def test_only_what_was_known_at_a_time_is_searched(catalog: Catalog) -> None:
    assert catalog.search("need", selection=Selection(known_by=at(DAY, 11))).total == 0
    assert catalog.search("need", selection=Selection(known_by=at(DAY, 12), source="hf-daily")).total == 3
    assert catalog.search("need", selection=Selection(source="hf-weekly")).total == 0


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet='"*():^-+{}ANDORNEAR \x00\ud800機ł\u0301', max_size=60),
    st.lists(
        st.sampled_from(
            ["NEAR(", ")", '"', '""', "*", "title:", "{title}", "-", "^", "AND", "OR", "NOT", "+", ",", "a*"]
        ),
        max_size=12,
    ).map(" ".join),
)


def test_no_text_is_an_error(catalog: Catalog) -> None:
    @given(HOSTILE)
    @examples(2000)
    def check(text: str) -> None:
        result = catalog.search(text)
        assert result.total >= len(result.hits)
        assert bool(result.words) or not result.hits

    check()


@pytest.mark.parametrize(("text", "cut"), [("", False), ('"*', False), ("-" * (MAX_LENGTH + 1), True)])
def test_a_text_without_words_finds_nothing_and_that_is_known(catalog: Catalog, text: str, cut: bool) -> None:
    assert catalog.search(text) == SearchResult([], 0, ranked_newest=False, cut=cut, words=())


def test_words_are_those_of_the_text() -> None:
    assert list(map(str, parse_search('a_b "c d" e* 学习').terms)) == ["a", "b", '"c d"', "e*", '"学 习"']


def test_matching_keys_are_those_of_the_day_files_of_one_series(catalog: Catalog) -> None:
    assert catalog.matching_keys("attention", DAILY) == {"arxiv:2512.00000", "arxiv:2512.00001"}
    assert catalog.matching_keys("attention", Series("hf-weekly")) == frozenset()
    assert catalog.matching_keys("?!", DAILY) == frozenset()


def test_of_very_many_matching_keys_the_newest_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "store")
    for number in range(4):
        day = DAY + timedelta(days=number)
        write_day(store, DAILY, day, [paper(f"agent {number}", day=day, arxiv_id=f"2512.{number:05}")])
    monkeypatch.setattr(search_module, "MAX_RANKED", 2)
    with open_catalog(store) as opened:
        assert opened.matching_keys("agent", DAILY) == {"arxiv:2512.00002", "arxiv:2512.00003"}
