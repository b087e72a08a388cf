"""One paper is one paper: by arXiv id, by DOI, by title with witnesses, and as a human decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.joins import DecisionError, decide, read_decisions
from dailypapers.snapshots.catalog.model import CatalogPaper, Selection
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, NEW, OAI, TEXT, at, paper, write_day

DAY = date(2025, 12, 8)
TITLE = "Attention over graphs of molecules"
AUTHORS = ("Ada Łoń", "Bo Cen", "Dee Eff")
WORDS = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def listed(store: Store, *papers: Paper, day: date = DAY) -> dict[str, CatalogPaper]:
    """The papers of the catalog by key, after these records were listed on a day, each by its own source."""
    for number, each in enumerate(papers):
        query = "q" if each.source == "hf-search" else None
        write_day(store, Series(each.source, query), day + timedelta(days=number), [each])
    with open_catalog(store) as catalog:
        return {found.key: found for found in catalog.papers(Selection(limit=None))}


def copied(title: str = TITLE, **fields: Any) -> Paper:
    """A record without an id."""
    return paper(title, source="hf-text", day=DAY, **fields)


def known(title: str = TITLE, arxiv_id: str = "2512.00001", **fields: Any) -> Paper:
    """A record with an arXiv id."""
    return paper(title, day=DAY, arxiv_id=arxiv_id, **fields)


def evidence(found: CatalogPaper) -> dict[str, tuple[str, float]]:
    """Why each key leads to a paper."""
    return {alias.key: (alias.evidence, alias.confidence) for alias in found.aliases}


def test_a_paper_of_several_days_and_sources_is_one_with_all_listings(store: Store) -> None:
    for series, day in ((DAILY, DAY), (DAILY, DAY + timedelta(days=6)), (NEW, DAY), (OAI, DAY)):
        write_day(store, series, day, [paper(TITLE, source=series.source, day=day, arxiv_id="2512.00001")])
    with open_catalog(store) as catalog:
        (found,) = catalog.papers()
    assert found.key == "arxiv:2512.00001"
    assert [(str(each.series), each.day) for each in found.listings] == [
        ('arxiv-new "cs.CL"', DAY),
        ("arxiv-oai", DAY),
        ("hf-daily", DAY),
        ("hf-daily", DAY + timedelta(days=6)),
    ]


def test_a_doi_that_one_paper_states_leads_to_it(store: Store) -> None:
    found = listed(store, known(doi="10.1000/X1"), paper("As printed", source="hf-weekly", day=DAY, doi="10.1000/x1"))
    assert list(found) == ["arxiv:2512.00001"]
    assert [alias.key for alias in found["arxiv:2512.00001"].aliases] == ["arxiv:2512.00001", "doi:10.1000/x1"]


def test_a_doi_that_two_papers_state_joins_neither(store: Store) -> None:
    found = listed(
        store,
        known(doi="10.1000/x1"),
        paper("Part II", source="hf-weekly", day=DAY, arxiv_id="2512.00002", doi="10.1000/x1"),
        paper("Of both", source="hf-monthly", day=DAY, doi="10.1000/x1"),
    )
    assert sorted(found) == ["arxiv:2512.00001", "arxiv:2512.00002", "doi:10.1000/x1"]


def test_a_doi_of_arxiv_is_the_arxiv_id(store: Store) -> None:
    found = listed(store, paper(TITLE, source="hf-weekly", day=DAY, doi="10.48550/arXiv.2512.00001"), known())
    assert list(found) == ["arxiv:2512.00001"]
    assert len(found["arxiv:2512.00001"].listings) == 2


@pytest.mark.parametrize(
    "form",
    ["math.GT/0309136v2", "MATH/0309136", "arXiv: math/0309136", "hf.co/papers/math/0309136",
     "arxiv.org/abs/math.GT/0309136", "10.48550/arXiv.math.GT/0309136", "doi:10.48550/arxiv.math/0309136v1",
     "https://www.doi.org/10.1000/X1", "DOI: 10.1000/x1"],
)  # fmt: skip
def test_every_form_of_an_id_leads_to_the_paper(store: Store, form: str) -> None:
    listed(store, known(arxiv_id="math/0309136", doi="10.1000/x1"))
    with open_catalog(store) as catalog:
        found = catalog.paper(form)
    assert found is not None
    assert found.key == "arxiv:math/0309136"


def test_the_first_of_several_dois_leads_to_the_paper(store: Store) -> None:
    """A paper and its errata (arXiv:1601.00005)."""
    (found,) = listed(store, known(doi="10.1103/A.93.016005, 10.1103/A.98.079901;10.1103/A.98.079903")).values()
    assert [alias.key for alias in found.aliases] == ["arxiv:2512.00001", "doi:10.1103/a.93.016005"]


def test_a_title_that_meets_its_id_takes_that_key_and_keeps_its_own(store: Store) -> None:
    title_key = copied().key
    assert list(listed(store, copied(author_count=3))) == [title_key]
    found = listed(store, copied(author_count=3), known(authors=AUTHORS))
    assert list(found) == ["arxiv:2512.00001"]
    alias = found["arxiv:2512.00001"].aliases[1]
    assert (alias.key, alias.evidence) == (title_key, "same title, 3 authors")
    with open_catalog(store) as catalog:
        assert catalog.paper(title_key) == found["arxiv:2512.00001"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (copied(author_count=3), known(authors=AUTHORS[:2])),
        (copied(authors=AUTHORS), known(authors=("Gil Hu", "Ida Jo", "Kay Lo"))),
        (copied(published=DAY), known(published=DAY - timedelta(days=400))),
        (copied("Attention 1.5"), known("Attention 15")),
        (copied("Parsing C++ in the wild today"), known("Parsing C in the wild today")),
        (copied("A* search in graphs of molecules"), known("A search in graphs of molecules")),
        (copied("\u0930\u093e\u092e " + TITLE), known("\u0930\u094b\u092e " + TITLE)),
        (copied("Graphs of molecules, Part I of a study"), known("Graphs of molecules, Part II of a study")),
        (copied("Erratum: " + TITLE), known()),
        (copied("Editorial"), known("Editorial")),
        (copied("Editorial", author_count=1), known("Editorial", authors=AUTHORS[:1])),
        (
            copied(abstract=WORDS),
            known(abstract=WORDS.replace("word", "term")),
        ),
    ],
)
def test_what_a_witness_contradicts_or_none_supports_stays_apart(store: Store, one: Paper, other: Paper) -> None:
    assert len(listed(store, one, other)) == 2


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        (copied(), known(), "same title"),
        (copied(author_count=1), known(authors=AUTHORS[:1]), "same title, 1 author"),
        (copied(f"\u2728\ufe0f {TITLE}"), known(f"\u2728 {TITLE}"), "same title"),
        (copied(abstract=WORDS), known(abstract=WORDS), "same title, the same abstract"),
        (copied("Editorial", authors=AUTHORS), known("Editorial", authors=("Łoń, A.", "Cen, B.", "Eff, D.")),
         "same title, 3 authors, the same names"),
        (copied("Editorial", author_count=3, published=DAY), known("Editorial", authors=AUTHORS, published=DAY),
         "same title, 3 authors, published 2025-12-08"),
        (copied(published=date(2025, 11, 8), published_inferred=True), known(published=date(2024, 11, 8)),
         "same title, published 2025-11-08"),
    ],
)  # fmt: skip
def test_witnesses_that_agree_join(store: Store, one: Paper, other: Paper, evidence: str) -> None:
    (found,) = listed(store, one, other).values()
    assert found.aliases[1].evidence == evidence
    assert found.aliases[1].confidence == (0.9 if evidence == "same title" else 0.99)


def test_a_title_of_two_papers_that_both_fit_joins_neither(store: Store) -> None:
    second = paper(TITLE, source="hf-weekly", day=DAY, arxiv_id="2512.00002")
    assert len(listed(store, copied(), known(), second)) == 3
    fitting = paper(TITLE, source="hf-weekly", day=DAY, arxiv_id="2512.00002", authors=AUTHORS)
    assert len(listed(store, copied(author_count=3), known(authors=AUTHORS[:1]), fitting)) == 2


def test_two_papers_without_an_id_and_one_title_are_two_if_a_witness_says_so(store: Store) -> None:
    other = paper(TITLE, source="hf-text", day=DAY, author_count=9)
    write_day(store, TEXT, DAY, [copied(author_count=3)])
    write_day(store, TEXT, DAY + timedelta(days=1), [other])
    write_day(store, TEXT, DAY + timedelta(days=2), [copied(author_count=3)])
    with open_catalog(store) as catalog:
        first, second = sorted(catalog.papers(), key=lambda found: found.key)
    assert (first.key, len(first.listings)) == (other.key, 2)
    assert second.key.startswith(f"{other.key}-")
    assert len(second.listings) == 1


def near_misses(titles: Iterable[str], number: int) -> Iterator[str]:
    """Titles that differ from these by a word, a number, a letter or a part."""
    endings = ("Part II", "an erratum", "revisited", "2", "a survey", "v2", "in practice")
    for count in range(number):
        for title in titles:
            words = title.split()
            place = count % len(words)
            if not any(map(str.isalnum, words[place])):
                continue
            yield " ".join([*words[:place], *words[place + 1 :]]) or "x"
            yield f"{title}: {endings[count % len(endings)]} {count}"
            yield title.replace(words[place], words[place][::-1] + "q", 1)


def catalog_of(store: Store, papers: Iterable[Paper], titles: list[Paper]) -> Catalog:
    write_day(store, OAI, DAY, papers)
    write_day(store, TEXT, DAY, titles)
    return open_catalog(store)


def test_near_misses_join_nothing(store: Store) -> None:
    titles = [f"On the {number}th kind of attention in {number % 7} dimensional graphs" for number in range(52)]
    made = {each: None for each in near_misses(titles, 190) if each not in titles}
    others = [paper(title, source="arxiv-oai", day=DAY, arxiv_id=f"2512.{n:05}") for n, title in enumerate(made)]
    assert len(others) > 10_000
    with catalog_of(store, others, [copied(title) for title in titles]) as catalog:
        joined = catalog.query("SELECT count(*) FROM alias WHERE evidence LIKE 'same title%'")
    assert joined.rows == [(0,)]


def test_a_decision_joins_and_splits_and_survives_a_rebuild(store: Store) -> None:
    assert len(listed(store, copied(author_count=3), known(authors=AUTHORS))) == 1
    decide(store, "split", copied().key, "2512.00001")
    assert len(listed(store)) == 2
    decide(store, "join", "arxiv:2512.00001", "https://doi.org/10.1000/x1")
    write_day(store, OAI, DAY, [paper("As printed", source="arxiv-oai", day=DAY, doi="10.1000/x1")])
    found = listed(store)
    assert sorted(found) == ["arxiv:2512.00001", copied().key]
    assert [listing.key for listing in found["arxiv:2512.00001"].listings] == ["doi:10.1000/x1", "arxiv:2512.00001"]


def test_a_split_counts_where_a_doi_of_one_was_joined_with_the_other(store: Store) -> None:
    second = paper("Another title", source="hf-weekly", day=DAY, arxiv_id="2512.00002", doi="10.1000/x2")
    decide(store, "join", "2512.00001", "10.1000/x2")
    assert len(listed(store, known(), second)) == 1
    decide(store, "split", "2512.00001", "2512.00002")
    found = listed(store)
    assert {key: [alias.key for alias in each.aliases] for key, each in found.items()} == {
        "arxiv:2512.00001": ["arxiv:2512.00001", "doi:10.1000/x2"],
        "arxiv:2512.00002": ["arxiv:2512.00002"],
    }


def test_a_title_is_split_from_a_paper_by_any_key_of_it(store: Store) -> None:
    assert len(listed(store, copied(), known(doi="10.1000/x1"))) == 1
    decide(store, "split", copied().key, "10.1000/x1")
    assert len(listed(store)) == 2


def test_a_title_that_was_joined_with_another_follows_it_to_its_id(store: Store) -> None:
    other = copied("The same under another name")
    decide(store, "join", copied().key, other.key)
    assert len(listed(store, copied(), day=DAY + timedelta(days=1))) == 1
    (found,) = listed(store, other, day=DAY + timedelta(days=2)).values()
    (found,) = listed(store, known()).values()
    assert (found.key, len(found.listings)) == ("arxiv:2512.00001", 3)
    assert {alias.key: alias.evidence for alias in found.aliases} == {
        "arxiv:2512.00001": "own key",
        copied().key: "same title",
        other.key: "joined in joins.txt",
    }
    decide(store, "split", other.key, "2512.00001")
    assert sorted(len(each.listings) for each in listed(store).values()) == [1, 2]


def test_decisions_may_have_comments_and_a_mark_at_the_beginning(store: Store) -> None:
    (store.root / "joins.txt").write_bytes(b"\xef\xbb\xbfjoin arxiv:2512.00001 doi:10.1000/a#b # as Ada says\n\n #\n")
    assert list(map(str, read_decisions(store))) == ["join arxiv:2512.00001 doi:10.1000/a#b"]


def test_a_decision_against_another_is_refused(store: Store) -> None:
    decide(store, "join", "2512.00001", "2512.00002")
    decide(store, "join", "2512.00002", "2512.00003")
    with pytest.raises(DecisionError, match="remove one of them"):
        decide(store, "split", "2512.00001", "2512.00003")
    decide(store, "split", "2512.00001", "2512.00002")
    assert [decision.verb for decision in read_decisions(store)] == ["join", "split"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("nothing", "2512.00001"),
        ("2512.00001", "arxiv:2512.00001v2"),
        ("title:xyz", "2512.00001"),
        ("2512.00001", "doi:"),
    ],
)
def test_what_is_no_decision_is_refused_and_writes_nothing(store: Store, first: str, second: str) -> None:
    with pytest.raises(DecisionError):
        decide(store, "join", first, second)
    assert not (store.root / "joins.txt").exists()


def test_a_line_that_is_no_decision_is_named(store: Store) -> None:
    (store.root / "joins.txt").write_text("# mine\njoin 2512.00001\n")
    with pytest.raises(DecisionError, match=r"joins\.txt:2: expected"):
        open_catalog(store)


def test_each_field_is_the_best_source_s_and_never_null_over_a_value(store: Store) -> None:
    write_day(store, DAILY, DAY, [known(authors=AUTHORS[:1], upvotes=3, abstract="of the site", keywords=["graphs"])])
    later = DAY + timedelta(days=1)
    weekly = paper(TITLE, source="hf-weekly", day=later, arxiv_id="2512.00001", upvotes=5)
    write_day(store, Series("hf-weekly"), later, [weekly])
    oai = paper(
        "Attention Over Graphs", source="arxiv-oai", day=later, arxiv_id="2512.00001", authors=AUTHORS,
        categories=["cs.CL"], license="http://creativecommons.org/licenses/by/4.0/", doi="10.1000/x1",
    )  # fmt: skip
    write_day(store, OAI, later, [oai], as_of=at(DAY))
    with open_catalog(store) as catalog:
        found = catalog.paper("2512.00001v3")
    assert found is not None
    fields = found.fields
    assert (fields["title"], fields["author_count"], fields["doi"]) == ("Attention Over Graphs", 3, "10.1000/x1")
    assert (fields["upvotes"], fields["abstract"], fields["keywords"]) == (5, "of the site", ["graphs"])
    assert (fields["source"], fields["day"], fields["first_seen"]) == ("hf-daily", "2025-12-08", "2025-12-08T12:00:00Z")
    assert found.record.title == "Attention Over Graphs"
    origins = {name: str(source.series) for name, source in found.origins.items()}
    assert (origins["title"], origins["upvotes"], origins["abstract"]) == ("arxiv-oai", "hf-weekly", "hf-daily")


def test_the_origins_of_one_listing_are_its_fields_with_a_value(store: Store) -> None:
    (found,) = listed(store, known(upvotes=0, keywords=["graphs"])).values()
    assert set(found.origins) == {"key", "source", "day", "title", "upvotes", "arxiv_id", "keywords", "first_seen"}
    assert {(source.series, source.day, source.observed) for source in found.origins.values()} == {
        (DAILY, DAY, at(DAY))
    }


def test_a_certain_date_is_believed_before_one_whose_year_is_inferred(store: Store) -> None:
    inferred: dict[str, Any] = {"published": date(2025, 11, 8), "published_inferred": True}
    weekly = paper(TITLE, source="hf-weekly", day=DAY, arxiv_id="2512.00001", published=date(2024, 11, 8))
    (found,) = listed(store, known(**inferred), weekly).values()
    assert (found.fields["published"], found.fields["published_inferred"]) == ("2024-11-08", False)
    (found,) = listed(store, known(**inferred), weekly.model_copy(update={"published": None})).values()
    assert (found.fields["published"], found.fields["published_inferred"]) == ("2025-11-08", True)


def test_a_listing_of_a_month_is_the_first_only_if_there_is_no_other(store: Store) -> None:
    monthly = paper(TITLE, source="hf-monthly", day=DAY, arxiv_id="2512.00001", rank=7)
    (found,) = listed(store, monthly).values()
    assert (found.first_day, found.fields["source"], found.fields["rank"]) == (DAY, "hf-monthly", 7)
    (found,) = listed(store, known(rank=3), day=DAY + timedelta(days=5)).values()
    assert (found.first_day, found.fields["source"], found.fields["rank"]) == (DAY + timedelta(days=5), "hf-daily", 3)


def test_a_withdrawal_can_be_lifted_by_those_who_know(store: Store) -> None:
    def state(withdrawn: bool, number: int, source: str = "arxiv-oai") -> bool:
        day = DAY + timedelta(days=number)
        made = paper(TITLE, source=source, day=day, arxiv_id="2512.00001", withdrawn=withdrawn)
        write_day(store, Series(source), day, [made])
        with open_catalog(store) as catalog:
            (found,) = catalog.papers()
        return bool(found.fields["withdrawn"])

    assert state(True, 0)
    assert state(False, 1, source="hf-daily")
    assert not state(False, 2)


def test_a_new_version_is_an_update_of_the_same_paper(store: Store) -> None:
    for number, version in enumerate((1, 3, 2)):
        day = DAY + timedelta(days=number)
        made = paper(TITLE, source="arxiv-new", day=day, arxiv_id="2512.00001", arxiv_version=version)
        write_day(store, NEW, day, [made])
    with open_catalog(store) as catalog:
        (found,) = catalog.papers()
    assert found.fields["arxiv_version"] == 3


def test_two_titles_that_are_joined_are_one_paper(store: Store) -> None:
    write_day(store, TEXT, DAY, [copied(), copied("The same under another name")])
    decide(store, "join", copied().key, copied("The same under another name").key)
    with open_catalog(store) as catalog:
        (found,) = catalog.papers()
    assert len(found.listings) == 2
    own, joined = sorted([copied().key, copied("The same under another name").key])
    assert evidence(found) == {own: ("own key", 1.0), joined: ("joined in joins.txt", 1.0)}


def test_two_titles_of_a_paper_with_an_id_keep_their_own_evidence(store: Store) -> None:
    write_day(store, DAILY, DAY, [known(authors=AUTHORS)])
    write_day(store, NEW, DAY, [known("Attention over molecules as graphs", source="arxiv-new", authors=AUTHORS)])
    write_day(store, TEXT, DAY, [copied(author_count=3), copied("Attention over molecules as graphs", authors=AUTHORS)])
    with open_catalog(store) as catalog:
        (found,) = catalog.papers()
    assert evidence(found) == {
        "arxiv:2512.00001": ("own key", 1.0),
        copied().key: ("same title, 3 authors", 0.99),
        copied("Attention over molecules as graphs").key: ("same title, 3 authors, the same names", 0.99),
    }


def test_one_of_two_papers_with_a_title_is_joined_by_its_own_key(store: Store) -> None:
    write_day(store, TEXT, DAY, [copied(author_count=3)])
    write_day(store, TEXT, DAY + timedelta(days=1), [copied(author_count=9)])
    with open_catalog(store) as catalog:
        own = max(found.key for found in catalog.papers())
    assert own.startswith(copied().key + "-")
    decide(store, "join", own, "2512.00001")
    write_day(store, OAI, DAY, [paper("Another title", source="arxiv-oai", day=DAY, arxiv_id="2512.00001")])
    with open_catalog(store) as catalog:
        papers = {each.key: each for each in catalog.papers()}
    found = {key: [str(listing.series) for listing in each.listings] for key, each in papers.items()}
    assert found == {"arxiv:2512.00001": ["arxiv-oai", "hf-text"], copied().key: ["hf-text"]}
    assert evidence(papers["arxiv:2512.00001"])[own] == ("joined in joins.txt", 1.0)
