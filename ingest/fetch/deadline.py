"""Closes a connection at a deadline: the timeouts of an HTTP client limit each wait for bytes, not their sum."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

_SHUT_RDWR: Final = 2
"""The value of POSIX; the `socket` module is not imported outside the client."""
CHECK_INTERVAL: Final = 0.25
"""Seconds between two checks: one thread that checks is cheaper than one sleeping thread per request."""


class Socket(Protocol):
    """The part of a socket that is used."""

    def shutdown(self, how: int, /) -> object:
        """End the connection in the directions given."""


class Watchdog:
    """Closes the socket of a client with a single connection, which it learns from the trace of the requests."""

    def __init__(self) -> None:
        self._socket: Socket | None = None
        self._until: float | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.has_cut = False
        """Whether the latest request was cut off."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket when a connection is made (httpcore's trace extension)."""
        # With a proxy, the events have other prefixes.
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def watching(self, seconds: float) -> Iterator[None]:
        """Close the connection if the block takes longer than `seconds` (by up to `CHECK_INTERVAL`)."""
        self.has_cut = False
        self._until = time.monotonic() + seconds
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()
        try:
            yield
        finally:
            # Under the lock, so that the next request on this connection is not cut off.
            with self._lock:
                self._until = None

    def close(self) -> None:
        """Stop the thread."""
        self._closed.set()
        # If a signal prevented the start of the thread, it cannot be joined.
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(CHECK_INTERVAL):
            with self._lock:
                if self._until is not None and time.monotonic() >= self._until:
                    self._until = None
                    self._cut()

    def _cut(self) -> None:
        self.has_cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(_SHUT_RDWR)
