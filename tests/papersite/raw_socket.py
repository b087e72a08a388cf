"""Requests to the paper site over a bare socket, for details that an HTTP client hides."""

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.papersite.site import PaperSite

PATIENCE = 120.0  # seconds


@dataclass(frozen=True)
class Received:
    """All bytes until the connection ends, and whether it ended with a reset."""

    whole: bytes
    reset: bool

    @property
    def head(self) -> bytes:
        return self.whole.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.whole.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def all(self, name: str) -> list[str]:
        """The values of all headers of that name."""
        pairs = [line.decode("latin-1").partition(": ") for line in self.head.split(b"\r\n")[1:]]
        return [value for key, _, value in pairs if key.lower() == name.lower()]


def dial(site: PaperSite) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2])), timeout=PATIENCE)


def ask(line: socket.socket, target: str, **headers: str) -> None:
    named = [f"{name.replace('_', '-')}: {value}" for name, value in ({"Host": "x"} | headers).items()]
    line.sendall("\r\n".join([f"GET {target} HTTP/1.1", *named, "", ""]).encode())


def receive(site: PaperSite, target: str, **headers: str) -> Received:
    """Send `Connection: close`, and read until the connection ends."""
    with dial(site) as line:
        ask(line, target, Connection="close", **headers)
        return read(line)


def read(line: socket.socket) -> Received:
    received = []
    try:
        while part := line.recv(65536):
            received.append(part)
    except ConnectionResetError:
        return Received(b"".join(received), reset=True)
    return Received(b"".join(received), reset=False)


def soon(condition: Callable[[], object]) -> bool:
    """Whether it becomes true within some seconds; a lost connection means not yet."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionError):
            if condition():
                return True
        time.sleep(0.005)
    return False
