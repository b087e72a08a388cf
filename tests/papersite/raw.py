"""The paper site asked by a bare socket, for what a client of HTTP would not show."""

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.papersite.site import PaperSite

PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Received:
    """All bytes up to the end of the connection, and whether that was a reset."""

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
    """Ask for the connection to be closed, and read until it is."""
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
    """Is it so within some seconds? A lost connection means: not yet."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionError):
            if condition():
                return True
        time.sleep(0.005)
    return False
