"""Each public page in full: its status, its words and its headers."""

from __future__ import annotations

import io
import quopri
import sqlite3
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from dailypapers.digest.database import opened
from dailypapers.digest.outbox import Outbox
from dailypapers.digest.signup import SignupPages
from dailypapers.digest.subscriptions import NewSubscription, Subscriptions
from dailypapers.snapshots.store.layout import Series
from tests.digest.test_whole_mail import CUT, SENDER, TOKENS

SERIES = (Series("hf-daily"), Series("hf-trending"))
ANN = "ann@example.org"
BEGIN = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
)
INVALID = "<p>It was cut, or it is older than 48 hours. Subscribe again.</p>"
ASKED = "<p>If this address can be subscribed, it gets a mail with a link to confirm. Nothing is sent before.</p>"
EXPLAINED = "<p>The time must be like 07:00, the zone like Europe/Berlin.</p>"
NO_ADDRESS = "<p>this is not a mail address in ASCII; write it as NAME@DOMAIN</p>"
CANNOT = ("400 Bad Request", "This cannot be subscribed")
NOT_VALID = ("404 Not Found", "This link is not valid", INVALID)
NO_PAGE = ("404 Not Found", "There is no such page", "")
NOT_ALLOWED = ("405 Method Not Allowed", "This page does not take that request", "")


class Pages:
    """The application on a database of its own; `headers` are those of the last answer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, CUT
        self.headers: dict[str, str] = {}
        self.application = SignupPages(partial(opened, folder), SENDER, TOKENS, SERIES, lambda: self.now)

    def __call__(self, method: str, path: str, body: bytes = b"", **environ: str) -> tuple[str, str, str]:
        """The status, the title and the rest of the page."""
        started: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            started.append(status)
            self.headers = dict(headers)

        request = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "192.0.2.1"}
        request["CONTENT_LENGTH"] = str(len(body))
        page = b"".join(self.application({**request, "wsgi.input": io.BytesIO(body), **environ}, start)).decode()
        assert self.headers["Content-Length"] == str(len(page.encode()))
        title, _, rest = page.removeprefix(f"{BEGIN}<title>").partition("</title>")
        assert page == f"{BEGIN}<title>{title}</title>{rest}"
        assert rest.startswith(f"<h1>{title}</h1>")
        return started[0], title, rest.removeprefix(f"<h1>{title}</h1>")

    def subscribe(self, **fields: str) -> tuple[str, str, str]:
        return self("POST", "/subscribe", urlencode({"address": ANN, **fields}).encode())

    def made(self, state: str = "pending") -> str:
        """The id of a subscription that is made without the pages."""
        with opened(self.folder) as connection:
            new = NewSubscription(ANN, SERIES[0])
            return Subscriptions(connection).add(new, self.now, state).id  # type: ignore[arg-type]

    def states(self) -> list[str]:
        with opened(self.folder) as connection:
            return [each.state for each in Subscriptions(connection).all()]


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


def test_the_pages_to_confirm(pages: Pages) -> None:
    path = f"/confirm/{TOKENS.make('confirm', pages.made(), CUT + timedelta(hours=1))}"
    form = "<p>New papers will be sent to your address.</p><p><button>Subscribe</button></p>"
    assert pages("GET", path) == ("200 OK", "Confirm your subscription", f'<form method="post">{form}</form>')
    assert pages.states() == ["pending"]
    answer = ("200 OK", "You are subscribed", "<p>Every mail has a link to unsubscribe.</p>")
    assert pages("POST", path) == answer
    assert pages.states() == ["active"]
    pages.now += timedelta(hours=1)
    for method in ("GET", "POST"):
        assert pages(method, path) == NOT_VALID


def test_the_pages_to_unsubscribe(pages: Pages) -> None:
    path = f"/unsubscribe/{TOKENS.make('unsubscribe', pages.made('active'))}"
    form = "<p>No more mails will be sent, and your address is deleted.</p><p><button>Unsubscribe</button></p>"
    assert pages("GET", path) == ("200 OK", "Unsubscribe", f'<form method="post">{form}</form>')
    assert pages.states() == ["active"]
    assert pages("POST", path) == ("200 OK", "You are unsubscribed", "<p>Your address was deleted.</p>")
    assert pages.states() == []
    assert pages("POST", f"{path}x") == NOT_VALID


@pytest.mark.parametrize(
    ("method", "path", "page"),
    [
        ("GET", "/", NO_PAGE),
        ("POST", "", NO_PAGE),
        ("GET", "/confirm/", NO_PAGE),
        ("GET", f"/unsubscribe/{'x' * 201}", NO_PAGE),
        ("GET", f"/unsubscribe/{'x' * 200}", NOT_VALID),
        ("GET", "/confirm/a/b", NO_PAGE),
        ("GET", "/subscribe", NOT_ALLOWED),
        ("DELETE", "/confirm/x", NOT_ALLOWED),
    ],
)
def test_other_pages(pages: Pages, method: str, path: str, page: tuple[str, str, str]) -> None:
    assert pages(method, path) == page


def test_the_headers_of_every_page(pages: Pages) -> None:
    pages("GET", "/")
    del pages.headers["Content-Length"]
    assert pages.headers == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": ("default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Server": "dailypapers",
    }


def test_a_form_makes_a_pending_subscription_and_one_mail(pages: Pages) -> None:
    assert pages.subscribe(at=" 08:15 ", zone="Asia/Tokyo", series="hf-trending") == (
        "200 OK",
        "Look into your mail",
        ASKED,
    )
    with opened(pages.folder) as connection:
        (made,) = Subscriptions(connection).all()
        (mail,) = Outbox(connection).unsent()
        message = quopri.decodestring(Outbox(connection).message(mail)).decode()
    assert (f"{made.at:%H:%M}", made.zone, made.series, made.state) == ("08:15", "Asia/Tokyo", SERIES[1], "pending")
    assert (made.search, made.always, made.created, mail.kind, mail.cut) == (None, False, CUT, "confirmation", CUT)
    assert f"/confirm/{TOKENS.make('confirm', made.id, CUT + timedelta(hours=48))}\r\n" in message


def test_what_a_form_leaves_out_is_seven_oclock_utc_of_the_first_list(pages: Pages) -> None:
    pages.subscribe()
    with opened(pages.folder) as connection:
        (made,) = Subscriptions(connection).all()
    assert (f"{made.at:%H:%M}", made.zone, made.series) == ("07:00", "UTC", SERIES[0])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"at": "7"}, EXPLAINED),
        ({"zone": "Berlin"}, EXPLAINED),
        ({"series": "hf-weekly"}, "<p>this list cannot be subscribed</p>"),
        ({"address": "<b>"}, NO_ADDRESS),
        ({"address": ""}, NO_ADDRESS),
    ],
)
def test_a_wrong_form_is_explained(pages: Pages, fields: dict[str, str], reason: str) -> None:
    assert pages.subscribe(**fields) == (*CANNOT, reason)
    assert list(pages.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "environ", "page"),
    [
        (b"address=ann@example.org&" + b"x" * (4096 - 24), {}, ("200 OK", "Look into your mail", ASKED)),
        (b"address=ann@example.org&" + b"x" * (4097 - 24), {}, (*CANNOT, "<p>the form is too long</p>")),
        (b"&".join([b"address=ann@example.org"] * 10), {}, ("200 OK", "Look into your mail", ASKED)),
        (b"&".join([b"address=ann@example.org"] * 11), {}, (*CANNOT, "<p>the form has too many fields</p>")),
        (b"address=ann@example.org", {"CONTENT_LENGTH": "\u0664"}, (*CANNOT, "<p>the form is too long</p>")),
        (b"address=ann@example.org", {"CONTENT_LENGTH": ""}, (*CANNOT, NO_ADDRESS)),
        (b"address=\xff@example.org", {}, (*CANNOT, NO_ADDRESS)),
    ],
    ids=map(str, count()),
)
def test_a_form_has_a_limit(pages: Pages, body: bytes, environ: dict[str, str], page: tuple[str, str, str]) -> None:
    assert pages("POST", "/subscribe", body, **environ) == page


def test_one_address_is_asked_once_in_twenty_four_hours(pages: Pages) -> None:
    def mails() -> int:
        with opened(pages.folder) as connection:
            return len(Outbox(connection).unsent())

    pages.subscribe()
    pages.now += timedelta(hours=24, seconds=-1)
    pages.subscribe(address=ANN.upper())
    assert mails() == 1
    pages.now += timedelta(seconds=1)
    pages.subscribe()
    assert mails() == 2


def test_who_is_subscribed_is_not_asked_again(pages: Pages) -> None:
    pages.made("active")
    assert pages.subscribe(address=ANN.upper()) == ("200 OK", "Look into your mail", ASKED)
    assert pages.states() == ["active"]
    pages.subscribe(series="hf-trending")
    assert pages.states() == ["active", "pending"]


def test_a_client_that_asks_too_often_waits_an_hour_after_its_first_request(pages: Pages) -> None:
    too_many = ("429 Too Many Requests", "Too many requests", "<p>Try again in an hour.</p>")
    answers = [pages.subscribe(address=f"a{number}@example.org") for number in range(21)]
    assert (answers[19][0], answers[20]) == ("200 OK", too_many)
    pages.now += timedelta(hours=1, seconds=-1)
    assert pages.subscribe() == too_many
    pages.now += timedelta(seconds=1)
    assert pages.subscribe()[0] == "200 OK"


def test_no_address_of_a_client_is_written_and_old_requests_are_forgotten(pages: Pages) -> None:
    def rows() -> list[sqlite3.Row]:
        with opened(pages.folder) as connection:
            return connection.execute("SELECT client, address FROM signup ORDER BY at").fetchall()

    pages.subscribe()
    pages.subscribe()
    (asked, not_asked) = rows()
    assert (asked["address"], not_asked["address"]) == (ANN, "")
    assert (len(asked["client"]), asked["client"]) == (16, not_asked["client"])
    assert "192" not in asked["client"]
    pages.now += timedelta(hours=24)
    pages.subscribe(address="bob@example.org")
    assert [row["address"] for row in rows()] == ["bob@example.org"]


def test_an_address_that_is_forgotten_leaves_no_request_to_subscribe(pages: Pages) -> None:
    pages.subscribe()
    pages.subscribe(address="bob@example.org")
    with opened(pages.folder) as connection:
        assert Subscriptions(connection).forget(ANN.upper()) == 1
        left = connection.execute("SELECT address FROM signup").fetchall()
    assert [row["address"] for row in left] == ["bob@example.org"]
    with opened(pages.folder) as connection:
        assert [each.address for each in Subscriptions(connection).all()] == ["bob@example.org"]
