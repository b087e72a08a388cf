"""`dailypapers verify`: what is not as it was written, or not as in the store, is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dailypapers.export.export import export
from dailypapers.outputs.folder import CHECKSUMS, checksum_lines, read_checksums
from dailypapers.outputs.verify import Difference, changed_days, site_against_store
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.store.layout import Series, Store
from tests.product import Product, Result
from tests.support.written_days import DAILY, DAY, paper, write_day

PAPERS = "data/papers/hf-daily/2025-12.parquet"
SEARCH = Series("hf-search", "diffusion")


@pytest.fixture
def folder(product: Product, tmp_path: Path) -> Path:
    """An export of a store with two days."""
    for number in range(2):
        write_day(product.store, [paper(1, upvotes=number), paper(2)], day=DAY + timedelta(days=number))
    export(product.store, [DAILY], tmp_path / "out")
    return tmp_path / "out"


def verify(product: Product, folder: Path, *words: str) -> tuple[int, list[dict[str, str]]]:
    result = product("verify", folder, "--json", *words)
    return result.status, orjson.loads(result.out)


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the rows of a Parquet file and the checksum of the file, but not the metadata of the rows' days."""
    pq.write_table(change(pq.read_table(path)), path)
    folder = path.parents[3]
    checksums = read_checksums(folder) | {path.relative_to(folder).as_posix(): sha256(path.read_bytes())}
    (folder / CHECKSUMS).write_bytes(checksum_lines(checksums))


def test_an_export_is_as_it_was_written_and_as_the_store_is(product: Product, folder: Path) -> None:
    assert product("verify", folder) == Result(0, f"{folder}: every file has the digest that it should have\n", "")
    result = product("verify", folder, "--against-store")
    assert result == Result(
        0, f"{folder}: every file has the digest that it should have, and every day is the same in the store\n", ""
    )
    assert verify(product, folder) == (0, [])
    assert product("verify", folder, "--quiet").out == ""


def test_a_flipped_byte_is_named_wherever_it_is(product: Product, folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in files:
        content = path.read_bytes()
        for position in (0, len(content) // 2, len(content) - 1):
            flip(path, position)
            status, differences = verify(product, folder)
            assert status == 1
            assert path.name == CHECKSUMS or [each["name"] for each in differences] == [
                path.relative_to(folder).as_posix()
            ]
            path.write_bytes(content)
    assert verify(product, folder)[0] == 0


def test_a_file_that_is_missing_or_was_added_is_named(product: Product, folder: Path) -> None:
    shutil.copy(folder / PAPERS, folder / "data/papers/hf-daily/2025-11.parquet")
    (folder / "README.md").unlink()
    result = product("verify", folder)
    assert result.status == 1
    assert result.out.splitlines() == [
        "README.md: missing",
        f"data/papers/hf-daily/2025-11.parquet: not listed in {CHECKSUMS}",
        f"{folder}: 2 differences; delete the files named and make the folder again with the command that wrote it",
    ]


def test_a_file_with_another_content_is_named_with_what_tells_it(product: Product, folder: Path) -> None:
    (folder / "views.sql").write_text("SELECT 1;\n")
    assert verify(product, folder) == (
        1,
        [
            {
                "name": "views.sql",
                "problem": f"changed since it was written: its digest is not the one in {CHECKSUMS}",
            }
        ],
    )


def test_a_name_outside_the_folder_is_not_opened(product: Product, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    lines = checksum_lines(read_checksums(folder) | {"../secret": sha256(b"x"), "/etc/passwd": sha256(b"")})
    (folder / CHECKSUMS).write_bytes(lines)
    status, differences = verify(product, folder)
    assert status == 1
    assert {each["name"] for each in differences} == {CHECKSUMS}


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.slice(1),
        lambda table: table.set_column(14, "upvotes", pa.array([7] * table.num_rows)),
        lambda table: pa.concat_tables([table, table.slice(0, 1)]).replace_schema_metadata(table.schema.metadata),
    ],
)
def test_rows_that_are_not_those_of_the_day_file_are_named(
    product: Product, folder: Path, change: Callable[[pa.Table], pa.Table]
) -> None:
    with pq.ParquetFile(folder / PAPERS) as file:
        metadata = file.metadata.metadata
    rewrite(folder / PAPERS, lambda table: change(table).replace_schema_metadata(metadata))
    status, differences = verify(product, folder)
    assert status == 1
    assert differences[0] == {
        "name": f"{PAPERS} 2025-12-10",
        "problem": "its rows are not those of the file that the metadata names",
    }


def test_parquet_files_of_others_are_named(product: Product, folder: Path) -> None:
    rewrite(folder / PAPERS, lambda table: table.replace_schema_metadata(None))
    status, differences = verify(product, folder, "--against-store")
    assert (status, differences[0]["problem"]) == (1, "cannot be read (its metadata is not that of an export)")


def test_other_columns_are_named(product: Product, folder: Path) -> None:
    with pq.ParquetFile(folder / PAPERS) as file:
        metadata = file.metadata.metadata
    rewrite(folder / PAPERS, lambda table: table.drop_columns(["day"]).replace_schema_metadata(metadata))
    status, differences = verify(product, folder)
    assert (status, differences[0]["problem"]) == (1, "cannot be read (its columns are not those of an export)")


def test_days_that_the_store_holds_otherwise_are_named(product: Product, folder: Path) -> None:
    write_day(product.store, [paper(3)], state="partial")
    write_day(product.store, [paper(4)], day=DAY + timedelta(days=2))
    product.store.certificate(DAILY, DAY + timedelta(days=1)).unlink()
    assert verify(product, folder) == (0, [])
    status, differences = verify(product, folder, "--against-store")
    assert status == 1
    problems = ["the store holds another version", "in the export, not in the store", "in the store, not in the export"]
    assert [tuple(each.values()) for each in differences] == [
        (f"{table} hf-daily {DAY + timedelta(days=number)}", problem)
        for table in ("certificates", "papers", "metrics")
        for number, problem in enumerate(problems)
    ]


def test_series_that_the_export_does_not_hold_are_left_out(product: Product, folder: Path) -> None:
    write_day(product.store, [paper(3)], series=SEARCH)
    assert verify(product, folder, "--against-store") == (0, [])


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nowhere", "there is no folder "),
        (
            "empty",
            f"empty has no {CHECKSUMS} and no certificates in data/: it is not an export or a site, or it was not",
        ),
    ],
)
def test_another_folder_is_refused(product: Product, tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    result = product("verify", tmp_path / name)
    assert result.status == 3
    assert problem in result.err


@pytest.fixture
def site_folder(product: Product, tmp_path: Path) -> Path:
    """The data of a site: the files of two days, as they are in the store."""
    folder = tmp_path / "site"
    for number in range(2):
        day = DAY + timedelta(days=number)
        write_day(product.store, [paper(1), paper(2)], day=day)
        for path in (product.store.papers(DAILY, day), product.store.certificate(DAILY, day)):
            (folder / "data/hf-daily").mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / "data/hf-daily")
    return folder


def test_the_data_of_a_site_is_checked_by_its_certificates(product: Product, site_folder: Path) -> None:
    assert product("verify", site_folder, "--against-store").status == 0
    flip(site_folder / f"data/hf-daily/{DAY}.jsonl", 20)
    flip(site_folder / f"data/hf-daily/{DAY + timedelta(days=1)}.day.json", 20)
    assert verify(product, site_folder) == (
        1,
        [
            {
                "name": f"data/hf-daily/{DAY}.jsonl",
                "problem": "changed since it was written: its digest is not the one in its certificate",
            },
            {"name": f"data/hf-daily/{DAY + timedelta(days=1)}.day.json", "problem": "changed since it was written"},
        ],
    )
    (site_folder / f"data/hf-daily/{DAY}.jsonl").unlink()
    assert Difference(f"data/hf-daily/{DAY}.jsonl", "missing") in list(changed_days(site_folder))


def test_the_data_of_a_site_is_compared_with_the_store(product: Product, site_folder: Path) -> None:
    store: Store = product.store
    write_day(store, [paper(3)])
    write_day(store, [paper(3)], day=DAY + timedelta(days=2))
    write_day(store, [paper(3)], series=SEARCH)
    store.certificate(DAILY, DAY + timedelta(days=1)).unlink()
    assert [f"{each}" for each in site_against_store(site_folder, store, [DAILY, SEARCH])] == [
        f"data/hf-daily/{DAY}.day.json: the store holds another version",
        f"data/hf-daily/{DAY + timedelta(days=2)}.day.json: in the store, not in the site",
        f"data/hf-daily/{DAY + timedelta(days=1)}.day.json: in the site, not in the store",
    ]
    assert product("verify", site_folder, "--against-store").status == 1
