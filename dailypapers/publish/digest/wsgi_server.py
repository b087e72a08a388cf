"""Serves the sign-up pages on loopback for a proxy, which adds TLS: the one place that listens for the digest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
def listening(application: WSGIApplication, port: int) -> Iterator[tuple[int, WSGIServer]]:
    """A server on 127.0.0.1 (port 0: a free one), with its port; its `serve_forever` answers requests."""
    with make_server("127.0.0.1", port, application, WSGIServer, _Handler) as server:
        yield server.server_port, server
