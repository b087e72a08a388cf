"""The one seam through which several workers share the work of a command: an executor and one task per item.

The executor is of processes on this machine (`process_pool`), or of a cluster (`dask_pool`).
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

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
