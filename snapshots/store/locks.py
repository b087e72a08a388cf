"""Two processes on one store: locks that the kernel gives back when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from .atomic import make_folder, sweep
from .layout import Series, Store


@contextmanager
def building(store: Store) -> Iterator[None]:
    """Hold the store's lock (`flock`) while days are built; waits for another builder."""
    with _opened(store.lock) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def fetching(store: Store, series: Series, day: date, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of one source-day, one byte of the series' lock file: who has it may write its archive.

    Gives False where another process has it, unless told to wait. What a killed holder left half written is swept.
    POSIX gives such a lock back when any descriptor of the file is closed in the process, so a process holds one at a
    time.
    """
    with _opened(store.fetch_lock(series)) as handle:
        try:
            how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
            fcntl.lockf(handle, how, 1, day.toordinal(), os.SEEK_SET)
        except (BlockingIOError, PermissionError):
            yield False
            return
        sweep(store.aside(series, day))
        yield True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)
