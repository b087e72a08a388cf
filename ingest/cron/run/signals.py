"""To be told to stop: SIGTERM, SIGINT and the SIGHUP of a terminal that closes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def stop_asked() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether one of these signals has come; until the end they do nothing else."""
    came: list[int] = []

    def note(number: int, frame: object) -> None:  # noqa: ARG001 - signal's signature
        # No more than this: a lock taken here may be held by the code that the signal came between.
        came.append(number)

    # Under nohup a terminal may close.
    heeded = [one for one in SIGNALS if one is not signal.SIGHUP or signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in heeded}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
