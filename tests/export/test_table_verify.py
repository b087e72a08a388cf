"""Whether the tables of an export hold what their metadata says, and what the store holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from dailypapers.export.month import METADATA_KEY, certificates_file, month_files
from dailypapers.export.verify import against_store, wrong_rows
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.written_days import DAILY, DAY, paper, write_day

NEXT = DAY + timedelta(days=1)
SEARCH = Series("hf-search", "small models")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two days."""
    written = Store(tmp_path / "store")
    write_day(written, [paper(1, upvotes=1), paper(2)])
    write_day(written, [paper(3)], day=NEXT)
    return written


@pytest.fixture
def exported(store: Store, tmp_path: Path) -> Path:
    """The tables of the two days, without an export around them."""
    folder, made = tmp_path / "out", month_files(store, DAILY, [DAY, NEXT])
    contents = {
        "papers/hf-daily/2025-12": made.papers,
        "metrics/hf-daily/2025-12": made.metrics,
        "certificates/hf-daily": certificates_file(store, DAILY, [DAY, NEXT])[0],
    }
    for name, content in contents.items():
        path = folder / f"data/{name}.parquet"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return folder


def rewrite(path: Path, change: Callable[[Any], None]) -> None:
    """Change what the metadata of a Parquet file says of its days."""
    with pq.ParquetFile(path) as file:
        table, entries = file.read(), orjson.loads(file.metadata.metadata[METADATA_KEY])
    change(entries["days"])
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: orjson.dumps(entries)}), path)


@pytest.mark.parametrize("table", ["papers", "metrics"])
def test_rows_are_those_that_the_metadata_names(exported: Path, table: str) -> None:
    assert list(wrong_rows(exported)) == []
    name = f"data/{table}/hf-daily/2025-12.parquet"

    def forget_first(days: Any) -> None:
        days[f"{NEXT}"]["sha256"] = sha256(b"other")
        del days[f"{DAY}"]

    rewrite(exported / name, forget_first)
    assert [tuple(each) for each in wrong_rows(exported)] == [
        (f"{name} {NEXT}", "its rows are not those of the file that the metadata names"),
        (f"{name} {DAY}", "has rows, but the metadata does not name the day"),
    ]


@pytest.mark.parametrize(
    "damage", [{}, {"days": []}, {"days": {f"{DAY}": []}}, {"days": {f"{DAY}": {"state": "a"}}}, []]
)
def test_metadata_of_others_are_named(exported: Path, store: Store, damage: Any) -> None:
    path = exported / "data/papers/hf-daily/2025-12.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: orjson.dumps(damage)}), path)
    (found,) = wrong_rows(exported)
    name = "data/papers/hf-daily/2025-12.parquet"
    assert tuple(found) == (name, "cannot be read (its metadata is not that of an export)")
    # Compared with the store, such a file says nothing of its days.
    assert [tuple(each) for each in against_store(exported, store, [DAILY])] == [
        (f"papers hf-daily {day}", "in the store, not in the export") for day in (DAY, NEXT)
    ]


def test_what_is_no_file_is_named(exported: Path) -> None:
    path = exported / "data/metrics/hf-daily/2025-11.parquet"
    path.mkdir()
    (exported / "data/papers/a.parquet").write_bytes(b"no Parquet")
    first, second = wrong_rows(exported)
    assert (first.name, first.problem[:16]) == ("data/papers/a.parquet", "cannot be read (")
    name = "data/metrics/hf-daily/2025-11.parquet"
    assert tuple(second) == (name, "cannot be read (not a regular file)")


def test_the_tables_are_compared_with_the_store(exported: Path, store: Store) -> None:
    assert list(against_store(exported, store, [SEARCH, DAILY])) == []
    write_day(store, [paper(1, upvotes=1), paper(2)], state="partial")
    assert [tuple(each) for each in against_store(exported, store, [DAILY])] == [
        (f"{table} hf-daily {DAY}", "the store holds another version")
        for table in ("certificates", "papers", "metrics")
    ]
    found = [tuple(each) for each in against_store(exported, store, [SEARCH])]
    assert found == [
        (f"{table} hf-daily {day}", "in the export, not in the store")
        for table in ("certificates", "papers", "metrics")
        for day in (DAY, NEXT)
    ]
