"""The same work for many items, by several processes: results in order, bounded memory, a clean end.

Processes are spawned, not forked: a fork copies locks that other threads (a progress bar, a server in a test) may hold,
and Python warns about it since 3.12.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import wait
from typing import Final, TypeVar

from ingest.errors import WorkerDied

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH: Final = 32
"""Items that justify one more process, whose start takes as long as building twenty days."""

_AHEAD: Final = 4
"""Items submitted per process before the first result is taken, which bounds the number of waiting results."""


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Callable[[Item], Result], items: Sequence[Item], jobs: int | None = None
) -> Generator[Result, None, None]:
    """The results of `work` for each item, in order, by `jobs` processes; by default by as many as pay off.

    `work` and items must be picklable. Raises what `work` raises, and WorkerDied if a process was killed. Close the
    iterator to stop: running work is finished, and no other is started.
    """
    jobs = jobs or min(cores(), 1 + len(items) // WORTH)
    if min(jobs, len(items)) < 2:
        yield from map(work, items)
        return
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin)
    try:
        yield from _results(pool, work, items, jobs * _AHEAD)
    except BrokenProcessPool as error:
        raise WorkerDied(f"one of {jobs} processes was killed, perhaps for want of memory; try --jobs 1") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _results(
    pool: ProcessPoolExecutor, work: Callable[[Item], Result], items: Sequence[Item], ahead: int
) -> Iterator[Result]:
    left = iter(items)
    waiting: deque[Future[Result]] = deque()
    while True:
        for item in islice(left, ahead - len(waiting)):
            with _interrupts_held():
                waiting.append(pool.submit(work, item))
        if not waiting:
            return
        yield waiting.popleft().result()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes started here ignore Ctrl-C, which a terminal sends to all of them; in this process it is delayed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """In each process: exit when the parent is gone, even if it was killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
