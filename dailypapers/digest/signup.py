"""The public pages of the digest as one WSGI application (PEP 3333): subscribe, confirm, unsubscribe.

POST /subscribe               address, series, at, zone: sends a mail that asks for confirmation
GET, POST /confirm/TOKEN      POST makes the subscription active
GET, POST /unsubscribe/TOKEN  POST ends it; mail programs send it for one click (RFC 8058)

GET changes nothing, since programs that check links open every one of a mail. The answer to /subscribe is the same
whether an address is subscribed or not, and no page shows an address.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from sqlite3 import Connection
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from dailypapers.snapshots.store.layout import Series

from .database import transaction
from .issues import parse_time, parse_zone
from .message import check_address
from .model import InvalidValueError
from .outbox import Outbox
from .render import Sender, compose_confirmation
from .subscriptions import NewSubscription, Subscriptions, format_instant
from .tokens import Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONFIRM_WITHIN: Final = timedelta(hours=48)
MAX_BODY: Final = 4096
MAX_FIELDS: Final = 10
ADDRESS_REST: Final = timedelta(days=1)
"""Between two mails that ask one address for confirmation."""
CLIENT_PERIOD: Final = timedelta(hours=1)
CLIENT_LIMIT: Final = 20
"""Requests to subscribe of one client in that time."""
_HEADERS: Final = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    # In place of the version of Python.
    ("Server", "dailypapers"),
]
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title><h1>{title}</h1>{body}'
)
_BUTTON: Final = '<form method="post"><p>{question}</p><p><button>{label}</button></p></form>'
_ROUTE: Final = re.compile(r"/(confirm|unsubscribe)/([A-Za-z0-9._-]{1,200})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: HTTPStatus
    title: str
    body: str = ""


_ASKED: Final = _Answer(
    HTTPStatus.OK,
    "Look into your mail",
    "<p>If this address can be subscribed, it gets a mail with a link to confirm. Nothing is sent before.</p>",
)
_INVALID_LINK: Final = _Answer(
    HTTPStatus.NOT_FOUND, "This link is not valid", "<p>It was cut, or it is older than 48 hours. Subscribe again.</p>"
)
_TOO_MANY: Final = _Answer(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", "<p>Try again in an hour.</p>")
_CONFIRMED: Final = _Answer(HTTPStatus.OK, "You are subscribed", "<p>Every mail has a link to unsubscribe.</p>")
_ENDED: Final = _Answer(HTTPStatus.OK, "You are unsubscribed", "<p>Your address was deleted.</p>")


@dataclass(frozen=True, slots=True)
class SignupPages:
    """The WSGI application. Its base URL may have a path, which a proxy must take off."""

    database: Callable[[], AbstractContextManager[Connection]]
    sender: Sender
    tokens: Tokens
    series: tuple[Series, ...]
    """What can be subscribed; the first is the default."""
    clock: Callable[[], datetime]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._answer(environ)
        content = _PAGE.format(title=answer.title, body=answer.body).encode()
        length = ("Content-Length", str(len(content)))
        start_response(f"{answer.status.value} {answer.status.phrase}", [*_HEADERS, length])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _answer(self, environ: WSGIEnvironment) -> _Answer:
        path, method = str(environ.get("PATH_INFO", "")), environ["REQUEST_METHOD"]
        if path == "/subscribe":
            return self._subscribe(environ) if method == "POST" else _not_allowed()
        route = _ROUTE.fullmatch(path)
        if route is None:
            return _Answer(HTTPStatus.NOT_FOUND, "There is no such page")
        if method not in {"GET", "HEAD", "POST"}:
            return _not_allowed()
        answer = self._confirm if route[1] == "confirm" else self._unsubscribe
        return answer(route[2], is_post=method == "POST")

    def _confirm(self, text: str, *, is_post: bool) -> _Answer:
        token = self.tokens.check("confirm", text, self.clock())
        if token is None:
            return _INVALID_LINK
        if not is_post:
            form = _BUTTON.format(question="New papers will be sent to your address.", label="Subscribe")
            return _Answer(HTTPStatus.OK, "Confirm your subscription", form)
        with self.database() as connection:
            subscriptions = Subscriptions(connection)
            if subscriptions.by_id(token.subscription) is None:
                return _INVALID_LINK
            subscriptions.confirm(token.subscription)
        return _CONFIRMED

    def _unsubscribe(self, text: str, *, is_post: bool) -> _Answer:
        token = self.tokens.check("unsubscribe", text, self.clock())
        if token is None:
            return _INVALID_LINK
        if not is_post:
            form = _BUTTON.format(
                question="No more mails will be sent, and your address is deleted.", label="Unsubscribe"
            )
            return _Answer(HTTPStatus.OK, "Unsubscribe", form)
        with self.database() as connection:
            Subscriptions(connection).remove(token.subscription)
        return _ENDED

    def _subscribe(self, environ: WSGIEnvironment) -> _Answer:
        try:
            new = self._new_subscription(_form(environ))
        except InvalidValueError as error:
            # Only our own words: the values that messages quote are those of the form, so they are left out.
            return _Answer(HTTPStatus.BAD_REQUEST, "This cannot be subscribed", f"<p>{_reason(error)}</p>")
        with self.database() as connection, transaction(connection):
            return self._ask(connection, new, _client(environ))

    def _new_subscription(self, form: dict[str, str]) -> NewSubscription:
        series = {str(each): each for each in self.series}
        chosen = series.get(form.get("series", str(self.series[0])))
        if chosen is None:
            raise InvalidValueError("this list cannot be subscribed")
        new = NewSubscription(check_address(form.get("address", "")), chosen)
        return new._replace(
            at=_checked(parse_time, form.get("at", new.at)), zone=_checked(parse_zone, form.get("zone", new.zone))
        )

    def _ask(self, connection: Connection, new: NewSubscription, client: str) -> _Answer:
        now, subscriptions = self.clock(), Subscriptions(connection)
        old = format_instant(now - max(ADDRESS_REST, CLIENT_PERIOD))
        connection.execute("DELETE FROM signup WHERE at <= ?", (old,))
        if _count(connection, "client = ?", client, now - CLIENT_PERIOD) >= CLIENT_LIMIT:
            return _TOO_MANY
        address = new.address.lower()
        is_rested = _count(connection, "address = ?", address, now - ADDRESS_REST) == 0
        is_asked = is_rested and not _is_subscribed(connection, new)
        row = (client, address if is_asked else "", format_instant(now))
        connection.execute("INSERT INTO signup VALUES(?, ?, ?)", row)
        if is_asked:
            subscription = subscriptions.put(new, parse_time(new.at), now, "pending")
            token = self.tokens.make("confirm", subscription.id, now + CONFIRM_WITHIN)
            Outbox(connection).add(subscription, compose_confirmation(subscription, self.sender, token, now))
        return _ASKED


def _checked(parse: Callable[[str], object], text: str) -> str:
    parse(text)
    return text


def _reason(error: InvalidValueError) -> str:
    text = str(error)
    return (
        text
        if re.fullmatch(r"[A-Za-z0-9 ,.;:@]+", text)
        else "The time must be like 07:00, the zone like Europe/Berlin."
    )


def _not_allowed() -> _Answer:
    return _Answer(HTTPStatus.METHOD_NOT_ALLOWED, "This page does not take that request")


def _form(environ: WSGIEnvironment) -> dict[str, str]:
    """The first value of each field of a form. Raises InvalidValueError."""
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not length.isascii() or not length.isdecimal() or int(length[:9]) > MAX_BODY:
        raise InvalidValueError("the form is too long")
    content = environ["wsgi.input"].read(int(length)).decode("utf-8", "replace")
    try:
        fields = parse_qs(content, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidValueError("the form has too many fields") from error
    return {name: values[0].strip() for name, values in fields.items()}


def _client(environ: WSGIEnvironment) -> str:
    """A digest of the client's address: behind a proxy on this machine, the one that the proxy saw."""
    remote = str(environ.get("REMOTE_ADDR", ""))
    if _is_loopback(remote):
        remote = str(environ.get("HTTP_X_FORWARDED_FOR", remote)).rpartition(",")[2].strip()
    return hashlib.sha256(remote.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _count(connection: Connection, where: str, value: str, since: datetime) -> int:
    select = f"SELECT count(*) FROM signup WHERE {where} AND at > ?"
    return int(connection.execute(select, (value, format_instant(since))).fetchone()[0])


def _is_subscribed(connection: Connection, new: NewSubscription) -> bool:
    select = (
        "SELECT count(*) FROM subscription WHERE lower(address) = lower(?) AND source = ? AND query IS ?"
        " AND search IS ? AND state = 'active'"
    )
    values = (new.address, new.series.source, new.series.query, new.search)
    return bool(connection.execute(select, values).fetchone()[0])
