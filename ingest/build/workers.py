"""The one seam through which several workers share the work of a command: an executor and one task per item.

The executor is of processes on this machine, where several pay off, of this process, or of a cluster (`dask_pool`).
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
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait
from typing import Any, Final, TypeVar

from dailypapers.ingest.errors import WorkerDied

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Workers:
    """An executor, and how to use it."""

    executor: Executor
    ahead: int
    """Tasks submitted before the first result is taken, which bounds the number of waiting results."""
    on_cluster: bool = False
    """The results come through a scheduler: a task hands over names and digests of files, not what is in them."""


def in_order(work: Callable[[Item], Result], items: Sequence[Item], workers: Workers) -> Generator[Result, None, None]:
    """The results of `work` for each item, in order; one task per item.

    `work` and items must be picklable, unless the executor runs them in this process. Raises what `work` raises. After
    the iterator is closed no other task is submitted; whoever made the workers ends those that are.
    """
    left = iter(items)
    waiting: deque[Future[Result]] = deque()
    while True:
        for item in islice(left, workers.ahead - len(waiting)):
            with _interrupts_delayed():
                waiting.append(workers.executor.submit(work, item))
        if not waiting:
            return
        yield waiting.popleft().result()


@contextmanager
def _interrupts_delayed() -> Iterator[None]:
    """Processes started here ignore Ctrl-C, which a terminal sends to all of them; in this process it is delayed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:  # noqa: ANN401
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            # As from another process: it is raised where the result is asked for, after the results before it.
            future.set_exception(error)
        return future


def _begin() -> None:
    """In each process: exit when the parent is gone, even if it was killed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
