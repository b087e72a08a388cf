"""What a reader that must not write is told of a catalog, and what an update meets in a store that others change."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest

from dailypapers.snapshots.catalog.catalog import open_catalog, read_catalog
from dailypapers.snapshots.catalog.freshness import bring_up_to_date, is_behind, update_days
from dailypapers.snapshots.catalog.joins import decide
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, paper, remove_day, tables, write_day

DAY = date(2025, 12, 8)
NEXT = DAY + timedelta(days=1)
WEEKLY = Series("hf-weekly")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    write_day(store, DAILY, DAY, [paper("One", day=DAY, arxiv_id="2512.00001"), paper("Two", day=DAY)])
    return store


def titles(store: Store) -> list[str]:
    with read_catalog(store) as catalog:
        return sorted(str(each.fields["title"]) for each in catalog.papers())


def test_a_reader_that_must_not_write_refuses_a_catalog_that_is_missing_or_damaged(store: Store) -> None:
    path = catalog_file(store)
    with pytest.raises(StoreError) as raised:
        read_catalog(store)
    assert str(raised.value) == f"{path}: no catalog, or a damaged one"
    assert not path.parent.exists()
    open_catalog(store).close()
    assert titles(store) == ["One", "Two"]
    path.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="no catalog, or a damaged one"):
        read_catalog(store)
    assert path.read_bytes() == b"rubbish" * 1000


def test_a_catalog_is_behind_after_a_new_day_and_after_a_decision_until_it_is_read(store: Store) -> None:
    assert bring_up_to_date(store) == catalog_file(store)
    assert not is_behind(store)
    write_day(store, DAILY, NEXT, [paper("Three", day=NEXT)])
    assert is_behind(store)
    assert titles(store) == ["One", "Two"]
    bring_up_to_date(store)
    assert (is_behind(store), titles(store)) == (False, ["One", "Three", "Two"])
    # A file of others in the folder changes no day.
    (store.papers(DAILY, DAY).parent / "notes.txt").write_text("mine")
    assert not is_behind(store)
    decide(store, "join", "arxiv:2512.00001", paper("Two", day=DAY).key)
    assert is_behind(store)
    bring_up_to_date(store)
    assert (is_behind(store), len(titles(store))) == (False, 2)


def test_a_decision_that_is_taken_back_parts_the_papers_again(store: Store) -> None:
    bring_up_to_date(store)
    before = tables(store)
    decide(store, "join", "arxiv:2512.00001", paper("Two", day=DAY).key)
    bring_up_to_date(store)
    assert len(titles(store)) == 1
    (store.root / "joins.txt").unlink()
    bring_up_to_date(store)
    assert titles(store) == ["One", "Two"]
    assert tables(store) == before


def test_days_and_series_that_are_gone_leave_the_catalog(store: Store) -> None:
    write_day(store, DAILY, NEXT, [paper("Three", day=NEXT)])
    write_day(store, WEEKLY, DAY, [paper("Four", day=DAY, source="hf-weekly")])
    bring_up_to_date(store)
    assert titles(store) == ["Four", "One", "Three", "Two"]
    remove_day(store, DAILY, NEXT)
    bring_up_to_date(store)
    assert titles(store) == ["Four", "One", "Two"]
    remove_day(store, WEEKLY, DAY)
    folder = store.papers(WEEKLY, DAY).parent
    folder.rmdir()
    folder.parent.rmdir()
    bring_up_to_date(store)
    assert titles(store) == ["One", "Two"]


def test_a_day_without_a_certificate_or_with_another_name_is_not_taken_in(store: Store) -> None:
    bring_up_to_date(store)
    write_day(store, DAILY, NEXT, [paper("Three", day=NEXT)])
    folder = store.papers(DAILY, NEXT).parent
    for suffix in (".jsonl", ".day.json"):
        (folder / f"2025-13-45{suffix}").write_bytes((folder / f"{NEXT}{suffix}").read_bytes())
        (folder / f"{NEXT}{suffix}").rename(folder / f"{NEXT}{suffix}.bak")
    (folder / f"{NEXT}.jsonl").write_bytes((folder / f"{NEXT}.jsonl.bak").read_bytes())
    bring_up_to_date(store)
    assert titles(store) == ["One", "Two"]


def test_a_folder_whose_certificate_names_another_series_is_left_out_and_named(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    bring_up_to_date(store)
    write_day(store, DAILY, NEXT, [paper("Three", day=NEXT)])
    moved = store.root / "snapshots" / "hf-weekly" / "2025"
    moved.mkdir(parents=True)
    for path in store.papers(DAILY, NEXT).parent.glob(f"{NEXT}.*"):
        path.rename(moved / path.name)
    with caplog.at_level(logging.WARNING):
        bring_up_to_date(store)
    certificate = moved / f"{NEXT}.day.json"
    message = f"the catalog leaves out a day: {certificate} does not name the series of its folder"
    assert message in [record.getMessage() for record in caplog.records]
    assert titles(store) == ["One", "Two"]


def test_days_that_were_just_written_are_taken_in_only_if_there_is_a_catalog(store: Store) -> None:
    update_days(store, [(DAILY, DAY)])
    assert not catalog_file(store).exists()
    bring_up_to_date(store)
    write_day(store, DAILY, NEXT, [paper("Three", day=NEXT)])
    write_day(store, WEEKLY, DAY, [paper("Four", day=DAY, source="hf-weekly")])
    update_days(store, [(DAILY, NEXT)])
    assert titles(store) == ["One", "Three", "Two"]
    bring_up_to_date(store)
    assert titles(store) == ["Four", "One", "Three", "Two"]
    remove_day(store, DAILY, NEXT)
    update_days(store, [(DAILY, NEXT)])
    assert titles(store) == ["Four", "One", "Two"]


def test_a_day_file_that_changed_unseen_is_read_again_when_one_of_its_lines_is_needed(store: Store) -> None:
    write_day(store, DAILY, NEXT, [paper("One", day=NEXT, arxiv_id="2512.00001")])
    bring_up_to_date(store)
    # As by a process that has not told the catalog yet: another line stands where the record was.
    longer = paper("Alone", day=DAY, arxiv_id="2512.00000", abstract="x" * 99)
    write_day(store, DAILY, DAY, [longer, paper("One, changed", day=DAY, arxiv_id="2512.00001")])
    write_day(store, DAILY, NEXT, [])
    update_days(store, [(DAILY, NEXT)])
    bring_up_to_date(store)
    assert titles(store) == ["Alone", "One, changed"]
    updated = tables(store)
    catalog_file(store).unlink()
    bring_up_to_date(store)
    assert tables(store) == updated
