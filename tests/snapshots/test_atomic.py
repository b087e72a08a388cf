"""Files written whole; what a power cut leaves of them is tried in tests/torture/crash."""

from __future__ import annotations

import errno
import os
import posix
import stat
from datetime import date
from pathlib import Path

import pytest

from dailypapers.snapshots import Series, Store
from dailypapers.snapshots.store.atomic import make_folder, write_aside, write_together, write_whole
from dailypapers.snapshots.store.locks import fetching

DAY, SERIES = date(2025, 12, 10), Series("hf-daily")


@pytest.fixture(autouse=True)
def real_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", posix.fsync)


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


def test_a_file_written_aside_is_renamed_if_it_has_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, last = (tmp_path / name for name in ("first", "second", "last"))
    temporaries = {path: write_aside(path, b"1", "0a1b") for path in (first, second, last)}
    assert names(tmp_path) == ["first.0a1b.tmp", "last.0a1b.tmp", "second.0a1b.tmp"]
    inode = temporaries[first].stat().st_ino
    write_together({first: b"1", second: b"2", last: b"1"}, temporaries=temporaries)
    assert [path.read_bytes() for path in (first, second, last)] == [b"1", b"2", b"1"]
    assert first.stat().st_ino == inode
    # It had another content.
    assert names(tmp_path) == ["first", "last", "second", "second.0a1b.tmp"]


def test_a_file_written_aside_is_synced_and_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    write_aside(tmp_path / "file", b"123", "0a1b")
    assert synced == [3]
    with pytest.raises(FileExistsError):
        write_aside(tmp_path / "file", b"4", "0a1b")


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


class DiskError(OSError):
    """An error that the tests cause."""


@pytest.fixture
def folder_sync_fails(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Make the fsync of a folder fail, and count the attempts; that of a file works."""
    tried: list[bool] = []

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            tried.append(True)
            raise DiskError(errno.EIO, "the disk is broken")

    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    return tried


def test_a_file_whose_folder_could_not_be_synced_is_removed(tmp_path: Path, folder_sync_fails: list[bool]) -> None:
    (tmp_path / "other").touch()
    with pytest.raises(DiskError) as raised:
        write_whole(tmp_path / "file", b"1")
    assert (names(tmp_path), folder_sync_fails) == (["other"], [True])
    assert raised.value.filename == str(tmp_path)


@pytest.mark.parametrize("before", [None, b"old"])
def test_of_files_written_together_the_last_is_removed_when_the_sync_fails(
    tmp_path: Path, folder_sync_fails: list[bool], before: bytes | None
) -> None:
    first, last = tmp_path / "first", tmp_path / "last"
    first.write_bytes(b"0")
    if before is not None:
        last.write_bytes(before)
    with pytest.raises(DiskError):
        write_together({first: b"1", last: b"2"})
    assert names(tmp_path) == ["first"]


def test_what_did_not_change_is_synced_again_and_stays_when_that_fails(
    tmp_path: Path, folder_sync_fails: list[bool]
) -> None:
    last = tmp_path / "last"
    last.write_bytes(b"2")
    with pytest.raises(DiskError):
        write_together({last: b"2"})
    assert (last.read_bytes(), folder_sync_fails) == (b"2", [True])


def test_a_folder_that_could_not_be_synced_is_removed(tmp_path: Path, folder_sync_fails: list[bool]) -> None:
    (tmp_path / "other").touch()
    with pytest.raises(DiskError):
        make_folder(tmp_path / "new" / "folder")
    assert names(tmp_path) == ["other"]


def test_an_empty_folder_that_was_there_is_synced_and_never_removed(
    tmp_path: Path, folder_sync_fails: list[bool]
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(DiskError):
        make_folder(tmp_path / "there")
    assert names(tmp_path) == ["there"]
    (tmp_path / "there" / "file").touch()
    make_folder(tmp_path / "there")
    assert folder_sync_fails == [True]


def test_a_file_that_could_not_be_synced_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise DiskError(errno.ENOSPC, "the disk is full")

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    with pytest.raises(DiskError) as raised:
        write_whole(path, b"new")
    assert (names(tmp_path), path.read_bytes()) == (["file"], b"old")
    assert raised.value.filename == str(path)
    with pytest.raises(DiskError):
        write_together({path: b"new"})
    assert (names(tmp_path), path.read_bytes()) == (["file"], b"old")


def test_an_error_of_the_undoing_does_not_hide_the_first(
    tmp_path: Path, folder_sync_fails: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").touch()

    def unlink(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "not allowed", str(path))

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(DiskError):
        write_whole(tmp_path / "file", b"1")


def test_a_file_is_written_under_the_temporary_name_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    replace = Path.replace

    def spied(path: Path, target: Path) -> Path:
        seen.append(names(tmp_path))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", spied)
    write_whole(tmp_path / "file", b"1", temporary=tmp_path / ".fetch.tmp")
    write_whole(tmp_path / "other", b"1")
    assert seen == [[".fetch.tmp"], ["file", "other.tmp"]]


def test_each_new_folder_is_synced_into_the_one_above_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, list[str]]] = []

    def fsync(handle: int) -> None:
        folder = Path(f"/proc/self/fd/{handle}").readlink()
        synced.append((folder.name, names(folder)))

    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    (tmp_path / "other").touch()
    make_folder(tmp_path / "a" / "b")
    assert synced == [(tmp_path.name, ["a", "other"]), ("a", ["b"])]


def test_a_file_of_the_same_size_and_other_content_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert [write_whole(path, content) for content in (b"12", b"13", b"13", b"")] == [True, True, False, True]
    assert path.read_bytes() == b""


def test_a_file_that_is_to_go_and_is_not_there_is_no_change(tmp_path: Path, folder_sync_fails: list[bool]) -> None:
    last = tmp_path / "last"
    last.write_bytes(b"2")
    with pytest.raises(DiskError):
        write_together({tmp_path / "gone": None, last: b"2"})
    assert names(tmp_path) == ["last"]
