"""An export writes what changed, removes what is gone and keeps what it cannot make."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from dailypapers.export.export import ExportResult, MadeMonth, MonthTask, export
from dailypapers.export.month import METADATA_KEY
from dailypapers.outputs.folder import MANIFEST, UNFINISHED, checksum_lines
from dailypapers.snapshots.certificate import sha256
from dailypapers.snapshots.history import Metric
from dailypapers.snapshots.store.layout import Series
from tests.support.exported_files import NEXT_MONTH, exported_files, full_paper, write_months
from tests.support.written_days import DAILY, DAY, START, write_day

SEARCH = Series("hf-search", "diffusion <models>")


def inodes(folder: Path) -> dict[str, int]:
    return {name: (folder / name).stat().st_ino for name in exported_files(folder)}


def test_only_months_of_which_a_day_changed_are_written(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    before = inodes(folder)
    assert export(store, [DAILY], folder).written == 0
    write_day(store, [full_paper(9)], day=NEXT_MONTH)
    result = export(store, [DAILY], folder)
    after = inodes(folder)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "data/certificates/hf-daily.parquet",
        "data/metrics/hf-daily/2026-01.parquet",
        "data/papers/hf-daily/2026-01.parquet",
        "README.md",
        "SHA256SUMS",
    }
    assert result.written == len(changed)
    export(store, [DAILY], tmp_path / "again")
    assert exported_files(tmp_path / "again") == exported_files(folder)


def test_a_state_that_changed_is_in_the_metadata(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    write_day(store, [full_paper(number) for number in range(1, 5)], state="partial")
    export(store, [DAILY], folder)
    text = pq.read_metadata(folder / "data/papers/hf-daily/2025-12.parquet").metadata[METADATA_KEY]
    (entry,) = orjson.loads(text)["days"].values()
    assert entry["state"] == "partial"


def test_files_of_days_and_series_that_are_gone_are_removed(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    write_day(store, [full_paper(40)], series=SEARCH)
    export(store, [DAILY, SEARCH], folder)
    export(store, [DAILY], folder)
    assert not [name for name in exported_files(folder) if "hf-search" in name]
    assert "hf-search" not in (folder / "SHA256SUMS").read_text() + (folder / "README.md").read_text()
    store.certificate(DAILY, DAY).unlink()
    export(store, [DAILY], folder)
    assert not [name for name in exported_files(folder) if "2025-12" in name]


def test_a_value_of_another_type_under_a_right_checksum_fails_its_month_alone(tmp_path: Path) -> None:
    store = write_months(tmp_path)
    upvotes: Any = "many"
    write_day(store, [full_paper(9)], metrics=[Metric(START, full_paper(9).key, upvotes, 0, 0)])
    result = export(store, [DAILY], tmp_path / "out")
    assert [f"{store.certificate(DAILY, DAY)}: " in problem for problem in result.failed] == [True]
    assert "run dailypapers build --all" in result.failed[0]
    assert [path.name for path in (tmp_path / "out/data/papers/hf-daily").iterdir()] == ["2026-01.parquet"]


def test_a_damaged_day_keeps_its_month_as_it_was_and_the_others_go_on(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    before = exported_files(folder)
    write_day(store, [full_paper(9)])
    write_day(store, [full_paper(9)], day=NEXT_MONTH)
    store.papers(DAILY, DAY).write_bytes(b"")
    result = export(store, [DAILY], folder)
    assert [problem.rpartition("/")[2] for problem in result.failed] == [
        "2025-12-10.jsonl: not the file that its certificate names; run dailypapers build"
    ]
    after = exported_files(folder)
    assert after["data/papers/hf-daily/2025-12.parquet"] == before["data/papers/hf-daily/2025-12.parquet"]
    assert after["data/papers/hf-daily/2026-01.parquet"] != before["data/papers/hf-daily/2026-01.parquet"]
    assert "data/papers/hf-daily/2025-12.parquet" in (folder / "SHA256SUMS").read_text()
    # The next export makes it, once it is whole.
    write_day(store, [full_paper(9)])
    assert export(store, [DAILY], folder).failed == []
    export(store, [DAILY], tmp_path / "again")
    assert exported_files(tmp_path / "again") == exported_files(folder)


def test_the_result_counts_the_files_and_those_written(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    assert export(store, [DAILY, SEARCH], folder) == ExportResult(files=8, tables=5, written=8)
    assert len(exported_files(folder)) == 8
    assert export(store, [DAILY, SEARCH], folder) == ExportResult(files=8, tables=5, written=0)
    (folder / "views.sql").write_bytes(b"")
    (folder / "data/papers/hf-daily/2025-12.parquet").unlink()
    assert export(store, [DAILY], folder) == ExportResult(files=8, tables=5, written=2)


def test_the_card_has_a_digest_of_the_files_of_each_table(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    write_day(store, [full_paper(40)], series=SEARCH)
    export(store, [DAILY, SEARCH], folder)
    card = (folder / "README.md").read_text()
    for table in ("papers", "certificates", "metrics"):
        names = sorted(name for name in exported_files(folder) if name.startswith(f"data/{table}/"))
        lines = "".join(f"{sha256((folder / name).read_bytes())}  {name}\n" for name in names)
        assert f"Files with the SHA-256 {sha256(lines.encode())}\n" in card
    assert (folder / "SHA256SUMS").read_bytes() == checksum_lines(
        {name: sha256(content) for name, content in exported_files(folder).items() if name != "SHA256SUMS"}
    )


def test_only_changed_months_are_tasks_and_the_results_are_closed(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    given: list[list[MonthTask]] = []

    def run(work: Callable[[MonthTask], MadeMonth], tasks: Sequence[MonthTask]) -> Generator[MadeMonth, None, None]:
        given.append(list(tasks))
        try:
            yield from map(work, tasks)
        finally:
            given.append([])

    export(store, [DAILY], folder, run)
    root = f"{store.root.absolute()}"
    first, second = (MonthTask(root, "hf-daily", None, f"{day:%Y-%m}", (day,)) for day in (DAY, NEXT_MONTH))
    assert given == [[first, second], []]
    write_day(store, [full_paper(9)], day=NEXT_MONTH + timedelta(days=1))
    export(store, [DAILY], folder, run, on_cluster=True)
    days = (NEXT_MONTH, NEXT_MONTH + timedelta(days=1))
    assert given[2:] == [[second._replace(days=days, aside=f"{folder.absolute()}")], []]
    export(store, [DAILY], tmp_path / "again")
    assert exported_files(tmp_path / "again") == exported_files(folder)


def test_a_certificate_with_a_value_that_no_build_writes_keeps_the_file_before(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    before = exported_files(folder)
    notes: Any = [1]
    write_day(store, [full_paper(9)], notes=notes)
    result = export(store, [DAILY], folder)
    path = "data/certificates/hf-daily.parquet"
    assert [problem.partition(": ")[0] for problem in result.failed] == [f"{store.certificate(DAILY, DAY)}"]
    assert exported_files(folder)[path] == before[path]
    assert path in (folder / "SHA256SUMS").read_text()


def test_after_an_export_that_did_not_end_all_is_made_and_the_rest_removed(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    before = exported_files(folder)
    manifest = orjson.loads((folder / MANIFEST).read_bytes())
    manifest["export"][UNFINISHED] = True
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest))
    (folder / "data/papers/hf-daily/2025-12.parquet").write_bytes(b"of another store")
    (folder / "data/metrics/hf-daily/1999-01.parquet").write_bytes(b"of another store")
    (folder / "notes.txt").write_bytes(b"not of the export")
    assert export(store, [DAILY], folder).written == 1
    assert exported_files(folder) == before | {"notes.txt": b"not of the export"}
