"""Days are built and written in a thread of their own, while the caller fetches the next ones.

The thread mostly waits for the disk and the caller for the site. Days are written in groups.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

from snapshots.store.layout import Store

from .parallel import GROUP
from .write import BuiltDay, DayResult, write_days

MAX_DELAY: Final = 1.0
"""Seconds that a built day waits for others to be written with."""


class BackgroundBuild:
    """Builds and writes days in the order in which they are added; a context manager.

    If it is left early, days that are not written yet stay unbuilt: their archives are on the disk, and the next run
    builds them.
    """

    def __init__(self, store: Store) -> None:
        """Nothing is started before the first day is added."""
        self._store = store
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="build")
        self._pending: deque[Future[list[DayResult]]] = deque()
        self._group: list[BuiltDay | DayResult] = []
        self._since = 0.0

    def __enter__(self) -> BackgroundBuild:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(cancel_futures=True)

    def add(self, build: Callable[[], BuiltDay | DayResult]) -> Iterator[DayResult]:
        """Have a day built; gives the results that are ready. Raises what a build or the disk raised."""
        self._pending.append(self._executor.submit(self._build, build))
        # The pages of a few days may wait in memory.
        while self._pending and (self._pending[0].done() or len(self._pending) > GROUP):
            yield from self._pending.popleft().result()

    def finish(self) -> Iterator[DayResult]:
        """The results of the other days, once they are written."""
        self._pending.append(self._executor.submit(self._write))
        while self._pending:
            yield from self._pending.popleft().result()

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
