"""Locks between processes, which the kernel releases when their holder dies."""

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
def file_lock(path: Path, *, wait: bool = True) -> Iterator[int | None]:
    """Hold an exclusive lock on a whole file (`flock`), which is created if it is missing; its folder must exist.

    Gives the open descriptor: a child process that inherits it holds the lock as well. Gives None where another process
    holds the lock and `wait` is false.
    """
    with _opened(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield handle


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock of a file; False for a file that is missing or cannot be locked."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Shared, so that two processes that check at the same time do not find each other.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


@contextmanager
def building(store: Store) -> Iterator[None]:
    """Hold the store's lock while days are built; waits for another builder."""
    make_folder(store.lock.parent)
    with file_lock(store.lock):
        yield


@contextmanager
def fetching(store: Store, series: Series, day: date, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of one source-day, whose holder alone may write its archive; removes what a killed holder left.

    Gives False where another process holds it and `wait` is false. The lock is one byte of the series' lock file
    (`lockf`). POSIX releases such a lock when the process closes any descriptor of the file, so a process holds one at
    a time.
    """
    path = store.fetch_lock(series)
    make_folder(path.parent)
    with _opened(path) as handle:
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
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)
