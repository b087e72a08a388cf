"""Faults of well-formed answers: storms of errors, limits, redirects, headers, and answers out of date."""

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
from tests.papersite.trouble import stale

Wait = str | Callable[[datetime], str] | None

HOP = "hop"  # the parameter in which a chain counts
ASTRAY = {
    "off the site": "http://elsewhere.invalid/papers",  # RFC 2606: a name that is never one
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
"""Locations that lead nowhere good, by what is wrong with them."""


def in_seconds(number: float) -> Callable[[datetime], str]:
    """Retry-After as an HTTP-date, so long after the site's now."""
    return lambda now: format_datetime(now + timedelta(seconds=number), usegmt=True)


def failing(where: Where, status: int = 503, retry_after: Wait = None) -> Switch:
    """A storm: each request fails with this status, and Retry-After as given, or made from the site's time."""

    def failed(request: Request, answer: Answer) -> Answer:
        answer = down("/", status)(request, answer)
        if retry_after is not None:
            answer.set("Retry-After", retry_after if isinstance(retry_after, str) else retry_after(request.time))
        return answer

    return when(where, failed)


def low(where: Where, left: int = 0, seconds: int = 30) -> Switch:
    """A good answer that says how few requests are left, and for how long."""

    def warned(request: Request, answer: Answer) -> Answer:
        answer.set("RateLimit", f'"{bucket_of(request) or "api"}";r={left};t={seconds}')
        return answer

    return when(where, warned)


def quota(where: Where, left: int = 3, seconds: float = 1, *, retry_after: bool = True) -> Switch:
    """So many requests of a bucket in each such window of real time: RateLimit counts down, then comes 429."""
    meter = Meter({"api": (left, seconds), "pages": (left, seconds)}, time.monotonic, retry_after)

    def counted(request: Request, answer: Answer) -> Answer:
        headers, refusal = meter.charge(request)
        answer = refusal or answer
        for name, value in headers:
            answer.set(name, value)
        return answer

    return when(where, counted)


def loop(where: Where, status: int = 302) -> Switch:
    """A redirect to the address that was asked for."""
    return when(where, lambda request, _: moved(request.target, status))


def chain(where: Where, hops: int | None = 3, status: int = 302) -> Switch:
    """So many redirects, each to an address of its own, then what was asked for; None is for ever."""

    def hop(request: Request, answer: Answer) -> Answer:
        number = int(request.query.get(HOP, "0"))
        if hops is None or number < hops:
            return moved(request.asking(**{HOP: str(number + 1)}).target, status)
        return answer

    return when(where, hop)


def redirect_without_location(where: Where, status: int = 302) -> Switch:
    """A redirect that does not say where to."""

    def nowhere(_request: Request, _answer: Answer) -> Answer:
        answer = moved("", status)
        answer.remove("Location")
        return answer

    return when(where, nowhere)


def bodiless(where: Where, status: int = 204) -> Switch:
    """Status 204, or a 304 that nobody asked for: headers alone."""

    def empty(_: Request, answer: Answer) -> Answer:
        return replace(answer, status=status, body=b"")

    return when(where, empty)


def many_headers(where: Where, number: int = 10_000) -> Switch:
    """So many short headers more."""
    return headers(where, ((f"X-Many-{place}", "y") for place in range(number)))


def huge_header(where: Where, size: int = 200_000) -> Switch:
    """One header more, of so many bytes."""
    return headers(where, [("X-Huge", "y" * size)])


def headers(where: Where, added: Iterable[tuple[str, str]]) -> Switch:
    """More headers, beside those of the same name."""
    more = tuple(added)
    return finished(where, lambda answer: answer.headers.extend(more))


def second_length(where: Where, more: int = 0) -> Switch:
    """Two Content-Lengths: the right one, and one that is so much more."""

    def measure(answer: Answer) -> None:
        answer.chunked = False
        answer.set("Content-Length", str(len(answer.body)))
        answer.headers.append(("Content-Length", str(len(answer.body) + more)))

    return finished(where, measure)


def second_coding(where: Where) -> Switch:
    """gzip that is labelled so twice, which means gzip of gzip."""
    return both(gzip_changed(where, lambda whole: whole), headers(where, [("Content-Encoding", "gzip")]))


def length_and_chunks(where: Where) -> Switch:
    """A chunked body beside a Content-Length, of which RFC 9112 (6.3) says that the chunks win."""

    def both(answer: Answer) -> None:
        answer.chunked = True
        answer.headers.append(("Content-Length", "1"))

    return finished(where, both)


def bare_lf(where: Where) -> Switch:
    """Header lines that end in LF without CR, as RFC 9112 (2.2) lets a recipient take them."""

    def bare(line: socket.socket, whole: bytes) -> None:
        head, end, body = whole.partition(b"\r\n\r\n")
        line.sendall((head + end).replace(b"\r\n", b"\n") + body)

    return delivered(where, bare)


def split_header(where: Where, value: str = "a\nb") -> Switch:
    """A header whose value has a bare LF, so that its second half is a line without a colon."""
    return headers(where, [("X-Split", value)])


def aged(where: Where, hours: float = 24, *, age: bool = True, dated: bool = True) -> Switch:
    """An Age of so many hours, and a Date that lies so far back, on an answer that is not old at all."""

    def cached(request: Request, answer: Answer) -> Answer:
        if age:
            answer.set("Age", str(int(hours * 3600)))
        if dated:
            answer.set("Date", format_datetime(request.time - timedelta(hours=hours), usegmt=True))
        return answer

    return when(where, cached)


def old(where: Where, hours: float = 24) -> Switch:
    """An answer from a cache: what the site had so many hours ago, with the Age and the Date of it."""
    return both(stale(where, hours), aged(where, hours))


def both(*switches: Switch) -> Switch:
    """One switch after another."""
    return lambda request, answer: reduce(lambda done, switch: switch(request, done), switches, answer)
