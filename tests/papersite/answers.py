"""Requests to the paper site, its answers, and switches that change an answer on its way.

A switch is any callable `(request, answer) -> answer`; it sees the body before gzip and before `Date`,
`RateLimit`, `ETag` and `Content-Length` are added, and a header that it sets is not overwritten. A fault of
the connection (a reset, a drip, a wrong length) is a `deliver`: it gets the socket and the complete answer as
bytes, and the connection is closed afterwards. Changes of the finished answer, gzip and headers included, are
appended to `last`.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import orjson

from tests.papersite.entries import Item

Headers = tuple[tuple[str, str], ...]
Deliver = Callable[[socket.socket, bytes], None]

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"

ERROR_PAGE = (
    '<!doctype html>\n<html class="">\n\t<head><meta charset="utf-8" /><title>{title}</title></head>\n'
    '\t<body class="flex flex-col min-h-screen"><main><section class="container">'
    '<h1 class="text-6xl font-bold">{status}</h1><p>{title}</p></section></main></body>\n</html>\n'
)


@dataclass(frozen=True)
class Request:
    """`at` is the site's time of the answer; `hidden` selects the items that are left out."""

    method: str
    target: str
    headers: Headers = ()
    at: datetime | None = None
    hidden: Callable[[Item], bool] | None = None

    @cached_property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> dict[str, str]:
        """The parameters by name; if a name is repeated, the last value."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def time(self) -> datetime:
        """`at`, which is set on every request that is being answered."""
        if self.at is None:
            raise ValueError(f"{self.target}: a request that is answered needs a time")
        return self.at

    def header(self, name: str) -> str | None:
        return _first(self.headers, name)

    def asking(self, **parameters: str) -> "Request":
        """A copy of the request with these parameters set."""
        return replace(self, target=f"{urlsplit(self.target).path}?{urlencode(self.query | parameters)}")


@dataclass
class Answer:
    """`again` answers another request instead of this one; the site sets it.

    last: changes applied when only `Content-Length` is missing.
    chunked: whether it is sent in chunks; None: as the site does.
    away: seconds for which the site refuses connections, starting before the answer is sent.
    fault: the name of the fault for the log.
    """

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    deliver: Deliver | None = None
    last: "list[Callable[[Answer], object]]" = field(default_factory=list, repr=False)
    chunked: bool | None = None
    away: float = 0.0
    fault: str = ""
    again: "Callable[[Request], Answer] | None" = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        return _first(self.headers, name)

    def set(self, name: str, value: str) -> None:
        """Replace all headers of that name; append to `headers` to add a second one."""
        self.remove(name)
        self.headers.append((name, value))

    def remove(self, name: str) -> None:
        self.headers = [(key, kept) for key, kept in self.headers if key.lower() != name.lower()]

    def default(self, name: str, value: str) -> None:
        if self.header(name) is None:
            self.headers.append((name, value))


Switch = Callable[[Request, Answer], Answer]


@dataclass(frozen=True)
class Served:
    """One line of the log, when the request arrived: `at` by the site's clock, `ticks` by `time.monotonic()`.

    `fault` is the name of the fault that was applied, if any.
    """

    method: str
    target: str
    status: int
    headers: Headers
    at: datetime
    ticks: float
    fault: str = ""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    def header(self, name: str) -> str | None:
        return _first(self.headers, name)


def json_answer(value: object, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", JSON)], orjson.dumps(value))


def json_error(status: int, message: str) -> Answer:
    return json_answer({"error": message}, status)


def json_list(parts: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def html_answer(text: str, status: int = 200) -> Answer:
    return Answer(status, [("Content-Type", HTML)], text.encode())


def html_error(status: int, title: str) -> Answer:
    return html_answer(ERROR_PAGE.format(status=status, title=title), status)


def redirect(location: str, status: int = 302) -> Answer:
    text = f"Found. Redirecting to {location}"
    return Answer(status, [("Location", location), ("Content-Type", "text/plain; charset=utf-8")], text.encode())


def _first(headers: Headers | list[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)
