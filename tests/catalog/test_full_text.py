"""The full-text index: one segment in a catalog that was built, few in one that was updated, and the same ranks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from dailypapers.snapshots.catalog import full_text, update
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.freshness import update_days
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.support.catalog_days import DAILY, paper, tables, write_day

DAY = date(2025, 12, 8)


def write(store: Store, number: int) -> date:
    day = DAY + timedelta(days=number)
    text = f"word{number} " + " ".join(f"w{number}x{each}" for each in range(400))
    write_day(store, DAILY, day, [paper(f"Paper {number}", day=day, arxiv_id=f"2512.{number:05}", abstract=text)])
    return day


def segments(store: Store) -> int:
    """https://www.sqlite.org/fts5.html#the_data_table has the form of the ids."""
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        select = "SELECT count(DISTINCT id >> 37) FROM ft_data WHERE id >= 1 << 37"
        return int(connection.execute(select).fetchone()[0])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Days that are taken in with a transaction each."""
    monkeypatch.setattr(update, "MAX_RECORDS", 1)
    monkeypatch.setattr(full_text, "PAGES_OF_A_STEP", 2)
    store = Store(tmp_path / "store")
    for number in range(20):
        write(store, number)
    return store


def test_a_catalog_that_was_built_has_one_segment(store: Store) -> None:
    with open_catalog(store) as catalog:
        assert [catalog.search(f"word{number}").total for number in range(20)] == [1] * 20
    assert segments(store) == 1
    tables(store)


def test_segments_are_left_as_they_are_while_a_catalog_is_filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_text, "merge_all", lambda connection: None)
    open_catalog(store).close()
    assert segments(store) == 20


def test_a_catalog_whose_last_merge_was_stopped_is_merged_by_the_next_command(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO ft(ft, rank) VALUES('merge', -1)")
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(full_text, "merge_all", stopped)
        with pytest.raises(InterruptedError):
            open_catalog(store)
    assert segments(store) > 1
    with open_catalog(store) as catalog:
        assert catalog.search("paper").total == 20
    assert segments(store) == 1
    tables(store)


def test_later_segments_are_merged_as_they_come(store: Store) -> None:
    open_catalog(store).close()
    for number in range(20, 40):
        with building(store):
            update_days(store, [(DAILY, write(store, number))])
    assert segments(store) <= 2 * full_text.SEGMENTS_OF_A_MERGE
    with open_catalog(store) as catalog:
        assert catalog.search("paper").total == 40
    tables(store)
