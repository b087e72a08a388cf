"""A catalog that was damaged, cut, or left half written is repaired by the next reader, who says so."""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from random import Random

import orjson
import pytest

from dailypapers.cli.main import main
from dailypapers.ingest.errors import FAILED
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.freshness import rebuild, update_days
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.catalog.schema import PAGE_SIZE, catalog_file
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import building
from tests.support.catalog_days import DAILY, TEXT, paper, tables, write_day
from tests.support.catalog_kills import WAYS, prepare, run
from tests.support.full_disk import small_files

DAY = date(2025, 12, 8)
SAMPLE = 8
"""Steps of each way of writing at which a process is killed; `make torture` tries all of them."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    write_day(store, DAILY, DAY, papers_of_the_day())
    open_catalog(store).close()
    return store


def papers_of_the_day() -> list[Paper]:
    abstract = " ".join(f"word{number}" for number in range(1500))
    return [paper(f"Paper {n}", day=DAY, arxiv_id=f"2512.{n:05}", abstract=f"{n} {abstract}") for n in range(60)]


def answers(store: Store) -> tuple[object, ...]:
    """What readers are given."""
    with open_catalog(store) as catalog:
        papers = catalog.papers(Selection(limit=None))
        arrived = [entry.paper for entry in catalog.arrivals(None).entries]
        found = [hit.key for hit in catalog.search("word7", limit=100).hits]
        count = catalog.query("SELECT count(*) FROM paper").rows
        return papers, sorted(arrived, key=lambda each: each.key), sorted(found), count


def test_a_catalog_whose_making_was_killed_is_made_again(store: Store) -> None:
    before = answers(store)
    file = catalog_file(store)
    file.unlink()
    made = "import os, sqlite3, sys; made = sqlite3.connect(sys.argv[1], isolation_level=None)"
    steps = "made.execute('PRAGMA cache_size = 1'); made.execute('CREATE TABLE a(b)'); made.execute('BEGIN')"
    fill = "made.executemany('INSERT INTO a VALUES(?)', [('x' * 4000,)] * 99); os._exit(9)"
    killed = subprocess.run([sys.executable, "-c", f"{made}; {steps}; {fill}", file], check=False)
    assert (killed.returncode, file.with_name(f"{file.name}-journal").stat().st_size > 0) == (9, True)
    assert answers(store) == before
    assert not file.with_name(f"{file.name}-journal").exists()


def test_a_disk_that_refuses_is_an_error_of_the_store_that_names_the_catalog(store: Store) -> None:
    before = answers(store)
    write_day(store, DAILY, DAY, [])
    with small_files(4096), pytest.raises(StoreError, match=f"^{re.escape(str(catalog_file(store)))}: disk I/O error"):
        open_catalog(store)
    write_day(store, DAILY, DAY, papers_of_the_day())
    assert answers(store) == before


def test_a_catalog_that_cannot_be_written_is_a_sentence_and_no_bug(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    write_day(store, DAILY, DAY, [])
    with small_files(4096):
        assert main(["--store", str(store.root), "search", "word7"]) == FAILED
    assert capsys.readouterr().err.startswith(f"dailypapers: {catalog_file(store)}: disk I/O error;")


def cut(file: Path, random: Random) -> None:
    with file.open("r+b") as opened:
        opened.truncate(random.randrange(file.stat().st_size))


def zeroed(file: Path, random: Random) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def zeroed_page(file: Path, random: Random) -> None:
    with file.open("r+b") as opened:
        opened.seek(PAGE_SIZE * random.randrange(file.stat().st_size // PAGE_SIZE))
        opened.write(bytes(PAGE_SIZE))


def noise(file: Path, random: Random) -> None:
    file.write_bytes(random.randbytes(5000))


def emptied(file: Path, random: Random) -> None:
    file.write_bytes(b"")


def of_another_schema(file: Path, random: Random) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 999")


def another_database(file: Path, random: Random) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE mine(x)")


def removed(file: Path, random: Random) -> None:
    file.unlink()


@pytest.mark.parametrize(
    "damage", [cut, zeroed, zeroed_page, noise, emptied, of_another_schema, another_database, removed]
)
def test_a_damaged_catalog_is_repaired_by_the_next_reader(
    store: Store, damage: Callable[[Path, Random], None], caplog: pytest.LogCaptureFixture
) -> None:
    expected = answers(store)
    intact = catalog_file(store).read_bytes()
    for seed in range(12 if damage in {cut, zeroed_page} else 1):
        catalog_file(store).write_bytes(intact)
        damage(catalog_file(store), Random(seed))
        caplog.clear()
        assert answers(store) == expected
        is_silent = damage in {removed, emptied} or (damage is zeroed_page and not caplog.records)
        assert len(caplog.records) == (0 if is_silent else 1)
        assert is_silent or "again" in caplog.messages[0]
        assert answers(store) == expected


def test_damage_of_the_first_page_of_any_table_is_repaired(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Also of those that say whether the catalog is as the store is, which are read before any paper."""
    expected = answers(store)
    intact = catalog_file(store).read_bytes()
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        tables = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND rootpage"))
    for name in ("alias", "arrival", "built", "folder", "generation", "listing", "meta", "paper", "series"):
        begin = PAGE_SIZE * (tables[name] - 1)
        catalog_file(store).write_bytes(intact[:begin] + b"\xff" * PAGE_SIZE + intact[begin + PAGE_SIZE :])
        caplog.clear()
        assert answers(store) == expected, name
        assert "again" in caplog.messages[0], name


@pytest.mark.parametrize("name", ["filled", "generation", "joins"])
def test_a_lost_fact_about_the_catalog_is_damage(store: Store, name: str) -> None:
    expected = answers(store)
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        connection.execute("DELETE FROM meta WHERE name = ?", (name,))
        connection.commit()
    assert answers(store) == expected
    with closing(sqlite3.connect(catalog_file(store))) as connection:
        assert connection.execute("SELECT count(*) FROM meta WHERE name = ?", (name,)).fetchone() == (1,)


def test_a_text_that_is_not_utf_8_is_damage(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    expected = answers(store)
    intact = catalog_file(store).read_bytes()
    # In a text; the index has only words.
    assert intact.count(b"word7 word8") == 60
    catalog_file(store).write_bytes(intact.replace(b"word7 word8", b"word7 w\xff\xfed8", 1))
    assert answers(store) == expected
    assert "again" in caplog.messages[0]


def test_a_catalog_of_another_schema_keeps_its_arrivals(store: Store) -> None:
    with open_catalog(store) as catalog:
        cursor = catalog.cursor()
    of_another_schema(catalog_file(store), Random(0))
    with open_catalog(store) as catalog:
        assert catalog.cursor() == cursor
    assert catalog_file(store).with_name("catalog.sqlite.damaged").exists()


def test_a_new_catalog_has_every_index(store: Store) -> None:
    """Also those that are made last; a title-only record among its days needs one of them earlier."""
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'listing_title'"
    with open_catalog(store) as catalog:
        assert catalog.query(indexes).rows == [("listing_title",)]
    write_day(store, TEXT, DAY, [paper("Paper 1", source="hf-text", day=DAY, abstract="1 of another text")])
    rebuild(store)
    with open_catalog(store) as catalog:
        assert catalog.query(indexes).rows == [("listing_title",)]
        assert len(catalog.papers(Selection(limit=None))) == 61


def test_a_log_that_is_noise_is_no_loss(store: Store) -> None:
    expected = answers(store)
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        catalog_file(store).with_name(name).write_bytes(Random(1).randbytes(70_000))
    assert answers(store) == expected


def test_a_damaged_day_is_left_out_and_named(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    file = store.papers(DAILY, DAY)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with open_catalog(store) as catalog:
        assert catalog.papers() == []
        (problem,) = catalog.days_left_out()
    assert f"{file}: line 31 is not a record" in problem
    caplog.clear()
    open_catalog(store).close()
    assert problem in caplog.text
    assert "dailypapers build --all" in caplog.text
    file.write_bytes(content)
    with open_catalog(store) as catalog:
        assert len(catalog.papers(Selection(limit=None))) == 60


@pytest.mark.parametrize("edit", [{"query": ["x"]}, {"schema": {}}, {"source": 7}, {"as_of": None}])
def test_a_certificate_with_values_of_another_type_leaves_its_day_out(
    store: Store, caplog: pytest.LogCaptureFixture, edit: dict[str, object]
) -> None:
    path = store.certificate(DAILY, DAY)
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | edit))
    with open_catalog(store) as catalog:
        assert catalog.papers() == []
    assert f"{path}" in caplog.text


@pytest.mark.parametrize("way", WAYS)
def test_a_writer_that_is_killed_loses_nothing(tmp_path: Path, way: str) -> None:
    before = Store(tmp_path / "before")
    prepare(before, way)
    shutil.copytree(before.root, tmp_path / "calm")
    status, steps = run(tmp_path / "calm", way)
    assert (status, steps > 100) == (0, True)
    expected = tables(Store(tmp_path / "calm"))
    random = Random(way)
    for step in sorted(random.sample(range(1, steps), SAMPLE)):
        store = Store(tmp_path / f"{step}")
        shutil.copytree(before.root, store.root)
        assert run(store.root, way, step)[0] == -9
        with open_catalog(store) as catalog:
            keys = [entry.paper.key for entry in catalog.arrivals(None).entries]
        assert tables(store) == expected
        assert sorted(keys) == sorted(row[0] for row in expected["paper"])


def test_an_update_that_fails_is_a_warning_and_the_next_reader_follows(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    write_day(store, DAILY, DAY, [paper("Another", day=DAY, arxiv_id="2512.00099")])
    with closing(sqlite3.connect(catalog_file(store), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with building(store), pytest.MonkeyPatch.context() as patch:
            patch.setattr("dailypapers.snapshots.catalog.schema.BUSY_MS", 1)
            update_days(store, [(DAILY, DAY)])
        with suppress(sqlite3.Error):
            other.execute("ROLLBACK")
    assert "is not up to date" in caplog.text
    with open_catalog(store) as catalog:
        assert [found.key for found in catalog.papers()] == ["arxiv:2512.00099"]
    assert logging.getLevelName(caplog.records[0].levelno) == "WARNING"
