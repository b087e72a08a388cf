"""Several processes on one store: builders keep the catalog up to date, and readers wait for nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.freshness import update_days
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.papersite import PaperSite
from tests.product import BUSY, DAY, SERIES, Product
from tests.support.catalog_days import DAILY, paper, tables, write_day

Result = TypeVar("Result")

FIRST = date(2025, 12, 1)


def put(store: Store, number: int) -> None:
    day = FIRST + timedelta(days=number)
    with building(store):
        write_day(store, DAILY, day, [paper(f"Paper {number}", day=day, arxiv_id=f"2512.{number:05}")])
        update_days(store, [(DAILY, day)])


def read_while_writing(store: Store, read: Callable[[Catalog], Result]) -> Result:
    """What a reader is given while the store is locked; one that waits for the lock fails the test."""

    def opened() -> Result:
        with open_catalog(store) as catalog:
            return read(catalog)

    with ThreadPoolExecutor(1) as pool, building(store):
        return pool.submit(opened).result(timeout=30)


def test_a_reader_waits_for_no_writer(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 0)
    open_catalog(store).close()
    day = FIRST + timedelta(days=1)
    write_day(store, DAILY, day, [paper("Paper 1", day=day, arxiv_id="2512.00001")])
    assert len(read_while_writing(store, Catalog.papers)) == 1
    with open_catalog(store) as catalog:
        assert len(catalog.papers()) == 2


def test_writers_and_readers_at_once_lose_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, 0)
    open_catalog(store).close()
    seen: list[str] = []
    failures: list[BaseException] = []

    def write(numbers: range) -> None:
        try:
            for number in numbers:
                put(store, number)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(range(start, 40, 2),)) for start in (1, 2)]
    for writer in writers:
        writer.start()
    cursor = None
    while True:
        is_last = not any(writer.is_alive() for writer in writers)
        with open_catalog(store) as catalog:
            found = catalog.arrivals(cursor)
        cursor = found.cursor
        seen += [entry.paper.key for entry in found.entries]
        if is_last:
            break
    for writer in writers:
        writer.join()
    assert failures == []
    assert sorted(seen) == [f"arxiv:2512.{number:05}" for number in range(40)]
    incremental = tables(store)
    catalog_file(store).unlink()
    open_catalog(store).close()
    assert incremental == tables(store)


def test_a_run_keeps_a_catalog_up_to_date_and_makes_none(product: Product, site: PaperSite) -> None:
    assert product("run", "hf-daily", "--day", f"{DAY}").status == 0
    assert not catalog_file(product.store).exists()
    with open_catalog(product.store) as catalog:
        before = catalog.cursor()
    assert product("run", "hf-daily", "--day", f"{BUSY}").status == 0
    expected = {row["key"] for row in product.papers(BUSY)} | {row["key"] for row in product.papers(DAY)}
    with pytest.MonkeyPatch.context() as patch:
        # The reader finds all done.
        patch.setattr("dailypapers.snapshots.catalog.update.read_day_records", lambda *_: 1 / 0)
        found, arrived = read_while_writing(
            product.store, lambda catalog: (catalog.papers(Selection(limit=None)), catalog.arrivals(before, SERIES))
        )
    assert {each.key for each in found} == expected
    assert {entry.paper.key for entry in arrived.entries} == {row["key"] for row in product.papers(BUSY)}


def test_a_bug_in_the_catalog_does_not_stop_a_run(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert product("run", "hf-daily", "--day", f"{DAY}").status == 0
    open_catalog(product.store).close()
    monkeypatch.setattr("dailypapers.snapshots.catalog.update.read_day_records", lambda *_: 1 / 0)
    result = product("run", "hf-daily", "--day", f"{BUSY}")
    assert result.status == 0
    assert "is not up to date" in result.err
    monkeypatch.undo()
    with open_catalog(product.store) as catalog:
        assert len(catalog.papers(Selection(day=BUSY, limit=None))) == len(product.papers(BUSY))


def test_a_run_survives_a_catalog_that_cannot_be_followed(product: Product, site: PaperSite) -> None:
    assert product("run", "hf-daily", "--day", f"{DAY}").status == 0
    open_catalog(product.store).close()
    product.store.root.joinpath("joins.txt").write_text("nonsense\n")
    result = product("run", "hf-daily", "--day", f"{BUSY}")
    assert result.status == 0
    assert "is not up to date" in result.err
    assert product.store.papers(SERIES, BUSY).exists()
