"""Papers that the catalog joins have one page, and the site follows it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from dailypapers.snapshots.catalog.freshness import bring_up_to_date
from dailypapers.snapshots.catalog.schema import PAGE_SIZE, catalog_file
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.support.written_days import paper, write_day

from .site_store import make_site, tree

DAYS = date(2025, 9, 30), date(2025, 10, 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A paper on each of two days, with ids that a human may join."""
    store = Store(tmp_path / "store")
    for number, day in enumerate(DAYS, 1):
        write_day(store, [paper(number, rank=1), paper(number + 2, rank=2)], day=day)
    return store


def assert_as_new(store: Store, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "new", ignore_errors=True)
    make_site(store, tmp_path / "new")
    assert tree(tmp_path / "site") == tree(tmp_path / "new")


def test_a_decision_makes_one_page_of_two_and_another_one_two_again(store: Store, tmp_path: Path) -> None:
    site, decisions = tmp_path / "site", store.root / "joins.txt"
    make_site(store, site)
    before = tree(site)
    decisions.write_text("join arxiv:2512.00001 arxiv:2512.00002\n")
    make_site(store, site)
    assert not (site / "paper/2512.00002.html").exists()
    assert 'href="../paper/2512.00001.html"' in (site / f"hf-daily/{DAYS[1]}.html").read_text()
    page = (site / "paper/2512.00001.html").read_text()
    assert all(f"../hf-daily/{day}.html" in page for day in DAYS)
    assert_as_new(store, tmp_path)
    decisions.unlink()
    make_site(store, site)
    assert tree(site) == before


def test_a_lost_catalog_changes_nothing(store: Store, tmp_path: Path) -> None:
    (store.root / "joins.txt").write_text("join arxiv:2512.00001 arxiv:2512.00002\n")
    make_site(store, tmp_path / "site")
    before = tree(tmp_path / "site")
    shutil.rmtree(store.root / "catalog")
    make_site(store, tmp_path / "site")
    assert tree(tmp_path / "site") == before
    assert_as_new(store, tmp_path)


def test_a_store_that_one_may_only_read_has_the_same_site(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_site(store, tmp_path / "site")
    shutil.rmtree(store.root / "catalog")

    def refusing(asked: Store) -> Path:
        if asked.root == store.root:
            raise PermissionError(f"{store.root}")
        return bring_up_to_date(asked)

    for name in ("site.catalog_papers", "snapshots.catalog.catalog"):
        monkeypatch.setattr(f"dailypapers.{name}.bring_up_to_date", refusing)
    assert_as_new(store, tmp_path)
    assert not (store.root / "catalog").exists()


def test_a_catalog_that_is_behind_is_not_believed(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path / "site")
    with building(store):
        write_day(store, [paper(1, rank=1), paper(9, rank=2)], day=DAYS[1])
        make_site(store, tmp_path / "site")
    assert (tmp_path / "site/paper/2512.00009.html").exists()
    assert_as_new(store, tmp_path)


def test_a_catalog_that_is_damaged_inside_is_built_again(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path / "site")
    path = catalog_file(store)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'listing_paper'").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] = b"\xff" * PAGE_SIZE
    path.write_bytes(content)
    assert_as_new(store, tmp_path)
