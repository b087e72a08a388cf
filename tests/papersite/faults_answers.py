"""Faults of well-formed answers: repeated errors, limits, redirects, headers, and stale answers."""

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import reduce

from tests.papersite.answers import Answer, Request, Switch
from tests.papersite.answers import redirect as moved
from tests.papersite.faults_body import finished, gzip_changed
from tests.papersite.faults_wire import delivered
from tests.papersite.rate import Meter, bucket_of
from tests.papersite.switches import Where, down, when
from tests.papersite.wrong_answers import stale

Wait = str | Callable[[datetime], str] | None

HOP = "hop"  # the parameter that counts the redirects of a chain
ASTRAY = {
    "off the site": "http://elsewhere.invalid/papers",  # RFC 2606: a name that never resolves
    "off the site without scheme": "//elsewhere.invalid/papers",
    "off the site with user": "http://127.0.0.1@elsewhere.invalid/papers",
    "to https": "https://127.0.0.1:1/papers",
    "to another port": "http://127.0.0.1:1/papers",
    "to ftp": "ftp://127.0.0.1/papers",
    "to a file": "file:///etc/hostname",
    "to data": "data:application/json,[]",
    "to no port": "http://127.0.0.1:99999/",
    "to no host": "http://[bad/",
    "to no scheme": "://",
    "to nothing": "",
}
"""Bad redirect targets, by what is wrong with them."""


def in_seconds(number: float) -> Callable[[datetime], str]:
    """Retry-After as an HTTP-date, this long after the site's time."""
    return lambda now: format_datetime(now + timedelta(seconds=number), usegmt=True)


def failing(where: Where, status: int = 503, retry_after: Wait = None) -> Switch:
    """Each request fails with this status, with the given Retry-After or one computed from the site's time."""

    def failed(request: Request, answer: Answer) -> Answer:
        answer = down("/", status)(request, answer)
        if retry_after is not None:
            answer.set("Retry-After", retry_after if isinstance(retry_after, str) else retry_after(request.time))
        return answer

    return when(where, failed)


def low(where: Where, left: int = 0, seconds: int = 30) -> Switch:
    """A good answer that says how few requests are left, and until when."""

    def warned(request: Request, answer: Answer) -> Answer:
        answer.set("RateLimit", f'"{bucket_of(request) or "api"}";r={left};t={seconds}')
        return answer

    return when(where, warned)


def quota(where: Where, left: int = 3, seconds: float = 1, *, retry_after: bool = True) -> Switch:
    """A limit of requests per bucket and window of real time: RateLimit counts down, then comes 429."""
    meter = Meter({"api": (left, seconds), "pages": (left, seconds)}, time.monotonic, retry_after)

    def counted(request: Request, answer: Answer) -> Answer:
        headers, refusal = meter.charge(request)
        answer = refusal or answer
        for name, value in headers:
            answer.set(name, value)
        return answer

    return when(where, counted)


def loop(where: Where, status: int = 302) -> Switch:
    """A redirect to the requested URL itself."""
    return when(where, lambda request, _: moved(request.target, status))


def chain(where: Where, hops: int | None = 3, status: int = 302) -> Switch:
    """A number of redirects, each to a different URL, then the requested page; None means endless."""

    def hop(request: Request, answer: Answer) -> Answer:
        number = int(request.query.get(HOP, "0"))
        if hops is None or number < hops:
            return moved(request.asking(**{HOP: str(number + 1)}).target, status)
        return answer

    return when(where, hop)


def redirect_without_location(where: Where, status: int = 302) -> Switch:
    """A redirect without a Location."""

    def nowhere(_request: Request, _answer: Answer) -> Answer:
        answer = moved("", status)
        answer.remove("Location")
        return answer

    return when(where, nowhere)


def bodiless(where: Where, status: int = 204) -> Switch:
    """Status 204, or an unrequested 304: headers only."""

    def empty(_: Request, answer: Answer) -> Answer:
        return replace(answer, status=status, body=b"")

    return when(where, empty)


def many_headers(where: Where, number: int = 15_000) -> Switch:
    """Adds many short headers: by default 230 KiB.

    httpx refuses headers of which it has over 100 KiB but not the end, and reads up to 64 KiB before it looks.
    """
    return headers(where, ((f"X-Many-{place}", "y") for place in range(number)))


def huge_header(where: Where, size: int = 200_000) -> Switch:
    """Adds one header of this many bytes."""
    return headers(where, [("X-Huge", "y" * size)])


def headers(where: Where, added: Iterable[tuple[str, str]]) -> Switch:
    """Adds headers, keeping those of the same name."""
    more = tuple(added)
    return finished(where, lambda answer: answer.headers.extend(more))


def second_length(where: Where, more: int = 0) -> Switch:
    """Two Content-Lengths: the right one, and one that is larger by `more`."""

    def measure(answer: Answer) -> None:
        answer.chunked = False
        answer.set("Content-Length", str(len(answer.body)))
        answer.headers.append(("Content-Length", str(len(answer.body) + more)))

    return finished(where, measure)


def second_coding(where: Where) -> Switch:
    """gzip that is declared twice, which means gzip of gzip."""
    return both(gzip_changed(where, lambda whole: whole), headers(where, [("Content-Encoding", "gzip")]))


def length_and_chunks(where: Where) -> Switch:
    """A chunked body with a Content-Length; by RFC 9112 (6.3) the chunks win."""

    def both(answer: Answer) -> None:
        answer.chunked = True
        answer.headers.append(("Content-Length", "1"))

    return finished(where, both)


def bare_lf(where: Where) -> Switch:
    """Header lines that end in LF without CR, which RFC 9112 (2.2) allows a recipient to accept."""

    def bare(line: socket.socket, whole: bytes) -> None:
        head, end, body = whole.partition(b"\r\n\r\n")
        line.sendall((head + end).replace(b"\r\n", b"\n") + body)

    return delivered(where, bare)


def split_header(where: Where, value: str = "a\nb") -> Switch:
    """A header whose value contains a bare LF, so that its second half is a line without a colon."""
    return headers(where, [("X-Split", value)])


def aged(where: Where, hours: float = 24, *, age: bool = True, dated: bool = True) -> Switch:
    """An Age of this many hours and a Date as far back, on a fresh answer."""

    def cached(request: Request, answer: Answer) -> Answer:
        if age:
            answer.set("Age", str(int(hours * 3600)))
        if dated:
            answer.set("Date", format_datetime(request.time - timedelta(hours=hours), usegmt=True))
        return answer

    return when(where, cached)


def old(where: Where, hours: float = 24) -> Switch:
    """An answer from a cache: what the site had this many hours ago, with matching Age and Date."""
    return both(stale(where, hours), aged(where, hours))


def both(*switches: Switch) -> Switch:
    """One switch after another."""
    return lambda request, answer: reduce(lambda done, switch: switch(request, done), switches, answer)
