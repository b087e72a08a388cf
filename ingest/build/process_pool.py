"""Workers on this machine: several processes where that pays off, else this one.

Processes are spawned, not forked: a fork copies locks that other threads (a progress bar, a server in a test) may hold,
and Python warns about it since 3.12.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, Final, TypeVar

from ingest.errors import WorkerDied

from .workers import Workers

Result = TypeVar("Result")

WORTH: Final = 32
"""Items that justify one more process, whose start takes as long as building twenty days."""

_AHEAD: Final = 4
"""Items submitted per process before the first result is taken."""


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def local_workers(items: int, jobs: int | None = None) -> Iterator[Workers]:
    """Workers for a number of items: `jobs` processes, by default as many as pay off.

    Raises WorkerDied if a process was killed. At the end running work is finished, and no other is started.
    """
    jobs = jobs or min(cores(), 1 + items // WORTH)
    if min(jobs, items) < 2:
        yield Workers(_ThisProcess(), ahead=1)
        return
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin)
    try:
        yield Workers(pool, jobs * _AHEAD)
    except BrokenProcessPool as error:
        raise WorkerDied(f"one of {jobs} processes was killed, perhaps for want of memory; try --jobs 1") from error
    finally:
        pool.shutdown(cancel_futures=True)


class _ThisProcess(Executor):
    """Runs each task when it is submitted, and then raises what it raises."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:  # noqa: ANN401
        future: Future[Result] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _begin() -> None:
    """In each process: exit when the parent is gone, even if it was killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
