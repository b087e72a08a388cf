"""`dailypapers export`: the same papers in every reader, the same bytes every time, and only what changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from dailypapers.export.export import export
from dailypapers.export.month import METADATA_KEY, ROWS
from dailypapers.parsers.model import Paper, line
from dailypapers.snapshots.history import Metric, read_metrics
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import PaperSite
from tests.product import Product
from tests.support.exported_files import NEXT_MONTH, exported_files, full_paper, write_months
from tests.support.written_days import DAILY, DAY, paper, write_day

SEARCH = Series("hf-search", "diffusion <models>")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two months of a listing, with an empty day, and a search."""
    written = Store(tmp_path_factory.mktemp("store"))
    write_day(written, [full_paper(number) for number in range(1, 20)])
    write_day(written, [], day=DAY + timedelta(days=1), state="empty")
    write_day(written, [full_paper(30), paper(31)], day=NEXT_MONTH, state="settling")
    write_day(written, [full_paper(40)], series=SEARCH, day=NEXT_MONTH)
    return written


@pytest.fixture(scope="module")
def exported(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    result = export(store, [DAILY, SEARCH], folder)
    assert (result.failed, result.written) == ([], result.files)
    return folder


def records(store: Store, *all_series: Series) -> list[Paper]:
    return [each for series in all_series for each in read_range(store, series)]


def metadata(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(pq.read_metadata(path).metadata[METADATA_KEY])
    return found


def as_lines(rows: list[dict[str, Any]]) -> list[bytes]:
    """Rows of a reader as lines of a day file; each reader has its own types for instants."""
    for row in rows:
        row["extra"] = orjson.loads(row["extra"])
    return [line(Paper.model_validate(row)) for row in rows]


def expected_lines(store: Store) -> list[bytes]:
    return [line(each) for each in records(store, DAILY, SEARCH)]


def parquet_files(folder: Path, table: str) -> list[Path]:
    return sorted((folder / "data" / table).rglob("*.parquet"))


def test_pyarrow_reads_the_papers_of_the_day_files(store: Store, exported: Path) -> None:
    rows = [row for path in parquet_files(exported, "papers") for row in pq.read_table(path).to_pylist()]
    assert as_lines(rows) == expected_lines(store)


def test_polars_reads_the_papers_of_the_day_files(store: Store, exported: Path) -> None:
    frame = pl.read_parquet(exported / "data/papers/**/*.parquet")
    assert as_lines(frame.to_dicts()) == expected_lines(store)
    assert frame.schema["doi"] == pl.String
    assert frame.schema["first_seen"] == pl.Datetime("us", "UTC")


def without_pandas(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.tolist() if isinstance(value, np.ndarray) else value


def test_pandas_reads_the_papers_of_the_day_files(store: Store, exported: Path) -> None:
    frames = [pd.read_parquet(path, dtype_backend="pyarrow") for path in parquet_files(exported, "papers")]
    frame = pd.concat(frames, ignore_index=True)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    plain = [{name: without_pandas(value) for name, value in row.items()} for row in rows]
    assert as_lines(plain) == expected_lines(store)
    assert pd.read_parquet(parquet_files(exported, "papers")[0]).title.tolist() == [
        each.title for each in records(store, DAILY) if each.day and each.day < NEXT_MONTH
    ]


@pytest.fixture
def database(exported: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB after it read `views.sql`, in the folder of the export."""
    monkeypatch.chdir(exported)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute((exported / "views.sql").read_text())
        yield connection


def test_duckdb_reads_the_papers_of_the_day_files(store: Store, database: duckdb.DuckDBPyConnection) -> None:
    rows = database.sql("FROM papers").to_arrow_table().to_pylist()
    assert [row.pop("series") for row in rows] == ["hf-daily"] * 21 + [SEARCH.folder.as_posix()]
    assert as_lines(rows) == expected_lines(store)


def test_the_views_join_papers_and_states(database: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT series, day, state, count(*) FROM papers_with_state GROUP BY ALL ORDER BY ALL"
    assert database.execute(query).fetchall() == [
        ("hf-daily", DAY, "closed", 19),
        ("hf-daily", NEXT_MONTH, "settling", 2),
        (SEARCH.folder.as_posix(), NEXT_MONTH, "closed", 1),
    ]
    states = database.execute("SELECT day, state FROM certificates WHERE papers = 0").fetchall()
    assert states == [(DAY + timedelta(days=1), "empty")]
    assert database.execute("SELECT count(*) FROM metrics").fetchone() == (22,)


LOAD = """
import sys
import datasets
for name in ("papers", "certificates", "metrics"):
    loaded = datasets.load_dataset(sys.argv[1], name, split="train")
    loaded.to_parquet(f"{sys.argv[2]}/{name}.parquet")
default = datasets.load_dataset(sys.argv[1], split="train")
assert default.column_names[0] == "key", default.column_names
"""


def load_with_datasets(folder: Path, work: Path) -> None:
    """Load the three configurations into files of `work`, without a network and in a process of their own."""
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": f"{work}/cache",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-c", LOAD, str(folder), str(work)]
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=300)


def test_datasets_loads_the_papers_of_the_day_files(store: Store, exported: Path, tmp_path: Path) -> None:
    load_with_datasets(exported, tmp_path)
    table = pq.read_table(tmp_path / "papers.parquet")
    assert as_lines(table.to_pylist()) == expected_lines(store)
    assert table.schema.field("doi").type == "string"
    assert table.schema.field("github_stars").type == "int64"
    assert pq.read_table(tmp_path / "certificates.parquet").column("state").to_pylist() == [
        "closed", "empty", "settling", "closed",
    ]  # fmt: skip
    assert pq.read_table(tmp_path / "metrics.parquet").num_rows == 22


def test_datasets_notices_that_files_have_changed(tmp_path: Path) -> None:
    """Its cache goes by the card alone."""
    store, folder = write_months(tmp_path), tmp_path / "out"
    for upvotes in (1, 2):
        write_day(store, [paper(1, upvotes=upvotes)], day=NEXT_MONTH)
        export(store, [DAILY], folder)
        load_with_datasets(folder, tmp_path)
        assert pq.read_table(tmp_path / "papers.parquet").column("upvotes").to_pylist()[-1] == upvotes


def test_metrics_are_those_of_the_files(store: Store, exported: Path) -> None:
    rows = [row for path in parquet_files(exported, "metrics") for row in pq.read_table(path).to_pylist()]
    assert {row.pop("series") for row in rows} == {"hf-daily", SEARCH.folder.as_posix()}
    days = [(series, day) for series in (DAILY, SEARCH) for day in store.days_with_snapshots(series)]
    expected = [metric for series, day in days for metric in read_metrics(store.metrics(series, day))]
    assert [(row.pop("day"), Metric(**row))[1] for row in rows] == expected


def test_the_metadata_names_versions_states_and_digests(store: Store, exported: Path) -> None:
    found = metadata(exported / "data/papers/hf-daily/2025-12.parquet")
    assert {name: value for name, value in found.items() if name != "days"} == {
        "format": 1,
        "schema": 1,
        "parsers": {"hf_api": [1]},
    }
    assert {day: entry["state"] for day, entry in found["days"].items()} == {
        "2025-12-10": "closed",
        "2025-12-11": "empty",
    }
    certificate = orjson.loads(store.certificate(DAILY, DAY).read_bytes())
    assert found["days"]["2025-12-10"]["sha256"] == certificate["files"]["papers"]["sha256"]
    metrics = metadata(exported / "data/metrics/hf-daily/2025-12.parquet")
    assert metrics["days"]["2025-12-10"]["sha256"] == certificate["files"]["metrics"]["sha256"]
    assert metrics["days"]["2025-12-11"]["sha256"] is None


def test_two_exports_are_the_same_bytes(store: Store, exported: Path, tmp_path: Path) -> None:
    export(store, [DAILY, SEARCH], tmp_path)
    assert exported_files(tmp_path) == exported_files(exported)


def test_sha256sum_accepts_the_checksums(exported: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=exported, check=True, capture_output=True).stdout == b""


def test_the_card_names_the_tables_and_the_series(exported: Path) -> None:
    card = (exported / "README.md").read_text()
    assert card.startswith("---\nlicense: other\n")
    assert "| `hf-daily` | 2025-12-10 | 2026-01-02 | 3 |" in card
    assert "<models>" not in card
    assert all(f"| `{name}` |" in card for name in Paper.model_fields)


def test_a_day_with_more_papers_than_a_row_group_has_several(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    write_day(store, [paper(number) for number in range(ROWS + 10)])
    write_day(store, [paper(1)], day=DAY + timedelta(days=1))
    export(store, [DAILY], tmp_path / "out")
    with pq.ParquetFile(tmp_path / "out/data/papers/hf-daily/2025-12.parquet") as file:
        groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
        assert groups == [ROWS, 10, 1]
        assert file.read().column("key").to_pylist() == [each.key for each in records(store, DAILY)]


def test_the_command(product: Product, site: PaperSite, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    assert product("export", "--out", folder).status == 3
    product("run", "hf-daily", "--day", f"{DAY}")
    result = product("export", "--out", folder)
    assert (result.status, result.out) == (0, f"{folder}: 6 files, 6 of them written\n")
    rows = pq.read_table(folder / "data/papers/hf-daily/2025-12.parquet").to_pylist()
    assert as_lines(rows) == [orjson.dumps(row) for row in product.papers(DAY)]
    result = product("export", "--out", folder, "hf-daily", "--json")
    assert orjson.loads(result.out) == {"folder": f"{folder}", "files": 6, "written": 0, "failed": []}
    assert product("export", "--out", folder, "--quiet").out == ""


def test_a_damaged_day_is_named_and_the_status_is_attention(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "hf-daily", "--day", f"{DAY}")
    product.store.papers(DAILY, DAY).write_bytes(b"")
    result = product("export", "--out", tmp_path / "dataset")
    assert result.status == 1
    assert f"{DAY}.jsonl: not the file that its certificate names; run dailypapers build" in result.err


def test_a_folder_with_other_files_is_refused(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "hf-daily", "--day", f"{DAY}")
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    result = product("export", "--out", folder)
    assert (result.status, result.err) == (
        2,
        f"dailypapers: {folder} holds other files, such as README.md; name a new folder with --out\n",
    )
    assert product("export", "--out", folder / "README.md").status == 2
    assert product("export", "--out", product.store.root).status == 2
    (folder / "README.md").unlink()
    (folder / ".git").mkdir()
    assert product("export", "--out", folder).status == 0


def test_without_the_extra_the_command_names_it(
    product: Product, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("dailypapers.cli.extras.find_spec", lambda _: None)
    result = product("export", "--out", tmp_path / "dataset")
    assert result.status == 2
    assert "export needs pyarrow; install it with: " in result.err
    assert "-m pip install 'dailypapers[parquet]'\n" in result.err


def test_metrics_may_be_missing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    write_day(store, [paper(1)], metrics=[])
    export(store, [DAILY], tmp_path / "out")
    assert pq.read_table(tmp_path / "out/data/metrics/hf-daily/2025-12.parquet").num_rows == 0
