"""Faults of the connection: connections that are refused, reset or silent, and answers that are cut or drip.

Each is a switch that sets how the answer is delivered; all end when the client disconnects or the site is closed.
"""

import contextlib
import fcntl
import os
import socket
import struct
import termios
import time
from collections.abc import Iterable
from itertools import chain, repeat
from typing import Literal

from tests.papersite.answers import Answer, Deliver, Request, Switch
from tests.papersite.switches import Where, when

Place = Literal["before", "headers", "body", "after"]

DRAIN = 1.0  # seconds for the other side to read what was sent before a reset
ENDLESS = 10**9  # Content-Length of a dripping body
LINGER_0 = struct.pack("ii", 1, 0)  # struct linger: on, 0 seconds, which makes close() send RST


def delivered(where: Where, deliver: Deliver, *, chunked: bool | None = None, length: int | None = None) -> Switch:
    """Send the finished answer with a function of the socket and the bytes; `chunked` is that of `Answer`.

    length: a Content-Length that differs from the body's.
    """

    def changed(_: Request, answer: Answer) -> Answer:
        answer.deliver, answer.chunked = deliver, chunked
        if length is not None:
            answer.set("Content-Length", str(length))
        return answer

    return when(where, changed)


def refused(where: Where, seconds: float = 0.2) -> Switch:
    """The request is reset; the site already refuses connections, and does so for some seconds."""
    resetting = reset("/", "before")

    def gone(request: Request, answer: Answer) -> Answer:
        answer.away = seconds
        return resetting(request, answer)

    return when(where, gone)


def reset(where: Where, place: Place = "before") -> Switch:
    """A TCP reset instead of the answer, in the middle of its headers or body, or after all of it."""

    def broken(line: socket.socket, whole: bytes) -> None:
        body = len(whole) - len(_body(whole))
        ends = {"before": 0, "headers": body // 2, "body": (body + len(whole)) // 2, "after": len(whole)}
        line.sendall(whole[: ends[place]])
        _drain(line)
        _abort(line)

    return delivered(where, broken)


def truncated(where: Where, kept: float = 0.5) -> Switch:
    """The connection is closed in the middle of a body with the full Content-Length."""
    return delivered(where, _up_to(kept), chunked=False)


def cut_chunks(where: Where, kept: float = 0.5) -> Switch:
    """A chunked body that is broken off; with `kept` of 1 only the final empty chunk is missing."""
    return delivered(where, _up_to(kept, spared=b"0\r\n\r\n"), chunked=True)


def bad_chunk(where: Where) -> Switch:
    """A chunked body whose first chunk size is not a number."""

    def spoilt(line: socket.socket, whole: bytes) -> None:
        body = _body(whole)
        line.sendall(whole.removesuffix(body) + b"size\r\n" + body.partition(b"\r\n")[2])

    return delivered(where, spoilt, chunked=True)


def silent(where: Where, seconds: float = 60.0) -> Switch:
    """No answer at all; the connection is closed after some seconds."""

    def said_nothing(line: socket.socket, _: bytes) -> None:
        hung_up(line, seconds)

    return delivered(where, said_nothing)


def drip_headers(where: Where, interval: float = 0.05, length: int | None = None) -> Switch:
    """The status line, then an endless header byte by byte, or one that ends with the connection after `length`."""

    def dripped(line: socket.socket, whole: bytes) -> None:
        line.sendall(whole.partition(b"\r\n")[0] + b"\r\nX-Drip: ")
        _drip(line, repeat(b"~"), interval, length)

    return delivered(where, dripped)


def drip_body(where: Where, interval: float = 0.05, length: int | None = None) -> Switch:
    """The body byte by byte, then blanks, with a Content-Length of 10^9. Ends like `drip_headers`."""

    def dripped(line: socket.socket, whole: bytes) -> None:
        body = _body(whole)
        line.sendall(whole.removesuffix(body))
        _drip(line, chain((bytes([byte]) for byte in body), repeat(b" ")), interval, length)

    return delivered(where, dripped, chunked=False, length=ENDLESS)


def slow(where: Where, seconds: float = 0.2, parts: int = 10) -> Switch:
    """The complete answer in `parts` parts over some seconds: late but correct."""

    def late(line: socket.socket, whole: bytes) -> None:
        size = len(whole) // parts + 1
        _drip(line, (whole[start : start + size] for start in range(0, len(whole), size)), seconds / parts, None)

    return delivered(where, late)


def garbage(where: Where) -> Switch:
    """Bytes that are not HTTP."""
    return delivered(where, lambda line, _: line.sendall(b"SSH-2.0-dropbear\r\n" + bytes(range(256))))


def http_1_0(where: Where) -> Switch:
    """An HTTP/1.0 answer without a length, ended by the end of the connection."""

    def old(line: socket.socket, whole: bytes) -> None:
        head, _, body = whole.partition(b"\r\n\r\n")
        kept = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(b"content-length:")]
        status = head.partition(b"\r\n")[0].replace(b"HTTP/1.1", b"HTTP/1.0", 1)
        line.sendall(b"\r\n".join([status, *kept, b"", body]))

    return delivered(where, old, chunked=False)


def hung_up(line: socket.socket, seconds: float) -> bool:
    """Wait, or until either side has closed the connection; return whether it was closed."""
    until, said = time.monotonic() + seconds, b"?"
    while said and (rest := until - time.monotonic()) > 0:
        line.settimeout(rest)
        with contextlib.suppress(TimeoutError):
            said = line.recv(4096)  # ignore what the client sends in the meantime
    line.settimeout(None)
    return not said


def _up_to(kept: float, spared: bytes = b"") -> Deliver:
    """Sends the head and a share of the body, without its end."""

    def sent(line: socket.socket, whole: bytes) -> None:
        body = _body(whole)
        line.sendall(whole.removesuffix(body) + body[: int(len(body.removesuffix(spared)) * kept)])

    return sent


def _drip(line: socket.socket, drops: Iterable[bytes], interval: float, length: int | None) -> None:
    for number, drop in enumerate(drops):
        if number == length or (number and hung_up(line, interval)):
            return
        line.sendall(drop)


def _body(whole: bytes) -> bytes:
    return whole.partition(b"\r\n\r\n")[2]


def _drain(line: socket.socket) -> None:
    """Wait until everything sent has arrived, because a reset discards the rest."""
    until = time.monotonic() + DRAIN
    while struct.unpack("i", fcntl.ioctl(line, termios.TIOCOUTQ, bytes(4)))[0] and time.monotonic() < until:
        time.sleep(0.001)


def _abort(line: socket.socket) -> None:
    """Close with RST. The descriptor is detached from the socket; otherwise the server would send FIN first."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
    os.close(line.detach())
