"""The HTTP/1.1 server: keep-alive, one daemon thread per connection, stops within a second."""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Timer
from typing import TYPE_CHECKING

from tests.papersite.answers import Answer, Request

if TYPE_CHECKING:
    from tests.papersite.site import PaperSite

HOST = "127.0.0.1"
PATIENCE = 0.5  # seconds for open connections to end
CHUNK = 16384
BODILESS = {204, 304}
PHRASES = {status.value: status.phrase for status in HTTPStatus}
Connection = socket.socket | tuple[bytes, socket.socket]  # http.server's type includes UDP


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
        """Silent: the site has its own log."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """For the answers that http.server sends itself, such as 501."""
        return f"{self.server.site.now:%a, %d %b %Y %H:%M:%S} GMT"

    def _send(self, answer: Answer) -> None:
        chunked = self.server.site.chunked if answer.chunked is None else answer.chunked
        chunked &= self.request_version == "HTTP/1.1" and answer.status not in BODILESS
        if chunked:
            answer.default("Transfer-Encoding", "chunked")
        elif answer.status not in BODILESS:
            answer.default("Content-Length", str(len(answer.body)))
        whole = self._head(answer)
        if self.command != "HEAD" and answer.status not in BODILESS:
            whole += _chunks(answer.body) if chunked else answer.body
        if answer.away:
            self.server.door.refuse_for(answer.away, but=self.connection)
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
    door: "Listener"

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

    def hang_up(self, but: Connection | None = None) -> None:
        """Close all kept-alive connections except one."""
        with self._changed:
            for connection in self._open:
                if connection is not but:
                    _shut(connection)

    def wait(self) -> None:
        """Wait briefly until the threads of closed connections have ended."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open, PATIENCE)

    def leave(self) -> None:
        """Stop listening, but keep the port: a bound socket that does not listen refuses connections."""
        self.socket.close()
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()

    def come_back(self) -> None:
        self.leave()
        self.server_activate()

    def handle_error(self, request: Connection, client_address: object) -> None:
        """A client that disconnects is ignored; any other error is shown as a traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Listener:
    """A running server for a site; it listens from the start, and can be made unreachable for a while."""

    def __init__(self, site: "PaperSite", port: int) -> None:
        self._server = _Server(site, port)
        self._server.door = self
        self.host = f"{HOST}:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._lock = threading.Lock()
        self._away, self._closed = 0, False  # number of reasons to refuse connections; closed for good
        self._timers: list[Timer] = []
        self._thread = self._serving()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._stop()
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self._server.server_close()
        self._server.hang_up()
        self._server.wait()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse new connections, and close the open ones."""
        with self._lock:
            self._leave()
        self._server.hang_up()
        self._server.wait()
        try:
            yield
        finally:
            self._come_back()

    def refuse_for(self, seconds: float, but: Connection) -> None:
        """The same for some seconds of real time, without waiting; one connection stays open."""
        with self._lock:
            if self._closed:
                return
            self._leave()
            timer = Timer(seconds, self._come_back)
            timer.daemon = True
            timer.start()
            self._timers.append(timer)
        self._server.hang_up(but)

    def _leave(self) -> None:
        self._away += 1
        if self._away == 1:
            self._stop()
            self._server.leave()

    def _come_back(self) -> None:
        with self._lock:
            self._away -= 1
            if self._away == 0 and not self._closed:
                self._server.come_back()
                self._thread = self._serving()

    def _serving(self) -> threading.Thread:
        serve = self._server.serve_forever
        thread = threading.Thread(target=serve, args=(0.02,), name="papersite", daemon=True)
        thread.start()
        return thread

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()


def _shut(connection: Connection) -> None:
    if isinstance(connection, tuple):
        return
    with contextlib.suppress(OSError):  # the other side closed it first
        connection.shutdown(socket.SHUT_RDWR)


def _chunks(body: bytes) -> bytes:
    parts = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
