"""A disk that is full or cannot sync: each way to write a file names it, keeps the old one and leaves nothing half."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dailypapers.snapshots.store.atomic import (
    replace_unsynced,
    write_aside,
    write_pieces,
    write_together,
    write_unsynced,
    write_whole,
)
from tests.support.full_disk import small_files

Write = Callable[[Path, bytes], object]


def written_in_pieces(path: Path, content: bytes) -> None:
    write_pieces(path, [content[:9], content[9:]], temporary=path.with_name("aside"), replaced=[path.with_name("part")])


WRITES: dict[str, Write] = {
    "whole": write_whole,
    "whole from": lambda path, content: write_whole(path, content, temporary=path.with_name("aside")),
    "pieces": written_in_pieces,
    "together": lambda path, content: write_together({path: content}),
    "first of two": lambda path, content: write_together({path: content, path.with_name("last"): b""}),
    "aside": lambda path, content: write_aside(path, content, "task"),
    "unsynced": lambda path, content: write_unsynced(path, content, path.with_name("aside")),
    "replaced": replace_unsynced,
}
SYNCED = ["whole", "whole from", "pieces", "together", "first of two", "aside"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that was written before, beside another."""
    (tmp_path / "part").write_bytes(b"part")
    (tmp_path / "file").write_bytes(b"old")
    return tmp_path / "file"


@pytest.mark.parametrize("name", WRITES)
def test_a_file_that_the_disk_does_not_take_is_named_and_stays_as_it_was(path: Path, name: str) -> None:
    before = contents(path.parent)
    with small_files(4_096), pytest.raises(OSError, match="File too large") as error:
        WRITES[name](path, b"a" * 10_000)
    assert error.value.errno == errno.EFBIG
    assert f"{error.value.filename}".startswith(f"{path}")
    assert {each: content for each, content in contents(path.parent).items() if each != "file.tmp"} == before
    # One that is made again anyway is written over by the next try.
    assert name == "replaced" or not path.with_name("file.tmp").exists()
    WRITES[name](path, b"b" * 10_000)
    written = path.with_name("file.task.tmp") if name == "aside" else path
    assert written.read_bytes() == b"b" * 10_000


@pytest.mark.parametrize("name", SYNCED)
def test_a_file_that_cannot_be_synced_is_named_and_leaves_the_old_one(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    before = contents(path.parent)
    with pytest.raises(OSError, match="the disk is broken") as error:
        WRITES[name](path, b"new")
    assert f"{error.value.filename}".startswith(f"{path}")
    assert contents(path.parent) == before


@pytest.mark.parametrize("name", ["whole", "whole from", "pieces", "together"])
def test_a_file_whose_folder_cannot_be_synced_is_removed(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    with pytest.raises(OSError, match="the disk is broken") as error:
        WRITES[name](path, b"new")
    assert error.value.filename == f"{path.parent}"
    assert not path.exists()
    assert contents(path.parent).keys() <= {"part"}
