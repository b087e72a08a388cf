"""Atomic writes: a file is written under a temporary name, synced, then renamed, so no reader sees half of it.

After a power cut (`python -m tests.torture` leaves out each fsync in turn): a file that has its name has its content;
of several files written together, the earlier ones exist if the last one does; a folder with content exists.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO


def read_whole(path: Path) -> bytes:
    """The content of a regular file. Raises OSError with the path, also for whatever is not a regular file."""
    if not _is_local(path):
        return path.read_bytes()
    with FileIO(_opened_for_reading(path)) as file:
        return file.readall()


def split_lines(content: bytes) -> list[bytes]:
    """The lines of a file in which every line ends with a line feed, without these.

    JSON Lines know no other end of a line (https://jsonlines.org); `splitlines` would end one at a carriage return too.
    """
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading. Raises OSError as `read_whole` does."""
    if not _is_local(path):
        return path.open("rb")
    return BufferedReader(FileIO(_opened_for_reading(path)))


def _is_local(path: Path) -> bool:
    """Whether it is a path of this machine; that of a store at a URL has only the methods of one, and no pipes."""
    return hasattr(path, "__fspath__")


def _opened_for_reading(path: Path) -> int:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "Not a regular file", str(path))


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


def write_pieces(path: Path, pieces: Iterable[bytes], *, temporary: Path, replaced: Iterable[Path] = ()) -> None:
    """Write a new file atomically, piece by piece, so that it is never in memory as a whole.

    `replaced` are files of the same folder that are removed, in this order, once it has its name; one sync is for
    both. `temporary` and the errors are those of `write_whole`.
    """
    make_folder(path.parent)
    sweep(temporary)
    with _written(path, pieces, temporary) as file:
        _sync_and_rename(file, temporary, path)
    with _else(path.unlink):
        _unlink_all(replaced)
        sync_folder(path.parent)


def write_together(*groups: Mapping[Path, bytes | None], temporaries: Mapping[Path, Path] | None = None) -> None:
    """Write groups of files, each of one folder and in the order given, where None removes a file.

    The last file of a group must have content: if it exists, so do the others of the group. The last files are written
    after all others, and each folder is synced once, at the end. `temporaries` are files of `write_aside` by the paths
    at which they belong: one that has the content given is renamed instead of written again. Raises OSError as
    `write_whole` does; then the last files are unchanged or missing.
    """
    temporaries = temporaries or {}
    lasts = {path: content for group in groups for path, content in [list(group.items())[-1]]}
    others = {path: content for group in groups for path, content in group.items() if path not in lasts}
    for folder in dict.fromkeys(path.parent for path in lasts):
        make_folder(folder)
    _put_all(others, temporaries)
    changed = _put_all(lasts, temporaries)
    # Also if nothing changed: what a killed process wrote may not be on the disk yet.
    with _else(partial(_unlink_all, changed)):
        for folder in dict.fromkeys(path.parent for path in lasts):
            sync_folder(folder)


def replace_unsynced(path: Path | str, content: bytes) -> bool:
    """Write a file that can be made again: renamed whole, but not synced; returns whether it changed.

    For many files that are synced once, before a manifest that names them. Raises OSError with the path.
    """
    name = f"{path}"
    if has_content(name, content):
        return False
    try:
        try:
            _write_and_rename(name, content)
        except FileNotFoundError:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            _write_and_rename(name, content)
    except OSError as error:
        error.filename = error.filename or name
        raise
    return True


def write_unsynced(path: Path, content: bytes, temporary: Path) -> None:
    """Write a file that may be lost or torn by a power cut: renamed whole, from `temporary`, but not synced.

    Raises OSError with the path.
    """
    make_folder(path.parent)
    with _else(partial(temporary.unlink, missing_ok=True)), _named(path):
        _write_and_rename(f"{path}", content, f"{temporary}")


def _write_and_rename(name: str, content: bytes, aside: str | None = None) -> None:
    # By descriptor and name: for thousands of small files, objects for files and paths would take half of the time.
    aside = aside or name + TEMPORARY_SUFFIX
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)
    os.replace(aside, name)  # noqa: PTH105


def write_aside(path: Path, content: bytes, task: str) -> Path:
    """Write and sync a new file `<path>.<task>.tmp`, for `write_together`; returns its path.

    Raises OSError with the path if the disk refuses, and FileExistsError if there is one.
    """
    aside = path.with_name(f"{path.name}.{task}{TEMPORARY_SUFFIX}")
    with _written(path, [content], aside) as file, _named(aside):
        os.fsync(file.fileno())
    return aside


def make_folder(folder: Path) -> None:
    """Create a folder and its parents; each is synced into the one above before anything is written into it.

    So a folder with content is on the disk; an empty one may be what a killed process left.
    """
    folders = [folder]
    # Not by recursion: folders may be nested deeper than calls can be.
    while not folders[-1].is_dir() and folders[-1] != folders[-1].parent:
        folders.append(folders[-1].parent)
    for each in reversed(folders):
        _make_one_folder(each)


def _make_one_folder(folder: Path) -> None:
    if _holds_anything(folder):
        return
    is_new = not folder.is_dir()
    if is_new:
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


def sync_file_system(folder: Path) -> None:
    """Make all that was written to the file system of a folder survive a power cut, as syncfs(2) does.

    For the files of an output: to sync thousands one by one would take as many waits for the disk. Unlike sync(2), it
    waits for no other file system, and it reports a failed write (Linux 5.8 and later). Where the C library has no
    syncfs, everything is synced. Raises OSError with the path.
    """
    import ctypes  # noqa: PLC0415 - slow to load, and most commands write no output

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if syncfs(handle) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"{folder}")
    finally:
        os.close(handle)


def sweep(temporary: Path) -> None:
    """Remove the temporary file that a killed process left."""
    if os.path.lexists(temporary):
        temporary.unlink()


def has_content(path: Path | str, content: bytes) -> bool:
    """Whether there is a file with exactly this content."""
    try:
        # By name, as in `_write_and_rename`: most files of an output are new.
        if os.stat(path).st_size != len(content):  # noqa: PTH116
            return False
        return read_whole(Path(path)) == content
    except FileNotFoundError:
        return False


def _aside(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def _put(path: Path, content: bytes, aside: Path) -> bool:
    """Write a file atomically; the folder is not synced."""
    sweep(aside)
    if has_content(path, content):
        return False
    with _written(path, [content], aside) as file:
        _sync_and_rename(file, aside, path)
    return True


def _put_all(files: Mapping[Path, bytes | None], temporaries: Mapping[Path, Path]) -> list[Path]:
    """Write or remove files atomically; returns those with new content. No folder is synced.

    All are written before the first is synced: the file system then commits most of them together.
    """
    with ExitStack() as stack:
        changed: dict[Path, BinaryIO | Path] = {}
        for path, content in files.items():
            sweep(_aside(path))
            if content is not None and not has_content(path, content):
                aside = temporaries.get(path)
                if aside is not None and has_content(aside, content):
                    changed[path] = aside
                else:
                    changed[path] = stack.enter_context(_written(path, [content], _aside(path)))
        for path, content in files.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif path in changed:
                _rename(changed[path], path)
        return list(changed)


def _rename(written: BinaryIO | Path, path: Path) -> None:
    if isinstance(written, Path):
        written.replace(path)
    else:
        _sync_and_rename(written, _aside(path), path)


@contextmanager
def _written(path: Path, pieces: Iterable[bytes], aside: Path) -> Iterator[BinaryIO]:
    """A file with `pieces` for `path` under its temporary name, not synced yet; removed if the disk refuses."""
    # Always a new file: one on which a sync failed is never synced again.
    with _else(aside.unlink), _named(path), aside.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        yield file


def _sync_and_rename(file: BinaryIO, aside: Path, path: Path) -> None:
    with _named(path):
        os.fsync(file.fileno())
    file.close()
    aside.replace(path)


def _unlink_all(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


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


def _holds_anything(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except FileNotFoundError:
        return False
