"""Files written whole: beside their place, flushed, synced, renamed. A reader never sees half of anything."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"


def write_whole(path: Path, content: bytes, *, temporary: Path | None = None) -> bool:
    """Put `content` at `path` atomically; a file that holds these bytes already is left alone.

    `temporary` is where the bytes are gathered first (`path` + `.tmp` unless said), in the same folder.
    Returns whether the file changed. Raises OSError naming the path when the disk refuses; then the old
    file is as it was.
    """
    if _holds(path, content):
        return False
    make_folder(path.parent)
    aside = temporary or path.with_name(path.name + TEMPORARY_SUFFIX)
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        _give_up(aside)
        # A failed write or fsync does not say of which file.
        error.filename = error.filename or str(path)
        raise
    return True


def remove(path: Path) -> bool:
    """Take a file away, so that it stays away after a power cut. Returns whether there was one."""
    if not path.exists():
        return False
    path.unlink()
    sync_folder(path.parent)
    return True


def make_folder(folder: Path) -> None:
    """Create a folder with its parents, each of them synced into the one above."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder survive a power cut (fsync of the folder itself, as POSIX asks)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _give_up(aside: Path) -> None:
    with suppress(OSError):
        aside.unlink()


def _holds(path: Path, content: bytes) -> bool:
    try:
        if path.stat().st_size != len(content):
            return False
        return path.read_bytes() == content
    except FileNotFoundError:
        return False
