"""Real pages in one store: every paper is there once, and copied text finds the papers that it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import orjson
import pytest

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.reader import read_day
from dailypapers.snapshots.store.layout import Store
from tests.catalog.test_identity import near_misses
from tests.product import Product
from tests.support.catalog_days import OAI, TEXT, write_day

DAY = date(2025, 12, 8)
PAPERS = 52
NEVER = None
"""The machine's clock: the captures are older than any."""


@pytest.fixture
def copied(product: Product, captures: Path) -> list[Paper]:
    """The entries of the reference listing, which was copied as text."""
    listing = captures.parent / "seed" / "daily-papers-listing.txt"
    if not listing.exists():
        pytest.skip(f"there is no {listing}")
    assert product("import", "hf-text", listing, "--day", f"{DAY}", now=NEVER).status == 0
    return list(read_day(product.store, TEXT, DAY))


def joined(store: Store, others: Iterable[Paper]) -> int:
    """How many of the copied entries are joined with records that have ids."""
    write_day(store, OAI, DAY, others)
    with open_catalog(store) as catalog:
        found = catalog.query("SELECT 1 FROM alias WHERE evidence LIKE 'same title%'")
    return len(found.rows)


def with_id(number: int, title: str, **fields: object) -> Paper:
    """A record of arXiv with an invented id."""
    return Paper.model_validate(
        {"key": f"arxiv:9901.{number:05}", "source": "arxiv-oai", "day": DAY, "title": title, **fields}
        | {"arxiv_id": f"9901.{number:05}", "first_seen": "2025-12-08T12:00:00Z"},
        strict=False,
    )


def test_the_titles_alone_with_ids_are_the_same_papers(product: Product, copied: list[Paper]) -> None:
    assert len(copied) == PAPERS
    assert joined(product.store, [with_id(number, each.title) for number, each in enumerate(copied)]) == PAPERS
    with open_catalog(product.store) as catalog:
        assert catalog.query("SELECT count(*) FROM paper").rows == [(PAPERS,)]
        for each in copied:
            found = catalog.paper(each.key)
            assert found is not None
            assert found.key.startswith("arxiv:9901.")


def test_whole_records_of_the_same_papers_are_joined_by_their_witnesses(product: Product, copied: list[Paper]) -> None:
    others = [
        with_id(number, each.title, abstract=each.abstract, author_count=each.author_count, published=each.published)
        for number, each in enumerate(copied)
    ]
    assert joined(product.store, others) == PAPERS


def test_other_authors_or_dates_join_nothing(product: Product, copied: list[Paper]) -> None:
    others = [
        with_id(
            number,
            each.title,
            author_count=each.author_count + 1 if each.author_count else 1,
            published=date(2001, 1, 1),
        )
        for number, each in enumerate(copied)
        if each.author_count or each.published
    ]
    assert len(others) >= PAPERS - 2
    assert joined(product.store, others) == 0


def test_ten_thousand_near_misses_join_nothing(product: Product, copied: list[Paper]) -> None:
    titles = [each.title for each in copied]
    made = dict.fromkeys(title for title in near_misses(titles, 185) if title not in titles)
    assert len(made) > 10_000
    assert joined(product.store, [with_id(number, title) for number, title in enumerate(made)]) == 0


@pytest.fixture
def every_capture(product: Product, captures: Path) -> Catalog:
    assert product("import", "hf-daily", captures / "hf-daily-api", now=NEVER).status == 1
    return open_catalog(product.store)


def test_every_paper_of_the_captures_is_there_once(product: Product, every_capture: Catalog) -> None:
    listed = Counter[str]()
    for path in product.store.root.glob("snapshots/hf-daily/*/????-??-??.jsonl"):
        listed.update(orjson.loads(row)["key"] for row in path.read_bytes().splitlines())
    with every_capture as catalog:
        papers = catalog.papers(Selection(limit=None))
    assert {each.key: len(each.listings) for each in papers} == dict(listed)
    assert len(papers) > 800
    (twice,) = [each for each in papers if len(each.listings) == 2]
    assert twice.key == "arxiv:2604.07429"
    assert [listing.day for listing in twice.listings] == [date(2026, 4, 10), date(2026, 4, 16)]
