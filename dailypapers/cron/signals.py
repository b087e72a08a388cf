"""Stopping on SIGTERM, SIGINT, and SIGHUP (the terminal was closed)."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Gives a function that tells whether one of the signals came; inside, they have no other effect."""
    received: list[int] = []

    def note(number: int, frame: object) -> None:  # noqa: ARG001 - signal's signature
        # Nothing more: the code that the signal interrupts may hold a lock that would be needed here.
        received.append(number)

    # Under nohup a terminal may close.
    used = [number for number in SIGNALS if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in used}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
