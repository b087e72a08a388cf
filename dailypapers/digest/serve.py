"""Serves the sign-up pages on loopback for a proxy, which adds TLS: the one place that listens for the digest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_TIMEOUT = 10
"""Seconds until a client that sends nothing is left."""


class _Handler(WSGIRequestHandler):
    """Logs nothing: a request line has a token in it."""

    timeout = _TIMEOUT

    def log_message(self, format: str, *args: object) -> None:
        """Do not log."""


@contextmanager
def serving(application: WSGIApplication, port: int) -> Iterator[tuple[int, Thread]]:
    """A server on 127.0.0.1 (port 0: a free one): its port, and the thread that answers requests until the block ends.

    Not in the main thread, where a signal would be raised: the handler of a request takes every exception for its own.
    """
    with make_server("127.0.0.1", port, application, WSGIServer, _Handler) as server:
        thread = Thread(target=server.serve_forever, name="mail serve")
        thread.start()
        try:
            yield server.server_port, thread
        finally:
            server.shutdown()
            thread.join()
