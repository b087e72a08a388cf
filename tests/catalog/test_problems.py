"""Why a file is not used as the catalog, in words; and which errors are those of a damaged one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from dailypapers.snapshots.catalog.catalog import open_catalog, read_catalog
from dailypapers.snapshots.catalog.schema import (
    SCHEMA,
    DamagedCatalogError,
    catalog_file,
    is_begun,
    is_damage,
    problem_of,
)
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, NEW, paper, write_day

DAY = date(2025, 12, 8)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    for series in (DAILY, NEW):
        write_day(store, series, DAY, [paper("A title", source=series.source, day=DAY, arxiv_id="2512.00001")])
    open_catalog(store).close()
    return store


def execute(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(sql)
        connection.commit()


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def truncate_beside_log(file: Path) -> None:
    """The rest of its pages may be in the log."""
    truncate(file)
    Path(f"{file}-wal").write_bytes(b"x")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda _: None, None),
        (truncate, "it is cut: {less} of {size} bytes"),
        (lambda file: file.write_bytes(b""), "it is not an SQLite file"),
        (lambda file: file.write_bytes(file.read_bytes()[:99]), "it is not an SQLite file"),
        (lambda file: file.write_bytes(b"x" * 5000), "it is not an SQLite file"),
        (lambda file: execute(file, "PRAGMA user_version = 999"), f"its schema is 999, not {SCHEMA}"),
        (lambda file: execute(file, "DROP TABLE meta"), "no such table: meta"),
        (lambda file: Path(f"{file}-journal").write_bytes(b"x"), "the process that made it was killed"),
        (lambda file: Path(f"{file}-journal").touch(), None),
        (truncate_beside_log, None),
    ],
)
def test_why_a_file_is_not_the_catalog(store: Store, change: Callable[[Path], object], problem: str | None) -> None:
    file = catalog_file(store)
    size = file.stat().st_size
    change(file)
    assert problem_of(file) == (problem and problem.format(less=size - 1, size=size))


def test_the_database_of_another_program_is_not_the_catalog(store: Store) -> None:
    execute(catalog_file(store), "PRAGMA application_id = 1")
    assert problem_of(catalog_file(store)) == "another program made it"


def test_a_fact_whose_name_is_not_utf_8_is_a_problem_of_the_file(store: Store) -> None:
    file = catalog_file(store)
    assert file == store.root / "catalog" / "catalog.sqlite"
    execute(file, "UPDATE meta SET name = CAST(x'ff' AS TEXT) WHERE name = 'joins'")
    assert (problem_of(file) or "").startswith("Could not decode to UTF-8")


def test_pages_of_65536_bytes_are_counted_as_such(tmp_path: Path) -> None:
    """The header of a file has 1 for them (https://www.sqlite.org/fileformat2.html#page_size)."""
    file = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA page_size = 65536")
        connection.execute("CREATE TABLE a(b)")
    size = file.stat().st_size
    assert size == 2 * 65536
    assert problem_of(file) == "no such table: meta"
    truncate(file)
    assert problem_of(file) == f"it is cut: {size - 1} of {size} bytes"


def test_a_file_is_begun_once_it_has_a_table(tmp_path: Path) -> None:
    file = tmp_path / "catalog.sqlite"
    file.touch()
    assert not is_begun(file)
    execute(file, "PRAGMA user_version = 1")
    assert not is_begun(file)
    execute(file, "CREATE TABLE a(b)")
    assert is_begun(file)
    file.write_bytes(b"noise" * 1000)
    assert is_begun(file)


def error(code: int) -> sqlite3.Error:
    made = sqlite3.DatabaseError("x")
    made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (DamagedCatalogError("x"), True),
        (error(sqlite3.SQLITE_CORRUPT), True),
        (error(sqlite3.SQLITE_CORRUPT_INDEX), True),
        (error(sqlite3.SQLITE_NOTADB), True),
        (error(sqlite3.SQLITE_FORMAT), True),
        (error(sqlite3.SQLITE_FULL), False),
        (error(sqlite3.SQLITE_BUSY_SNAPSHOT), False),
        (sqlite3.DatabaseError("without a code"), False),
        (OSError(), False),
    ],
)
def test_errors_of_a_damaged_file(raised: Exception, expected: bool) -> None:
    assert is_damage(raised) is expected


def test_a_reader_that_must_not_write_raises_for_damage_and_repairs_nothing(store: Store) -> None:
    file = catalog_file(store)
    execute(file, "UPDATE paper SET title = 'another'")
    damaged = file.read_bytes()
    with read_catalog(store) as catalog, pytest.raises(DamagedCatalogError):
        catalog.papers()
    assert file.read_bytes() == damaged
    with open_catalog(store) as catalog:
        assert [found.fields["title"] for found in catalog.papers()] == ["A title"]


def test_a_reader_that_must_not_write_needs_a_catalog(store: Store) -> None:
    file = catalog_file(store)
    file.unlink()
    with pytest.raises(StoreError) as raised:
        read_catalog(store)
    assert str(raised.value) == f"{file}: no catalog, or a damaged one"
    assert not file.exists()


def test_a_catalog_names_its_series_and_the_keys_that_match(store: Store) -> None:
    with open_catalog(store) as catalog:
        assert catalog.series() == [NEW, DAILY]
        assert catalog.matching_keys("title", DAILY) == frozenset({"arxiv:2512.00001"})
        assert catalog.matching_keys("title", Series("hf-weekly")) == frozenset()
        assert catalog.matching_keys("--", DAILY) == frozenset()
