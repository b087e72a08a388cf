"""An export by several processes, or by a cluster, is that of one process."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from dailypapers.export import schema
from dailypapers.export.export import MadeFile, MonthTask, export, left_over, make_month
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Store
from tests.product import Product
from tests.support.dask_cluster import dask_cluster
from tests.support.exported_files import exported_files
from tests.support.written_days import DAILY, DAY, paper, write_day

MONTHS = [date(2025, month, 10) for month in (9, 10, 11)]


@pytest.fixture
def expected(product: Product, tmp_path: Path) -> dict[str, bytes]:
    """What one process makes of a store with three months."""
    for number, day in enumerate(MONTHS):
        write_day(product.store, [paper(each) for each in range(1, 4 + number)], day=day)
    export(product.store, [DAILY], tmp_path / "expected")
    return exported_files(tmp_path / "expected")


def test_two_processes_make_the_same(product: Product, expected: dict[str, bytes], tmp_path: Path) -> None:
    assert product("export", "--out", tmp_path / "out", "--jobs", "2").status == 0
    assert exported_files(tmp_path / "out") == expected


def test_a_cluster_makes_the_same_with_a_task_for_each_month(
    product: Product, expected: dict[str, bytes], tmp_path: Path
) -> None:
    with dask_cluster(2, os.environ) as cluster:
        result = product("export", "--out", tmp_path / "out", "--dask", cluster.address)
        assert (result.status, cluster.count().tasks) == (0, len(MONTHS))
    assert exported_files(tmp_path / "out") == expected


def task(store: Store, aside: Path | None = None) -> MonthTask:
    return MonthTask(f"{store.root}", "hf-daily", None, "2025-12", (DAY,), None if aside is None else f"{aside}")


def test_a_worker_of_a_cluster_hands_over_names_and_digests(product: Product, tmp_path: Path) -> None:
    write_day(product.store, [paper(1)])
    here, aside = make_month(task(product.store)), make_month(task(product.store, tmp_path))
    assert [file.name for file in aside.files] == [
        "data/papers/hf-daily/2025-12.parquet",
        "data/metrics/hf-daily/2025-12.parquet",
    ]
    assert [file.content for file in aside.files] == [None, None]
    assert len(list(left_over(tmp_path))) == 2
    assert [file.read(tmp_path) for file in aside.files] == [file.content for file in here.files]
    assert list(left_over(tmp_path)) == []


def test_what_a_worker_left_is_removed_by_the_next_export(product: Product, tmp_path: Path) -> None:
    write_day(product.store, [paper(1)])
    make_month(task(product.store, tmp_path))
    (tmp_path / "data/notes.parquet.tmp").write_bytes(b"")
    export(product.store, [DAILY], tmp_path)
    assert [path.name for path in tmp_path.rglob("*.tmp")] == ["notes.parquet.tmp"]


@pytest.mark.parametrize("content", [b"other", None])
def test_a_file_that_is_not_what_a_worker_wrote_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.tmp").write_bytes(content)
    with pytest.raises(StoreError, match=rf"a: not what a worker wrote; is {tmp_path} shared with every worker\?"):
        MadeFile("a", None, "a.tmp", sha256(b"this")).read(tmp_path)


def test_a_worker_of_another_version_or_without_the_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"a worker has format 1, .*, not format 0; install the same versions"):
        make_month(task(Store(tmp_path))._replace(version="format 0"))
    with pytest.raises(StoreError, match=f"a worker sees no store at {tmp_path}/nowhere; share it with every machine"):
        make_month(task(Store(tmp_path / "nowhere")))
    assert schema.VERSION.startswith("format 1, ")


def test_a_store_of_the_past_is_not_for_a_cluster(product: Product, tmp_path: Path) -> None:
    write_day(product.store, [paper(1)])
    words = ["export", "--out", f"{tmp_path / 'out'}", "--as-of", f"{DAY}", "--dask", "tcp://127.0.0.1:1"]
    result = product(*words)
    assert result.status == 2
    assert "--as-of makes its store on this machine, where no worker of --dask finds it" in result.err
