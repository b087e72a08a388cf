"""Cuts a connection at a deadline, since the timeouts of a client bound each wait for bytes and not all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

_BOTH_WAYS: Final = 2
"""`SHUT_RDWR` of POSIX."""


class Cuttable(Protocol):
    """What is needed of a socket."""

    def shutdown(self, how: int, /) -> object:
        """End the connection in the ways named."""


class Watchdog:
    """Knows the socket of a client that has one connection, by the trace of its requests."""

    def __init__(self) -> None:
        """It has no socket before the first request."""
        self._socket: Cuttable | None = None
        self.has_bitten = False
        """Whether the newest request was cut."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take up the socket when a connection is made (httpcore's trace extension)."""
        # Through a proxy the same events have other first names.
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def watching(self, seconds: float) -> Iterator[None]:
        """Cut the connection if what is done meanwhile takes longer than so many seconds."""
        self.has_bitten = False
        timer = threading.Timer(seconds, self._bite)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _bite(self) -> None:
        self.has_bitten = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(_BOTH_WAYS)
