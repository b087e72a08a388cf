"""Reads files of a store. A pipe in the place of one is an error: whoever opens it as a file waits for its writer."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path


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
