"""Papers of arXiv in the catalog: many listings, new versions, withdrawals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.model import CatalogPaper
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import NEW, OAI, at, paper, tables, write_day

DAY = date(2025, 12, 8)
NEXT = DAY + timedelta(days=1)
TITLE = "Graphs of molecules"
CATEGORIES = ("cs.CL", "cs.LG", "cs.AI", "stat.ML", "eess.AS")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def listed(series: Series, day: date, title: str = TITLE, **fields: Any) -> Paper:
    """The record of the one paper of these tests."""
    return paper(title, source=series.source, day=day, arxiv_id="2512.00001", **fields)


def write(
    store: Store, series: Series, day: date, title: str = TITLE, *, as_of: datetime | None = None, **fields: Any
) -> None:
    write_day(store, series, day, [listed(series, day, title, **fields)], as_of)


def only(store: Store) -> CatalogPaper:
    """The one paper of the catalog."""
    with open_catalog(store) as catalog:
        (found,) = catalog.papers()
    return found


def test_a_paper_of_five_categories_is_one_line_with_all_its_listings(store: Store) -> None:
    month = DAY.replace(day=1)
    for category in CATEGORIES:
        kind = "new" if category == CATEGORIES[0] else "cross"
        write(store, Series("arxiv-new", category), DAY, announce_type=kind, arxiv_version=1, categories=[*CATEGORIES])
        write(store, Series("arxiv-list", category), month, categories=[*CATEGORIES], first_seen=at(NEXT))
    found = only(store)
    assert (found.key, found.first_day) == ("arxiv:2512.00001", DAY)
    assert found.fields["categories"] == [*CATEGORIES]
    assert [(listing.series, listing.day) for listing in found.listings] == [
        *((Series("arxiv-list", category), month) for category in sorted(CATEGORIES)),
        *((Series("arxiv-new", category), DAY) for category in sorted(CATEGORIES)),
    ]
    with open_catalog(store) as catalog:
        assert catalog.query("SELECT count(*), count(DISTINCT paper) FROM listing").rows == [(10, 1)]
        assert len(catalog.arrivals(None).entries) == 1


LG, AI = Series("arxiv-new", "cs.LG"), Series("arxiv-new", "cs.AI")


@pytest.mark.parametrize(
    ("listings", "merged"),
    [
        ([(NEW, DAY, "new"), (LG, DAY, "cross"), (AI, DAY, "cross")], "new"),
        # A later cross-list says nothing about the paper itself.
        ([(NEW, DAY, "new"), (LG, NEXT, "cross")], "new"),
        ([(LG, DAY, "cross"), (NEW, NEXT, "replace"), (LG, NEXT, "replace-cross")], "replace"),
        ([(LG, DAY, "cross"), (AI, DAY, "cross")], None),
        ([(LG, DAY, "cross")], None),
        ([(LG, NEXT, "replace-cross")], None),
        ([(NEW, DAY, "new")], "new"),
    ],
)
def test_the_announcement_is_that_of_the_primary_category(
    store: Store, listings: list[tuple[Series, date, str]], merged: str | None
) -> None:
    for series, day, kind in listings:
        write(store, series, day, announce_type=kind, arxiv_version=1, categories=["cs.CL", "cs.LG", "cs.AI"])
    found = only(store)
    assert found.fields["announce_type"] == merged
    with open_catalog(store) as catalog:
        assert catalog.query("SELECT announce_type FROM paper").rows == [(merged,)]


def test_a_new_version_updates_the_paper_in_place(store: Store) -> None:
    write(store, NEW, DAY, arxiv_version=1, abstract="The first text.")
    first = only(store)
    write(store, NEW, NEXT, "Graphs of large molecules", arxiv_version=2, announce_type="replace", abstract="Another.")
    with open_catalog(store) as catalog:
        found = catalog.paper("2512.00001")
        assert found is not None
        assert catalog.query("SELECT id, key FROM paper").rows == [(_number(first, store), first.key)]
        assert [arrival.paper.key for arrival in catalog.arrivals(None).entries] == [first.key]
        assert [hit.key for hit in catalog.search("large").hits] == [first.key]
        assert catalog.search("first text").hits == []
    assert (found.fields["title"], found.fields["arxiv_version"]) == ("Graphs of large molecules", 2)
    assert (found.fields["first_seen"], found.first_day) == (first.fields["first_seen"], DAY)
    assert [(listing.day, listing.arxiv_version) for listing in found.listings] == [(DAY, 1), (NEXT, 2)]


def _number(found: CatalogPaper, store: Store) -> object:
    with open_catalog(store) as catalog:
        return catalog.query(f"SELECT DISTINCT paper FROM alias WHERE key = '{found.key}'").rows[0][0]


def test_a_withdrawal_is_a_tombstone_that_a_later_version_lifts(store: Store) -> None:
    write(store, NEW, DAY, arxiv_version=1)
    write(store, OAI, NEXT, withdrawn=True, author_comment="This paper has been withdrawn: see [2]")
    found = only(store)
    assert (found.fields["withdrawn"], len(found.listings)) == (True, 2)
    assert found.fields["author_comment"] == "This paper has been withdrawn: see [2]"
    write(store, OAI, NEXT + timedelta(days=1))
    assert not only(store).fields["withdrawn"]
    assert len(only(store).listings) == 3


def test_a_look_at_the_day_of_an_older_change_brings_nothing_of_it_back(store: Store) -> None:
    """A record has left its day of OAI-PMH once it changes again, but its line there stays, without last_seen."""
    write(store, OAI, DAY, "The old title", withdrawn=True)
    write(store, OAI, NEXT, "The new title")
    write(store, OAI, DAY, "The old title", withdrawn=True, as_of=at(DAY + timedelta(days=30)))
    found = only(store)
    assert (found.fields["title"], found.fields["withdrawn"]) == ("The new title", False)
    incremental = tables(store)
    (store.root / "catalog" / "catalog.sqlite").unlink()
    assert only(store) == found
    assert tables(store) == incremental


@pytest.mark.parametrize(
    ("tombstone", "later", "withdrawn"), [(2, 3, False), (2, 2, True), (2, None, True), (None, 3, True)]
)
def test_an_announcement_without_a_comment_lifts_the_withdrawal_of_an_older_version_alone(
    store: Store, tombstone: int | None, later: int | None, withdrawn: bool
) -> None:
    """The feed shows no comments, so that its record of the withdrawal itself says nothing of it."""
    comment = "This paper has been withdrawn"
    write(store, NEW, DAY, arxiv_version=tombstone, withdrawn=True, author_comment=comment)
    write(store, Series("arxiv-new", "cs.LG"), NEXT, arxiv_version=later)
    assert only(store).fields["withdrawn"] is withdrawn


def test_an_announcement_before_the_withdrawal_lifts_nothing(store: Store) -> None:
    comment = "This paper has been withdrawn"
    write(store, NEW, NEXT, arxiv_version=2, withdrawn=True, author_comment=comment)
    write(store, NEW, DAY, arxiv_version=3)
    assert only(store).fields["withdrawn"]
