"""Files written whole; what a power cut leaves of them is tried in tests/torture/crash."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from snapshots import Series, Store
from snapshots.store.atomic import make_folder, write_together, write_whole
from snapshots.store.locks import fetching

DAY, SERIES = date(2025, 12, 10), Series("hf-daily")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "file"
    assert [write_whole(path, content) for content in (b"1", b"1", b"2")] == [True, False, True]
    assert (path.read_bytes(), names(path.parent)) == (b"2", ["file"])


def test_files_of_a_day_come_and_go_together(tmp_path: Path) -> None:
    first, second, last = (tmp_path / name for name in ("first", "second", "last"))
    write_together({first: b"1", second: b"2", last: b"3"})
    write_together({first: b"1", second: None, last: b"4"})
    assert names(tmp_path) == ["first", "last"]
    assert last.read_bytes() == b"4"


def test_groups_are_written_before_the_first_is_synced_and_their_last_files_after_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_sync: list[list[str]] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        at_sync.append(names(tmp_path))
        sync(handle)

    (tmp_path / "another").touch()
    monkeypatch.setattr(os, "fsync", noted)
    write_together(*({tmp_path / f"{day}.papers": b"1", tmp_path / f"{day}.day": b"2"} for day in (1, 2)))
    assert [[name for name in each if name != "another"] for each in at_sync] == [
        ["1.papers.tmp", "2.papers.tmp"],
        ["1.papers", "2.papers.tmp"],
        ["1.day.tmp", "1.papers", "2.day.tmp", "2.papers"],
        ["1.day", "1.papers", "2.day.tmp", "2.papers"],
        ["1.day", "1.papers", "2.day", "2.papers"],
    ]


def test_a_disk_that_refuses_one_file_leaves_no_last_file_and_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name == "2.papers.tmp":
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    groups = [{tmp_path / f"{day}.papers": b"1", tmp_path / f"{day}.day": b"2"} for day in (1, 2, 3)]
    with pytest.raises(OSError, match=r"No space.*2\.papers"):
        write_together(*groups)
    assert names(tmp_path) == ["1.papers"]


def test_what_a_killed_run_left_is_swept_also_beside_files_that_do_not_change(tmp_path: Path) -> None:
    files = {tmp_path / "same": b"1", tmp_path / "gone": None, tmp_path / "last": b"3"}
    write_together(files)
    for name in ("same.tmp", "gone.tmp", "last.tmp"):
        (tmp_path / name).write_bytes(b"half")
    write_together(files)
    assert names(tmp_path) == ["last", "same"]


def test_what_a_killed_fetch_left_is_swept_by_who_has_the_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    make_folder(store.pages(SERIES, DAY))
    store.aside(SERIES, DAY).write_bytes(b"half")
    with fetching(store, SERIES, DAY) as free:
        assert free
        assert names(store.pages(SERIES, DAY)) == []


def test_a_temporary_name_that_is_taken_is_made_free_and_never_written_through(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
    (tmp_path / "file.tmp").symlink_to(elsewhere)
    assert write_whole(path, b"1")
    assert (path.read_bytes(), names(tmp_path)) == (b"1", ["file"])


@pytest.mark.parametrize("taken", ["file.tmp", "file"])
def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken / "in it").mkdir(parents=True)
    with pytest.raises(OSError, match="file") as raised:
        write_whole(tmp_path / "file", b"1")
    assert str(raised.value.filename).startswith(f"{tmp_path / 'file'}")
    assert names(tmp_path) == [taken]


def test_a_folder_where_a_file_is_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        make_folder(tmp_path / "file" / "folder")
