"""Days are built and written in a thread of their own, while the caller fetches the next ones.

The thread mostly waits for the disk and the caller for the site. Days are written in groups.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Final

from dailypapers.snapshots.store.layout import Store

from .parallel import GROUP
from .write import BuiltDay, DayResult, write_days

MAX_DELAY: Final = 1.0
"""Seconds that a built day waits for others to be written with."""
GRACE: Final = 2.0
"""Seconds that a command which is stopped waits for the thread: it may be waiting for the lock of another process."""

_Task = tuple[Future[list[DayResult]], Callable[[], list[DayResult]]]


class BackgroundBuild:
    """Builds and writes days in the order in which they are added; a context manager.

    If it is left early, days that are not written yet stay unbuilt: their archives are on the disk, and the next run
    builds them.
    """

    def __init__(self, store: Store) -> None:
        """The thread is a daemon, so that a process can end while it waits for the store's lock."""
        self._store = store
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="build", daemon=True)
        self._pending: deque[Future[list[DayResult]]] = deque()
        self._group: list[BuiltDay | DayResult] = []
        self._since = 0.0

    def __enter__(self) -> BackgroundBuild:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(Empty):
                while True:
                    self._tasks.get_nowait()
        self._tasks.put(None)
        self._thread.join(None if kind is None else GRACE)

    def add(self, build: Callable[[], BuiltDay | DayResult]) -> Iterator[DayResult]:
        """Have a day built; gives the results that are ready. Raises what a build or the disk raised."""
        self._submit(lambda: self._build(build))
        # The pages of a few days may wait in memory.
        while self._pending and (self._pending[0].done() or len(self._pending) > GROUP):
            yield from self._pending.popleft().result()

    def finish(self) -> Iterator[DayResult]:
        """The results of the other days, once they are written."""
        self._submit(self._write)
        while self._pending:
            yield from self._pending.popleft().result()

    def _submit(self, task: Callable[[], list[DayResult]]) -> None:
        future: Future[list[DayResult]] = Future()
        self._pending.append(future)
        self._tasks.put((future, task))

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    def _build(self, build: Callable[[], BuiltDay | DayResult]) -> list[DayResult]:
        if not self._group:
            self._since = time.monotonic()
        self._group.append(build())
        is_due = len(self._group) >= GROUP or time.monotonic() - self._since >= MAX_DELAY
        return self._write() if is_due else []

    def _write(self) -> list[DayResult]:
        days, self._group = self._group, []
        written = iter(write_days(self._store, [day for day in days if isinstance(day, BuiltDay)]))
        return [day if isinstance(day, DayResult) else next(written) for day in days]
