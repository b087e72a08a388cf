"""A server on loopback that answers each request with a correct answer of the paper site, or with a damaged one."""

from __future__ import annotations

import gzip
import re
import socket
import time
import zlib
from contextlib import suppress
from random import Random
from typing import Final

from tests.fuzz.command.mutation import mutated, mutated_json, odd_text
from tests.fuzz.command.template import answer_of, paper_site
from tests.papersite import PaperSite

DRIP: Final = 0.3
"""Seconds of a slow answer."""
_STATUSES: Final = (200, 200, 200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 429, 429, 500, 503)
_STATUS_LINES: Final = (
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 999 \xe9\x1b]0;x\x07",
    b"HTTP/1.1 200",
    b"HTTP/1.1 99 x",
    b"HTTP/1.1 1e3 x",
    b"HTTP/9.9 200 OK",
    b"ICY 200 OK",
    b"",
    b"\x00\x01",
)
_VALUES: Final = {
    "ETag": ('"x"', "W/", '"caf\xe9"', '"' + "e" * 5000 + '"', "*", '"a\tb"', '"\x7f"'),
    "Last-Modified": ("Wed, 10 Dec 2025 10:00:00 GMT", "yesterday", "caf\xe9", "Wed, 99 Foo 99999 99:99:99 GMT"),
    "Retry-After": ("0", "3", "-5", "1e9", "9" * 50, "Wed, 10 Dec 9999 10:00:00 GMT", "soon", "\xb2", "nan", "inf"),
    "RateLimit": (
        '"api";r=0;t=5',
        '"api";r=-1;t=1e400',
        "r=;t=",
        '"a";r=1',
        "\xff",
        '"api";r=99999999999999999999;t=9',
    ),
    "RateLimit-Policy": ('"fixed window";"api";q=0;w=0', '"api";q=1e9;w=nan', ";;;=", "\xe9"),
    "Location": (
        "/papers",
        "//",
        "http://[bad/x",
        "\xe9\x1b",
        "http://a b/",
        "https://huggingface.co/x?token=%s",
        "?p=" + "9" * 5000,
        "",
    ),
    "Content-Encoding": ("gzip", "br", "deflate", "identity, gzip, gzip", "\xe9", "zstd", "x-gzip"),
    "Content-Type": (
        "text/html; charset=\xe9",
        "application/json; charset=utf-7",
        ";;;",
        "",
        "text/html; charset=idna",
    ),
    "Content-Length": ("0", "-1", "99999999999999999999", "5, 5", "x", "1"),
    "Transfer-Encoding": ("chunked", "gzip, chunked", "x"),
    "Date": ("Thu, 01 Jan 1970 00:00:00 GMT", "x", "Thu, 31 Dec 9999 23:59:59 GMT", "\xb2"),
    "Age": ("-1", "9" * 30, "x", "\xb2"),
    "Link": ('<%s>; rel="next"', "<http://[bad/x>; rel=next", "<?p=2>; rel=next", "<" * 500),
    "X-Total-Count": ("0", "-1", "9" * 5000, "\xb2", "x", "2"),
    "X-Error-Message": ("%s", "\x1b[2J%s", "caf\xe9 %s"),
    "Set-Cookie": ("a=%s; domain=.x", "\xff=\xfe"),
}
_ROBOTS: Final = (
    b"User-agent: *\nDisallow: /\n",
    b"User-agent: *\nCrawl-delay: 1e308\n",
    b"User-agent: *\nCrawl-delay: nan\nAllow: /\n",
    b"\xff\xfeU\x00",
    b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"$\n",
    b"User-agent: \x1b]0;x\n" * 50 + b"Crawl-delay: -1\nDisallow: %zz\n",
)


def serve(listener: socket.socket, seed: int, secret: str, *, may_drip: bool) -> None:
    """Answer requests one after the other until the process is killed; each answer depends on the seed alone."""
    site, rng = paper_site(), Random(seed)
    mischief = rng.choice((0.0, 0.1, 0.3, 0.7, 1.0))
    slow = 5 if may_drip else 0
    while True:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.settimeout(5)
            target = _target(connection)
            if target is None:
                continue
            answer = _answer(rng, site, target, mischief, secret)
            if slow and rng.random() < 0.05:
                slow -= 1
                _drip(connection, answer)
            else:
                connection.sendall(answer)


def _target(connection: socket.socket) -> str | None:
    request = b""
    while b"\r\n\r\n" not in request:
        received = connection.recv(65536)
        if not received:
            return None
        request += received
    return request.split(b" ")[1].decode("latin-1")


def _drip(connection: socket.socket, answer: bytes) -> None:
    pieces = 6
    for part in range(pieces):
        connection.sendall(answer[part * len(answer) // pieces : (part + 1) * len(answer) // pieces])
        time.sleep(DRIP / pieces)


def _answer(rng: Random, site: PaperSite, target: str, mischief: float, secret: str) -> bytes:
    status, headers, body = 404, [("Content-Type", "text/plain")], b"Not found"
    with suppress(ValueError, KeyError, IndexError, OverflowError):  # an address that the paper site cannot read
        answer = answer_of(site, target)
        status, headers, body = answer.status, list(answer.headers), answer.body
    if target == "/robots.txt" and rng.random() < 0.15 * mischief:
        status, body = 200, rng.choice(_ROBOTS)
    if rng.random() >= mischief:
        return _message(b"HTTP/1.1 %d OK" % status, headers, body)
    if rng.random() < 0.3:
        status = rng.choice(_STATUSES)
    line = b"HTTP/1.1 %d x" % status if rng.random() < 0.95 else rng.choice(_STATUS_LINES)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        name = rng.choice([*_VALUES])
        headers.append((name, rng.choice(_VALUES[name]).replace("%s", secret)))
    whole = _message(line, headers, _body(rng, body, status, secret))
    return (
        whole[: rng.randrange(len(whole))]
        if rng.random() < 0.1
        else mutated(rng, whole)
        if rng.random() < 0.1
        else whole
    )


def _body(rng: Random, body: bytes, status: int, secret: str) -> bytes:
    if status >= 300:
        title = f"<html><title>{secret} {odd_text(rng)[:200]} Bearer {secret}</title><h1>{secret}\x1b[31m</h1>"
        return rng.choice((title.encode("utf-8", "replace"), b'{"error":"%s"}' % secret.encode(), body))
    match rng.randrange(8):
        case 0:
            return mutated(rng, body)
        case 1 | 2 | 3:
            return mutated_json(rng, body) if body[:1] in b"[{" else _mutated_blob(rng, body)
        case 4:
            return rng.choice((b"", b"[]", b"{}", b"null", b"<html>", b"[" * 3000, b'[{"paper":{"id":1}}]'))
        case 5:
            return rng.choice(
                (gzip.compress(bytes(2**22), mtime=0), zlib.compress(body), gzip.compress(body, mtime=0)[:-5])
            )
        case _:
            return body


def _mutated_blob(rng: Random, body: bytes) -> bytes:
    """HTML with the JSON in one of its attributes changed."""
    blobs = list(re.finditer(rb'data-props="([^"]*)"', body))
    if not blobs:
        return mutated(rng, body)
    blob = rng.choice(blobs)
    changed = mutated_json(rng, blob[1].replace(b"&quot;", b'"').replace(b"&amp;", b"&"))
    return body[: blob.start(1)] + changed.replace(b"&", b"&amp;").replace(b'"', b"&quot;") + body[blob.end(1) :]


def _message(line: bytes, headers: list[tuple[str, str]], body: bytes) -> bytes:
    if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
        headers = [*headers, ("Content-Length", str(len(body)))]
    rows = [line, *(f"{name}: {value}".encode("latin-1", "replace") for name, value in headers), b"Connection: close"]
    return b"\r\n".join(rows) + b"\r\n\r\n" + body
