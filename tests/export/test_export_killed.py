"""An export that was killed is done again, whatever it had written."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from dailypapers.export.export import export
from dailypapers.snapshots.store.layout import Store
from tests.support.exported_files import NEXT_MONTH, exported_files, full_paper, write_months
from tests.support.written_days import DAILY, write_day

KILLED = """
import os, sys
from pathlib import Path
from dailypapers.outputs import folder
from dailypapers.export.export import export
from dailypapers.snapshots.store.layout import Store
from tests.support.written_days import DAILY
left, real = int(sys.argv[3]), folder.replace_unsynced
def replace_unsynced(path, content):
    global left
    left -= 1
    if left < 0:
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".tmp").write_bytes(content[: len(content) // 2])
        os._exit(9)
    return real(path, content)
folder.replace_unsynced = replace_unsynced
export(Store(Path(sys.argv[1])), [DAILY], Path(sys.argv[2]))
"""


def killed_export(store: Store, folder: Path, written: int) -> None:
    command = [sys.executable, "-c", KILLED, str(store.root), str(folder), str(written)]
    assert subprocess.run(command, cwd=Path(__file__).parents[3], check=False).returncode == 9


def test_an_export_that_was_killed_is_done_again(tmp_path: Path) -> None:
    store, folder = write_months(tmp_path), tmp_path / "out"
    killed_export(store, folder, 2)
    assert not (folder / "SHA256SUMS").exists()
    assert export(store, [DAILY], folder).failed == []
    export(store, [DAILY], tmp_path / "again")
    assert exported_files(tmp_path / "again") == {
        name: data for name, data in exported_files(folder).items() if not name.endswith(".tmp")
    }


@pytest.mark.parametrize("written", [1, 4, 6, 7])
def test_a_killed_export_of_another_store_leaves_nothing_behind(tmp_path: Path, written: int) -> None:
    """Such as one as of a time: the manifest of the export before names the same days for files that are others now."""
    store, folder = write_months(tmp_path), tmp_path / "out"
    export(store, [DAILY], folder)
    before = exported_files(folder)
    other = Store(tmp_path / "other")
    write_day(other, [full_paper(9)])
    write_day(other, [full_paper(9)], day=NEXT_MONTH)
    write_day(other, [full_paper(9)], day=NEXT_MONTH + timedelta(days=40))
    killed_export(other, folder, written)
    assert exported_files(folder) != before
    export(store, [DAILY], folder)
    assert {name: data for name, data in exported_files(folder).items() if not name.endswith(".tmp")} == before
