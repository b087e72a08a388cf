"""Two processes on one store: locks that the kernel gives back when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from snapshots.durable import make_folder
from snapshots.layout import Store


@contextmanager
def building(store: Store) -> Iterator[None]:
    """Hold the store's lock (`flock`) while days are built; waits for another builder."""
    with _opened(store.lock) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def fetching(store: Store, source: str, day: date) -> Iterator[bool]:
    """Hold the lock of one source-day, one byte of the source's lock file; gives False where another process has it."""
    with _opened(store.fetch_lock(source)) as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, day.toordinal(), os.SEEK_SET)
        except (BlockingIOError, PermissionError):
            yield False
            return
        yield True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)
