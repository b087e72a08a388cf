"""SQL of users: it reads, within bounds, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from dailypapers.snapshots.catalog import sql_query
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import QueryError
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Store
from tests.support.catalog_days import DAILY, paper, write_day

DAY = date(2025, 12, 8)
ENDLESS = "WITH RECURSIVE all_of(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_of)"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("store"))
    papers = [paper(f"Paper {n}", day=DAY, arxiv_id=f"2512.{n:05}", upvotes=n, authors=["Ada Łoń"]) for n in range(30)]
    write_day(store, DAILY, DAY, papers)
    return store


@pytest.fixture
def catalog(store: Store) -> Iterator[Catalog]:
    with open_catalog(store) as opened:
        yield opened


def test_a_select_gives_columns_and_rows(catalog: Catalog) -> None:
    found = catalog.query("SELECT key, authors FROM paper WHERE upvotes > 28")
    assert (found.columns, found.rows, found.cut) == (("key", "authors"), [("arxiv:2512.00029", "Ada Łoń")], False)
    assert catalog.query("SELECT source, query, count(*) FROM listings").rows == [("hf-daily", None, 30)]
    assert catalog.query("SELECT count(*) FROM ft WHERE ft MATCH 'paper'").rows == [(30,)]
    assert catalog.query("SELECT DISTINCT term FROM word WHERE term >= 'pa' AND term < 'pb'").rows == [("paper",)]
    assert catalog.query("-- mine\nWITH few AS (SELECT 1 AS one) SELECT one FROM few").rows == [(1,)]
    assert catalog.query("VALUES (x'00ff', CAST(x'ff' AS TEXT))").rows == [("00ff", "\ufffd")]


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT",
        "SELEC 1",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM paper",
        "SELECT '\x00'",
        "SELECT '\ud800'",
        "DELETE FROM paper",
        "INSERT INTO meta VALUES('a', 1)",
        "UPDATE paper SET title = ''",
        "DROP TABLE paper",
        "CREATE TABLE mine(x)",
        "CREATE TEMP TABLE mine(x)",
        "ATTACH 'other.sqlite' AS other",
        "ATTACH ':memory:' AS other",
        "VACUUM INTO 'copy.sqlite'",
        "PRAGMA user_version = 7",
        "PRAGMA data_version",
        "PRAGMA hard_heap_limit = 0",
        "SELECT * FROM pragma_table_info('paper')",
        "SELECT load_extension('anything')",
        "BEGIN",
        "INSERT INTO ft(ft) VALUES('rebuild')",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%s', 1)",
        "SELECT count(*) FROM ft WHERE ft MATCH '\"'",
    ],
)
def test_everything_else_is_refused_in_a_sentence(catalog: Catalog, store: Store, sql: str) -> None:
    before = catalog_file(store).read_bytes()
    with pytest.raises(QueryError) as refused:
        catalog.query(sql)
    assert len(str(refused.value).splitlines()) == 1
    assert catalog_file(store).read_bytes() == before
    assert catalog.query("SELECT count(*) FROM paper").rows == [(30,)]


@pytest.mark.parametrize(
    ("sql", "reason"), [("DELETE FROM paper", "only SELECT is allowed"), ("SELECT printf('a')", "this function is not")]
)
def test_the_reason_names_what_is_not_allowed(catalog: Catalog, sql: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        catalog.query(sql)


def test_a_query_that_never_ends_is_stopped(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_query, "MAX_SECONDS", 0.05)
    with pytest.raises(QueryError, match="took more than"):
        catalog.query(f"{ENDLESS} SELECT max(n) FROM all_of")


def test_many_rows_and_much_text_are_cut_and_that_is_said(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    found = catalog.query(f"{ENDLESS} SELECT n FROM all_of")
    assert (len(found.rows), found.cut) == (sql_query.MAX_ROWS, True)
    monkeypatch.setattr(sql_query, "MAX_BYTES", 100)
    found = catalog.query("SELECT title FROM paper")
    assert (sum(len(str(row[0])) for row in found.rows) <= 100, found.cut) == (True, True)


def test_a_sort_that_needs_much_memory_is_refused(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_query, "MAX_HEAP", 40 * 2**20)
    hungry = (
        "WITH RECURSIVE all_of(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_of LIMIT 10000)"
        " SELECT n, hex(zeroblob(20000)) AS text FROM all_of ORDER BY text, -n"
    )
    with pytest.raises(QueryError, match="MiB"):
        catalog.query(hungry)
    assert catalog.query("SELECT count(*) FROM paper").rows == [(30,)]
