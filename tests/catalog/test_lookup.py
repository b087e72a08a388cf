"""A paper is found by what people type, with the evidence of each key that leads to it; else some are suggested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from dailypapers.snapshots.catalog.catalog import Catalog, named_paper, open_catalog
from dailypapers.snapshots.catalog.joins import decide
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.errors import PaperNotFound
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, paper, write_day

DAY = date(2025, 12, 8)
LONG = "A very long title of a paper about the lengths of titles of papers"
HINT = "find it by its words: dailypapers search WORDS"
ORGANIZATION = {"name": "lantern", "fullname": "Lantern Lab"}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    store = Store(tmp_path_factory.mktemp("store"))
    named = {"2512.12345": "Graphs of lamps", "2512.54321": LONG, "2511.12345": "Graphs of wicks", "2512.99999": "Oil"}
    # Has the words of keys that no paper has.
    named |= {"2512.88888": "On doi 10.1000/x8 and title 0123456789abcdef"}
    papers = [paper(title, day=DAY, arxiv_id=each, organization=ORGANIZATION) for each, title in named.items()]
    stated = paper("Wax", day=DAY, arxiv_id="2512.00007", doi="10.1000/x7")
    write_day(store, DAILY, DAY, [*papers, stated])
    given = [paper("Wax", source="hf-weekly", day=DAY, doi=doi) for doi in ("10.48550/arXiv.2512.00007", "10.1000/y7")]
    write_day(store, Series("hf-weekly"), DAY, given)
    decide(store, "join", "arxiv:2512.00007", "doi:10.1000/y7")
    with open_catalog(store) as opened:
        yield opened


@pytest.mark.parametrize(
    "text",
    [
        "2512.12345",
        " arxiv:2512.12345v3 ",
        "https://arxiv.org/abs/2512.12345?context=cs#top",
        "http://arxiv.org/pdf/2512.12345v2.pdf#page=3",
        "https://huggingface.co/papers/2512.12345/",
    ],
)
def test_what_people_type_leads_to_the_paper(catalog: Catalog, text: str) -> None:
    assert named_paper(catalog, text).key == "arxiv:2512.12345"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "2512.12354",
            f"'arxiv:2512.12354' in the store; did you mean arxiv:2512.12345 \"Graphs of lamps\"? Or {HINT}",
        ),
        ("2512.54322", f"'arxiv:2512.54322' in the store; did you mean arxiv:2512.54321 \"{LONG[:60]}\"? Or {HINT}"),
        ("2510.12345", f"'arxiv:2510.12345' in the store; {HINT}"),
        ("2512.77777", f"'arxiv:2512.77777' in the store; {HINT}"),
        ("lamps", f"'lamps' in the store; did you mean arxiv:2512.12345 \"Graphs of lamps\"? Or {HINT}"),
        ("10.1000/x8", f"'doi:10.1000/x8' in the store; {HINT}"),
        ("title:0123456789abcdef", f"'title:0123456789abcdef' in the store; {HINT}"),
        ("x" * 300, f"'{'x' * 200}' in the store; {HINT}"),
        ("\udcff", f"'\\udcff' in the store; {HINT}"),
    ],
)
def test_papers_that_may_be_meant_are_suggested(catalog: Catalog, text: str, message: str) -> None:
    with pytest.raises(PaperNotFound) as raised:
        named_paper(catalog, text)
    assert str(raised.value) == f"no paper {message}"


def test_at_most_three_are_suggested(catalog: Catalog) -> None:
    with pytest.raises(PaperNotFound) as raised:
        named_paper(catalog, "o*")
    assert catalog.search("o*").total > 3
    assert str(raised.value).count("arxiv:") == 3
    with pytest.raises(
        PaperNotFound, match=r'did you mean arxiv:\d{4}\.12345 "[^"]*"; arxiv:\d{4}\.12345 "[^"]*"\? Or'
    ):
        named_paper(catalog, "graphs")


def test_each_key_of_a_paper_has_its_evidence(catalog: Catalog) -> None:
    evidence = {
        "arxiv:2512.00007": "own key",
        "doi:10.1000/x7": "DOI stated with the arXiv id",
        "doi:10.1000/y7": "joined in joins.txt",
    }
    for key in (*evidence, "doi:10.48550/arXiv.2512.00007"):
        found = named_paper(catalog, key)
        assert found.key == "arxiv:2512.00007"
    assert {alias.key: alias.evidence for alias in found.aliases} == evidence
    assert {alias.confidence for alias in found.aliases} == {1.0}


def test_bytes_of_a_command_line_that_are_no_text_select_nothing(catalog: Catalog) -> None:
    found = [len(catalog.papers(Selection(organization=name, limit=None))) for name in (" LANTERN lab", "\udcff")]
    assert found == [5, 0]
