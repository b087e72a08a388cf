"""The wire: HTTP/1.1 with kept connections, one daemon thread a connection, and an end within a second."""

import contextlib
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.papersite.answers import Answer, Request

if TYPE_CHECKING:
    from tests.papersite.site import PaperSite

HOST = "127.0.0.1"
PATIENCE = 0.5  # seconds that open connections are given to end
CHUNK = 16384
BODILESS = {204, 304}
PHRASES = {status.value: status.phrase for status in HTTPStatus}
Connection = socket.socket | tuple[bytes, socket.socket]  # http.server means UDP too


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        request = Request(self.command, self.path, tuple(self.headers.items()))
        self._send(self.server.site.serve(request))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet: the site keeps a log of its own."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """For the answers that http.server gives by itself, such as 501."""
        return f"{self.server.site.now:%a, %d %b %Y %H:%M:%S} GMT"

    def _send(self, answer: Answer) -> None:
        chunked = self.server.site.chunked and self.request_version == "HTTP/1.1" and answer.status not in BODILESS
        if chunked:
            answer.default("Transfer-Encoding", "chunked")
        elif answer.status not in BODILESS:
            answer.default("Content-Length", str(len(answer.body)))
        whole = self._head(answer)
        if self.command != "HEAD" and answer.status not in BODILESS:
            whole += _chunks(answer.body) if chunked else answer.body
        if answer.deliver is None:
            self.wfile.write(whole)
        else:
            answer.deliver(self.connection, whole)
            self.close_connection = True
        self.close_connection |= (answer.header("Connection") or "").lower() == "close"

    def _head(self, answer: Answer) -> bytes:
        phrase = PHRASES.get(answer.status, "Unknown")
        lines = [
            f"HTTP/1.1 {answer.status} {phrase}",
            *(f"{name}: {value}" for name, value in answer.headers),
        ]
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: "PaperSite", port: int) -> None:
        self.site = site
        self._open: set[Connection] = set()
        self._changed = threading.Condition()
        super().__init__((HOST, port), Handler)

    def process_request(self, request: Connection, client_address: object) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Connection) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def hang_up(self) -> None:
        """End all kept connections and wait, not for long, until their threads have noticed."""
        with self._changed:
            for connection in self._open:
                _shut(connection)
            self._changed.wait_for(lambda: not self._open, PATIENCE)

    def handle_error(self, request: Connection, client_address: object) -> None:
        """A client that is gone is its own affair; any other error is shown as a traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Listener:
    """A running server for a site; it listens from the first moment on."""

    def __init__(self, site: "PaperSite", port: int) -> None:
        self._server = _Server(site, port)
        self.host = f"{HOST}:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.02,), name="papersite", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()


def _shut(connection: Connection) -> None:
    if isinstance(connection, tuple):
        return
    with contextlib.suppress(OSError):  # the other side was faster
        connection.shutdown(socket.SHUT_RDWR)


def _chunks(body: bytes) -> bytes:
    parts = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
