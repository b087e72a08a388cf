"""Days are built by several processes, or by a thread while the caller fetches, and written by one, in groups.

Processes build a day ahead of time, without the store's lock. Under the lock it is written only if its files are still
those that it was built from. Otherwise, and if it could not be built, it is built again under the lock. The thread
mostly waits for the disk, and the caller for the site.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Final

from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.store.layout import Store

from .cluster_task import build_task, run_task
from .prepared import sweep_prepared
from .workers import Workers, in_order
from .write import BuiltDay, DayResult, build_ahead, write_days

GROUP: Final = 8
"""Days written together: the file system commits their files at once. More would save little, and wait in memory."""


def build_and_write_all(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool = False
) -> Generator[DayResult, None, None]:
    """Build and write days, in order. A damaged archive, or a bug, leaves its day unchanged.

    The files are the same whoever builds them. Raises WorkerDied, and of a cluster also IngestError and OSError if a
    worker does not share the store.
    """
    # Workers on other machines have another working directory.
    store = Store(store.root.absolute()) if workers.on_cluster else store
    build = _by_cluster if workers.on_cluster else _by_processes
    sweep_prepared(store, days)
    try:
        with closing(build(store, days, workers, accept_loss=accept_loss)) as built:
            while group := list(islice(built, GROUP)):
                yield from write_days(store, group, accept_loss=accept_loss)
    finally:
        if workers.on_cluster:
            sweep_prepared(store, days)


def _by_processes(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool
) -> Generator[BuiltDay, None, None]:
    yield from in_order(partial(_ahead, store, accept_loss), days, workers)


def _ahead(store: Store, accept_loss: bool, source_day: SourceDay) -> BuiltDay:  # noqa: FBT001 - positional for partial
    try:
        return build_ahead(load_day(store, source_day), accept_loss=accept_loss)
    except Exception:  # the build under the lock meets the same one and reports it
        return BuiltDay(source_day)


def _by_cluster(
    store: Store, days: Sequence[SourceDay], workers: Workers, *, accept_loss: bool
) -> Generator[BuiltDay, None, None]:
    tasks = [build_task(store, day, accept_loss=accept_loss) for day in days]
    for day, prepared in zip(days, in_order(run_task, tasks, workers), strict=True):
        yield BuiltDay(day, prepared=prepared)


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
