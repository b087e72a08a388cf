"""The files of an export one by one: the card, a month as a task, and Parquet files with their metadata."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from dailypapers.export.card import TABLES, VIEWS, readme
from dailypapers.export.export import MadeFile, MonthTask, left_over, make_month
from dailypapers.export.month import METADATA_KEY, ROWS, ParquetFile, certificates_file, month_files
from dailypapers.export.schema import CERTIFICATES, METRICS, PAPERS, VERSION
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.written_days import DAILY, DAY, paper, write_day

NEXT = DAY + timedelta(days=1)
SEARCH = Series("hf-search", "small models")
PART = pa.table({"a": pa.array([1, 2], pa.int64())})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two days."""
    written = Store(tmp_path / "store")
    write_day(written, [paper(1, upvotes=1), paper(2)], parsers={"hf_html": 9, "hf_api": 10})
    write_day(written, [paper(3)], day=NEXT, state="partial", metrics=[], parsers={"hf_api": 2})
    return written


DIGESTS = {table: f"digest-of-{table}" for table in TABLES}


def card(days: dict[Series, list[date]] | None = None) -> str:
    return readme(days or {}, DIGESTS).decode()


def test_the_card_has_a_configuration_for_each_table_and_the_first_is_the_default() -> None:
    start, head, text = card().split("---\n", 2)
    found = yaml.safe_load(head)
    assert (start, text[:15]) == ("", "\n# Daily papers")
    assert found == {
        "license": "other",
        "pretty_name": "Daily papers",
        "tags": ["papers", "arxiv"],
        "configs": [
            {
                "config_name": table,
                "default": table == "papers",
                "data_files": f"data/{table}/**/*.parquet",
                "description": f"Files with the SHA-256 digest-of-{table}",
            }
            for table in ("papers", "certificates", "metrics")
        ],
    }


def test_the_card_has_a_line_for_each_series() -> None:
    lines = card({DAILY: [DAY, NEXT, NEXT + timedelta(days=9)], SEARCH: [NEXT]}).splitlines()
    place = lines.index("## Series")
    assert lines[place : place + 7] == [
        "## Series",
        "",
        "| series | first day | last day | days |",
        "|---|---|---|---:|",
        "| `hf-daily` | 2025-12-10 | 2025-12-20 | 3 |",
        f"| `{SEARCH.folder.as_posix()}` | 2025-12-11 | 2025-12-11 | 1 |",
        "",
    ]


@pytest.mark.parametrize(
    ("table", "schema"), [("papers", PAPERS), ("certificates", CERTIFICATES), ("metrics", METRICS)]
)
def test_the_card_has_a_line_for_each_column(table: str, schema: pa.Schema) -> None:
    section = card().split(f"\n## {table}\n")[1].split("\n## ")[0]
    head, rule, *rows = [line for line in section.splitlines() if line.startswith("|")]
    assert (head, rule) == ("| column | type | meaning |", "|---|---|---|")
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [name for name, _, _ in cells] == [f"`{field.name}`" for field in schema]
    types = [f"`{field.type}`" + (" or null" if field.nullable else "") for field in schema]
    assert [kind for _, kind, _ in cells] == types
    assert all(meaning for _, _, meaning in cells)
    if table == "papers":
        assert [meaning for _, _, meaning in cells] == [each.description for each in Paper.model_fields.values()]


def test_the_views_are_those_of_the_tables() -> None:
    assert all(f"VIEW {table} AS".encode() in VIEWS for table in TABLES)


def read(content: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)


def metadata(content: bytes) -> Any:
    return orjson.loads(read(content).metadata.metadata[METADATA_KEY])


def written(*tables: pa.Table, metadata: object = None) -> bytes:
    file = ParquetFile(PART.schema)
    for table in tables:
        file.add(table)
    return file.finish(metadata)


def test_a_file_has_the_rows_in_order_and_its_metadata_sorted() -> None:
    content = written(PART, PART.slice(1), metadata={"b": 1, "a": None})
    assert read(content).read().column("a").to_pylist() == [1, 2, 2]
    assert read(content).metadata.metadata[METADATA_KEY] == b'{"a":null,"b":1}'
    assert read(content).metadata.row_group(0).column(0).compression == "ZSTD"
    assert content == written(PART, PART.slice(1), metadata={"a": None, "b": 1})


def test_a_file_without_rows_has_no_row_group() -> None:
    assert read(written()).metadata.num_row_groups == 0
    assert read(written(PART.slice(2))).metadata.num_row_groups == 0


def test_rows_are_written_in_groups_of_whole_days() -> None:
    day = pa.table({"a": pa.array(range(ROWS - 1), pa.int64())})
    file = read(written(day, day.slice(0, 1), PART, PART))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert groups == [ROWS, 4]
    assert file.read().column("a").to_pylist() == [*range(ROWS - 1), 0, 1, 2, 1, 2]


def test_a_day_with_more_rows_than_a_group_has_several() -> None:
    file = read(written(pa.table({"a": pa.array(range(2 * ROWS + 10), pa.int64())})))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert groups == [ROWS, ROWS, 10]


def test_a_flipped_byte_of_a_page_is_noticed() -> None:
    content = bytearray(written(pa.table({"a": pa.array(range(1000), pa.int64())})))
    place = read(bytes(content)).metadata.row_group(0).column(0).data_page_offset
    content[place + 200] ^= 1
    with pytest.raises((OSError, pa.ArrowException)):
        read(bytes(content)).read()


def test_a_month_has_its_days_with_states_digests_and_versions(store: Store) -> None:
    made = month_files(store, DAILY, [DAY, NEXT])
    certificates = {f"{day}": orjson.loads(store.certificate(DAILY, day).read_bytes()) for day in (DAY, NEXT)}
    assert made.inputs == {day: certificate["checksum"] for day, certificate in certificates.items()}
    known = {"format": 1, "schema": 1, "parsers": {"hf_api": [2, 10], "hf_html": [9]}}
    for kind, content in (("papers", made.papers), ("metrics", made.metrics)):
        days = {
            day: {"state": each["state"], "sha256": each["files"].get(kind, {}).get("sha256")}
            for day, each in certificates.items()
        }
        assert metadata(content) == known | {"days": days}
        assert list(metadata(content)["parsers"]) == ["hf_api", "hf_html"]
    assert metadata(made.metrics)["days"][f"{NEXT}"] == {"state": "partial", "sha256": None}
    assert read(made.papers).read().column("key").to_pylist() == [paper(number).key for number in (1, 2, 3)]
    assert read(made.metrics).read().column("upvotes").to_pylist() == [1, None]


def test_a_day_that_is_removed_meanwhile_is_named(store: Store) -> None:
    gone = NEXT + timedelta(days=1)
    with pytest.raises(StoreError) as error:
        month_files(store, DAILY, [DAY, gone])
    path = store.certificate(DAILY, gone)
    assert f"{error.value}" == f"{path}: removed while it was read; run the command again"


def test_certificates_are_in_one_file_in_order(store: Store) -> None:
    content, inputs = certificates_file(store, DAILY, [DAY, NEXT])
    rows = read(content).read().to_pylist()
    assert [(row["day"], row["state"], row["papers"]) for row in rows] == [(DAY, "closed", 2), (NEXT, "partial", 1)]
    assert [row["metrics_sha256"] is None for row in rows] == [False, True]
    days = {
        f"{row['day']}": {"state": row["state"], "sha256": orjson.loads(row["certificate"])["checksum"]} for row in rows
    }
    assert metadata(content) == {"format": 1, "schema": 1, "days": days}
    assert inputs == {day: entry["sha256"] for day, entry in days.items()}


def test_values_that_no_build_writes_name_the_certificate(store: Store) -> None:
    notes: Any = [1]
    write_day(store, [paper(1)], notes=notes)
    with pytest.raises(StoreError) as error:
        certificates_file(store, DAILY, [DAY])
    path = store.certificate(DAILY, DAY)
    assert f"{error.value}".startswith(f"{path}: it or a file of its day has values that no build writes (")
    assert f"{error.value}".endswith("); run dailypapers build --all")


def task(store: Store, *days: date, **changes: Any) -> MonthTask:
    return MonthTask(f"{store.root}", "hf-search", "small models", "2025-12", days)._replace(**changes)


def test_a_task_names_its_files_and_hands_them_over(store: Store) -> None:
    write_day(store, [paper(1)], series=SEARCH)
    made = make_month(task(store, DAY))
    folder = SEARCH.folder.as_posix()
    assert task(store).names == (f"data/papers/{folder}/2025-12.parquet", f"data/metrics/{folder}/2025-12.parquet")
    expected = month_files(store, SEARCH, [DAY])
    assert [file.name for file in made.files] == list(made.task.names)
    assert [file.content for file in made.files] == [expected.papers, expected.metrics]
    assert all(file.content is not None and file.sha256 == sha256(file.content) for file in made.files)
    assert (made.inputs, made.failed, task(store).version) == (expected.inputs, None, VERSION)


def test_a_damaged_day_is_why_a_month_has_no_files(store: Store) -> None:
    write_day(store, [paper(1)], series=SEARCH)
    path = store.papers(SEARCH, DAY)
    path.unlink()
    made = make_month(task(store, DAY))
    assert (made.files, made.inputs) == ((), {})
    assert made.failed == f"{path}: not the file that its certificate names; run dailypapers build"
    assert made.task == task(store, DAY)


def test_files_written_aside_are_found_until_they_are_taken(store: Store, tmp_path: Path) -> None:
    write_day(store, [paper(1)], series=SEARCH)
    made = make_month(task(store, DAY, aside=f"{tmp_path}"))
    names = [path.relative_to(tmp_path).as_posix() for path in left_over(tmp_path)]
    assert sorted(names) == sorted(f"{file.temporary}" for file in made.files)
    assert all(name.startswith(file.name) for name, file in zip(sorted(names), made.files[::-1], strict=True))
    assert [file.content for file in made.files] == [None, None]
    contents = [file.read(tmp_path) for file in made.files]
    assert contents == [file.content for file in make_month(task(store, DAY)).files]
    assert list(left_over(tmp_path)) == []


def test_a_file_written_aside_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.tmp").write_bytes(b"this")
    file = MadeFile("a", None, "a.tmp", sha256(b"this"))
    assert file.read(tmp_path) == b"this"
    assert not (tmp_path / "a.tmp").exists()
    for other in (file, MadeFile("a", b"that", None, sha256(b"this")), MadeFile("a", None, None, sha256(b""))):
        with pytest.raises(StoreError) as error:
            other.read(tmp_path)
        question = f"is {tmp_path} shared with every worker?"
        assert f"{error.value}" == f"{tmp_path / 'a'}: not what a worker wrote; {question}"
