"""Files written whole: beside their place, flushed, synced, renamed. A reader never sees half of anything.

What holds after a power cut (`python -m tests.torture` takes away each fsync in turn and finds the state that needs
it): a file that has its name has its bytes; of several files of one folder the earlier ones are there if the last one
is; a folder that holds anything is in the folder above.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"


def write_whole(path: Path, content: bytes, *, temporary: Path | None = None) -> bool:
    """Put `content` at `path` atomically; a file that holds these bytes already is left alone.

    `temporary` is where the bytes are gathered first (`path` + `.tmp` unless said), in the same folder.
    Returns whether the file changed. Raises OSError naming the path when the disk refuses; then the old file is as
    it was, or gone where the new one had its name and that could not be synced: it has to be written anew.
    """
    make_folder(path.parent)
    changed = _put(path, content, temporary or _aside(path))
    if changed:
        with _else(path.unlink):
            sync_folder(path.parent)
    return changed


def write_together(files: Mapping[Path, bytes | None]) -> None:
    """Put files of one folder at their places in the order given; None is a file that is not to be there.

    The last one, which is always to be there, vouches for the others: the folder is synced once, after it. Raises
    OSError as `write_whole` does; then the last one is as it was, or gone.
    """
    *_, last = files
    make_folder(last.parent)
    changed = False
    for path, content in files.items():
        changed = _put(path, content, _aside(path)) if content is not None else _remove(path)
    # Also where nothing changed: what a killed process wrote may not be on the disk yet.
    with _else(last.unlink if changed else None):
        sync_folder(last.parent)


def make_folder(folder: Path) -> None:
    """Create a folder with its parents, each of them synced into the one above before anything is put into it.

    So one that holds anything is on the disk; one that is empty may be what a killed process left.
    """
    if _holds_anything(folder):
        return
    is_new = not folder.is_dir()
    if is_new:
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    elif not os.access(folder.parent, os.R_OK):
        # It was given to us within a folder that is none of our business.
        return
    with _else(folder.rmdir if is_new else None):
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder survive a power cut (fsync of the folder itself, as POSIX asks)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _named(folder):
            os.fsync(handle)
    finally:
        os.close(handle)


def sweep(temporary: Path) -> None:
    """Take away what a killed process left of a file."""
    if os.path.lexists(temporary):
        temporary.unlink()


def _aside(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def _put(path: Path, content: bytes, aside: Path) -> bool:
    """Write a file whole and give it its name, which is not synced."""
    sweep(aside)
    if _holds(path, content):
        return False
    with _else(aside.unlink):
        # A new file each time: what a sync failed on is never synced again.
        with _named(path), aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    return True


def _remove(path: Path) -> bool:
    sweep(_aside(path))
    if not path.exists():
        return False
    path.unlink()
    return True


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """A failed write or fsync does not say of which file."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def _else(undo: Callable[[], object] | None) -> Iterator[None]:
    """Where the disk refuses, take back what was begun; that the disk refuses this too changes nothing."""
    try:
        yield
    except OSError:
        if undo is not None:
            with suppress(OSError):
                undo()
        raise


def _holds(path: Path, content: bytes) -> bool:
    try:
        if path.stat().st_size != len(content):
            return False
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _holds_anything(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except FileNotFoundError:
        return False
