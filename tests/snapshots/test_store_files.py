"""Files of a store: only regular ones are read; they are written without a sync, or piece by piece."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dailypapers.snapshots.store.atomic import (
    has_content,
    open_regular,
    read_whole,
    replace_unsynced,
    sweep,
    sync_file_system,
    write_pieces,
    write_unsynced,
)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes that were synced, in order; the real call is made."""
    inodes: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        inodes.append(os.fstat(handle).st_ino)
        real(handle)

    monkeypatch.setattr("dailypapers.snapshots.store.atomic.os.fsync", fsync)
    return inodes


def read_lines(path: Path) -> bytes:
    with open_regular(path) as lines:
        return b"".join(lines)


def open_files() -> int:
    """The number of descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("read", [read_whole, read_lines])
def test_only_a_regular_file_is_read(tmp_path: Path, read: Callable[[Path], bytes]) -> None:
    (tmp_path / "file").write_bytes(b"a\nb\x00\n" * 70_000)
    (tmp_path / "link").symlink_to("file")
    assert read(tmp_path / "file") == read(tmp_path / "link") == b"a\nb\x00\n" * 70_000
    (tmp_path / "device").symlink_to(os.devnull)
    with pytest.raises(OSError, match="Not a regular file") as error:
        read(tmp_path / "device")
    assert (error.value.errno, error.value.filename) == (errno.EINVAL, f"{tmp_path / 'device'}")
    with pytest.raises(IsADirectoryError, match="Is a directory") as error:
        read(tmp_path)
    assert error.value.filename == f"{tmp_path}"
    with pytest.raises(FileNotFoundError) as missing:
        read(tmp_path / "nothing")
    assert missing.value.filename is not None


@pytest.mark.parametrize("read", [read_whole, read_lines])
def test_no_reader_waits_for_the_writer_of_a_pipe(tmp_path: Path, read: Callable[[Path], bytes]) -> None:
    pipe, errors = tmp_path / "pipe", list[OSError]()
    os.mkfifo(pipe)

    def refused() -> None:
        try:
            read(pipe)
        except OSError as error:
            errors.append(error)

    reader = threading.Thread(target=refused)
    reader.start()
    reader.join(5)
    is_waiting = reader.is_alive()
    if is_waiting:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        reader.join()
    assert not is_waiting
    assert [f"{error}" for error in errors] == [f"[Errno {errno.EINVAL}] Not a regular file: '{pipe}'"]


@pytest.mark.parametrize("read", [read_whole, read_lines])
def test_what_is_refused_is_closed(tmp_path: Path, read: Callable[[Path], bytes]) -> None:
    before = open_files()
    for _ in range(3):
        with suppress(OSError):
            read(tmp_path)
    assert open_files() <= before


def test_a_file_is_replaced_without_a_sync(tmp_path: Path, synced: list[int]) -> None:
    path = tmp_path / "new" / "folder" / "file"
    large = bytes(range(256)) * 9_000
    assert [replace_unsynced(path, content) for content in (large, large, b"", b"", b"a")] == [
        True, False, True, False, True,
    ]  # fmt: skip
    assert path.read_bytes() == b"a"
    assert replace_unsynced(path, large)
    assert path.read_bytes() == large
    assert [each.name for each in path.parent.iterdir()] == ["file"]
    assert (path.stat().st_mode & 0o111, synced) == (0, [])


@pytest.mark.parametrize("taken", ["folder", "file", "file.tmp"])
def test_what_cannot_be_replaced_is_named(tmp_path: Path, taken: str) -> None:
    path = tmp_path / "folder" / "file"
    if taken == "folder":
        path.parent.write_bytes(b"")
    else:
        (path.parent / taken / "in").mkdir(parents=True)
    with pytest.raises(OSError, match=f"{tmp_path}") as error:
        replace_unsynced(path, b"a")
    assert f"{error.value.filename}".startswith(f"{path.parent}")


def test_a_torn_file_is_written_over(tmp_path: Path, synced: list[int]) -> None:
    """What a killed process left beside it is written over as well."""
    (tmp_path / "file.tmp").write_bytes(b"longer than the new one")
    assert replace_unsynced(tmp_path / "file", b"new")
    write_unsynced(tmp_path / "file", b"other", tmp_path / "aside")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"file": b"other"}
    assert synced == []


def test_an_unsynced_file_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder" / "file").mkdir(parents=True)
    with pytest.raises(OSError, match="file") as error:
        write_unsynced(tmp_path / "folder" / "file", b"a", tmp_path / "folder" / "aside")
    assert error.value.filename is not None
    assert [each.name for each in (tmp_path / "folder").iterdir()] == ["file"]


def test_pieces_are_one_file_and_replace_others_in_their_order(tmp_path: Path, synced: list[int]) -> None:
    folder = tmp_path / "new"
    path, parts = folder / "file", [folder / name for name in ("2", "1")]
    folder.mkdir()
    for part in [*parts, folder / "aside"]:
        part.write_bytes(b"part")
    synced.clear()

    def pieces() -> Iterator[bytes]:
        yield b"a"
        assert all(part.exists() for part in parts)
        assert not path.exists()
        yield b"b"

    write_pieces(path, pieces(), temporary=folder / "aside", replaced=[*parts, folder / "nothing"])
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {"file": b"ab"}
    # The file before it has its name; then its folder, once for all.
    assert synced[-2:] == [path.stat().st_ino, folder.stat().st_ino]


def test_a_piece_that_fails_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    path, part = tmp_path / "file", tmp_path / "1"
    part.write_bytes(b"part")

    def pieces() -> Iterator[bytes]:
        yield b"a"
        raise OSError(5, "the disk is broken")

    with pytest.raises(OSError, match="the disk is broken") as error:
        write_pieces(path, pieces(), temporary=tmp_path / "aside", replaced=[part])
    assert error.value.filename == f"{path}"
    assert {each.name for each in tmp_path.iterdir()} == {"1"}


def test_the_file_system_of_a_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_files()
    sync_file_system(tmp_path)
    assert open_files() <= before
    with pytest.raises(OSError, match="nothing"):
        sync_file_system(tmp_path / "nothing")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        sync_file_system(tmp_path / "file")
    synced: list[str] = []
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    monkeypatch.setattr("os.sync", lambda: synced.append("all"))
    sync_file_system(tmp_path)
    assert synced == ["all"]


def test_an_error_of_the_sync_of_a_file_system_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        @staticmethod
        def syncfs(_: int) -> int:
            return -1

    # Without `use_errno` the number of the error would be lost.
    monkeypatch.setattr("ctypes.CDLL", lambda _, *, use_errno: Library if use_errno else None)
    monkeypatch.setattr("ctypes.get_errno", lambda: 5)
    with pytest.raises(OSError, match="Input/output error") as error:
        sync_file_system(tmp_path)
    assert (error.value.errno, error.value.filename) == (5, f"{tmp_path}")


def test_a_file_has_a_content_only_if_all_of_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert not has_content(path, b"")
    path.write_bytes(b"abc")
    assert [has_content(path, content) for content in (b"abc", b"abd", b"ab", b"")] == [True, False, False, False]
    assert has_content(f"{path}", b"abc")


def test_a_dangling_link_is_swept(tmp_path: Path) -> None:
    (tmp_path / "a.tmp").symlink_to("nowhere")
    sweep(tmp_path / "a.tmp")
    sweep(tmp_path / "a.tmp")
    assert list(tmp_path.iterdir()) == []
