"""Cuts a connection at a deadline, since the timeouts of a client bound each wait for bytes and not all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

_BOTH_WAYS: Final = 2
"""`SHUT_RDWR` of POSIX."""
EVERY: Final = 0.25
"""Seconds between two looks at the deadline: one thread that looks is cheaper than one a request that sleeps."""


class Cuttable(Protocol):
    """What is needed of a socket."""

    def shutdown(self, how: int, /) -> object:
        """End the connection in the ways named."""


class Watchdog:
    """Knows the socket of a client that has one connection, by the trace of its requests."""

    def __init__(self) -> None:
        """It has no socket before the first request."""
        self._socket: Cuttable | None = None
        self._until: float | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.has_bitten = False
        """Whether the newest request was cut."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take up the socket when a connection is made (httpcore's trace extension)."""
        # Through a proxy the same events have other first names.
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def watching(self, seconds: float) -> Iterator[None]:
        """Cut the connection if what is done meanwhile takes longer than so many seconds (up to `EVERY` more)."""
        self.has_bitten = False
        self._until = time.monotonic() + seconds
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            # Under the lock, so that the next request on the connection is not bitten for this one.
            with self._lock:
                self._until = None

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        # A thread that a signal kept from starting cannot be waited for.
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(EVERY):
            with self._lock:
                if self._until is not None and time.monotonic() >= self._until:
                    self._until = None
                    self._bite()

    def _bite(self) -> None:
        self.has_bitten = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(_BOTH_WAYS)
