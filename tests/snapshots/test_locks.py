"""Locks of days and of the store, tried by a second process."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import building, fetching, file_lock, is_locked

ROOT = Path(__file__).parents[2]
SERIES, DAY = Series("hf-daily"), date(2025, 12, 10)
OTHERS = """
import sys
from datetime import date
from pathlib import Path
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import fetching

for name, day in zip(sys.argv[2::2], sys.argv[3::2]):
    with fetching(Store(Path(sys.argv[1])), Series(name), date.fromisoformat(day)) as free:
        print(free)
"""


def others(store: Store, *days: tuple[Series, date]) -> list[bool]:
    """Whether another process gets each of these days."""
    words = [word for series, day in days for word in (series.source, day.isoformat())]
    command = [sys.executable, "-c", OTHERS, f"{store.root}", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [line == "True" for line in done.stdout.splitlines()]


def test_each_day_has_a_lock_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path)
    next_day, other_series = (SERIES, DAY + timedelta(days=1)), (Series("hf-weekly"), DAY)
    with fetching(store, SERIES, DAY) as free:
        assert free
        before = (SERIES, DAY - timedelta(days=1))
        assert others(store, (SERIES, DAY), next_day, before, other_series) == [False, True, True, True]
    assert others(store, (SERIES, DAY)) == [True]


def test_a_day_that_another_holds_is_left_as_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with fetching(store, SERIES, DAY):
        aside = store.aside(SERIES, DAY)
        aside.parent.mkdir(parents=True)
        aside.write_bytes(b"half of a fetch")
        assert others(store, (SERIES, DAY)) == [False]
        assert aside.read_bytes() == b"half of a fetch"
    assert others(store, (SERIES, DAY)) == [True]
    assert not aside.exists()


def fail(path: Path) -> None:
    """Fail while the lock of a file is held."""
    with file_lock(path) as lock:
        assert lock is not None
        assert is_locked(path)
        with file_lock(path, wait=False) as second:
            assert second is None
        raise KeyError(path)


def test_a_lock_is_released_at_the_end_also_by_an_error(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with pytest.raises(KeyError):
        fail(path)
    assert not is_locked(path)
    with file_lock(path, wait=False) as lock:
        assert lock is not None


def test_a_lock_keeps_the_content_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"{}")
    with file_lock(path):
        assert path.read_bytes() == b"{}"


def test_a_lock_file_is_readable_by_all_and_not_inherited(tmp_path: Path) -> None:
    with file_lock(tmp_path / "lock") as lock:
        assert lock is not None
        done = subprocess.run(["test", "-e", f"/proc/self/fd/{lock}"], close_fds=False, check=False)
        assert done.returncode == 1
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o644


def test_the_store_is_made_and_locked_while_a_day_is_built(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "store")
    with building(store):
        assert is_locked(store.root / ".lock")
    assert not is_locked(store.root / ".lock")


def test_two_that_look_at_a_lock_do_not_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    looking = "import sys, pathlib, fcntl, os; from dailypapers.snapshots.store.locks import is_locked; "
    looking += "handle = os.open(sys.argv[1], os.O_RDONLY); fcntl.flock(handle, fcntl.LOCK_SH); "
    looking += "print(is_locked(pathlib.Path(sys.argv[1])))"
    done = subprocess.run([sys.executable, "-c", looking, path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
