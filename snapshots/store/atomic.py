"""Atomic writes: a file is written under a temporary name, synced, then renamed, so no reader sees half of it.

After a power cut (`python -m tests.torture` leaves out each fsync in turn): a file that has its name has its content;
of several files written together, the earlier ones exist if the last one does; a folder with content exists.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"


def write_whole(path: Path, content: bytes, *, temporary: Path | None = None) -> bool:
    """Write `content` to `path` atomically, unless the file already has that content; returns whether it changed.

    `temporary` is the name under which it is written first, in the same folder (default: `path` + `.tmp`). Raises
    OSError with the path if the disk refuses. Then the old file is unchanged, or missing if the new one could not be
    synced after it was renamed.
    """
    make_folder(path.parent)
    changed = _put(path, content, temporary or _aside(path))
    if changed:
        with _else(path.unlink):
            sync_folder(path.parent)
    return changed


def write_together(files: Mapping[Path, bytes | None]) -> None:
    """Write files of one folder in the order given, where None removes a file; the folder is synced once, at the end.

    The last file must have content: if it exists, so do the others. Raises OSError as `write_whole` does; then the last
    file is unchanged or missing.
    """
    *_, last = files
    make_folder(last.parent)
    changed = False
    for path, content in files.items():
        changed = _put(path, content, _aside(path)) if content is not None else _remove(path)
    # Also if nothing changed: what a killed process wrote may not be on the disk yet.
    with _else(last.unlink if changed else None):
        sync_folder(last.parent)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents; each is synced into the one above before anything is written into it.

    So a folder with content is on the disk; an empty one may be what a killed process left.
    """
    if _holds_anything(folder):
        return
    is_new = not folder.is_dir()
    if is_new:
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    elif not os.access(folder.parent, os.R_OK):
        # Somebody else made it, in a folder that we may not open.
        return
    with _else(folder.rmdir if is_new else None):
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder survive a power cut (fsync of the folder itself, as POSIX requires)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _named(folder):
            os.fsync(handle)
    finally:
        os.close(handle)


def sweep(temporary: Path) -> None:
    """Remove the temporary file that a killed process left."""
    if os.path.lexists(temporary):
        temporary.unlink()


def _aside(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def _put(path: Path, content: bytes, aside: Path) -> bool:
    """Write a file atomically; the folder is not synced."""
    sweep(aside)
    if _holds(path, content):
        return False
    with _else(aside.unlink):
        # Always a new file: one on which a sync failed is never synced again.
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
    """Add the path to the error of a failed write or fsync, which does not name it."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


@contextmanager
def _else(undo: Callable[[], object] | None) -> Iterator[None]:
    """Undo what was begun if the disk refuses; an error of the undoing itself is ignored."""
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
