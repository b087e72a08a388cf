"""The public pages: two steps to subscribe, one click to unsubscribe, and GET changes nothing."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
import pytest

from dailypapers.digest.database import NAME, opened
from dailypapers.digest.render import Sender
from dailypapers.digest.serve import serving
from dailypapers.digest.signup import CLIENT_LIMIT, MAX_BODY, SignupPages
from dailypapers.digest.tokens import Tokens, load_secret
from dailypapers.snapshots.store.layout import Series
from tests.digest.conftest import SUBSCRIBED, Mailing, at, listed

ONE_CLICK = b"List-Unsubscribe=One-Click"


@dataclass
class Web:
    """The pages, asked as a server asks a WSGI application."""

    mailing: Mailing
    now: datetime = SUBSCRIBED
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def state(self) -> Any:
        return self.mailing.folder / "state"

    @property
    def pages(self) -> SignupPages:
        tokens = Tokens(load_secret(self.state / "mail.secret"))
        sender = Sender("papers@lists.example", "", "https://papers.example/mail")
        series = (Series("hf-daily"), Series("hf-trending"))
        return SignupPages(partial(opened, self.state), sender, tokens, series, lambda: self.now)

    def __call__(self, method: str, path: str, body: bytes = b"", **environ: str) -> tuple[int, str]:
        """The status and the page."""
        self.state.mkdir(exist_ok=True)
        started: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            started.append(status)
            self.headers = headers

        known = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1"}
        known["CONTENT_LENGTH"] = str(len(body))
        content = b"".join(self.pages({**known, "wsgi.input": io.BytesIO(body), **environ}, start))
        return int(started[0][:3]), content.decode()

    def subscribe(self, address: str, client: str = "192.0.2.1", **fields: str) -> tuple[int, str]:
        body = urlencode({"address": address, **fields}).encode()
        return self("POST", "/subscribe", body, HTTP_X_FORWARDED_FOR=f"10.0.0.1, {client}")

    def database(self) -> bytes:
        return bytes((self.state / NAME).read_bytes())

    def subscriptions(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = orjson.loads(self.mailing("list", "--json").out)
        return rows


@pytest.fixture
def web(mailing: Mailing) -> Web:
    return Web(mailing)


def confirm_path(web: Web) -> str:
    """The path of the link in the newest mail that asks for confirmation."""
    text = str(web.mailing.sink.received[-1].message.get_content())
    (link,) = re.findall(r"https://papers\.example/mail(/confirm/\S+)", text)
    return str(link)


def unsubscribe_path(web: Web) -> str:
    """The path of the link in the header of the newest mail, as a stock parser reads it."""
    header = str(web.mailing.sink.received[-1].message["List-Unsubscribe"])
    return urlsplit(header.strip("<>")).path.removeprefix("/mail")


def test_an_address_is_subscribed_once_it_is_confirmed(web: Web) -> None:
    assert web.subscribe("ann@example.org", series="hf-trending", at="08:15", zone="Europe/Berlin")[0] == 200
    (row,) = web.subscriptions()
    assert (row["state"], row["series"], row["at"], row["zone"]) == ("pending", "hf-trending", "08:15", "Europe/Berlin")
    web.mailing("send", now=web.now)
    message = web.mailing.sink.received[-1].message
    assert (message["To"], message["Subject"]) == ("ann@example.org", "Confirm your subscription to new papers")
    assert "List-Unsubscribe" not in message
    path = confirm_path(web)
    assert web("GET", path)[0] == 200
    assert web.subscriptions()[0]["state"] == "pending"
    assert "You are subscribed" in web("POST", path)[1]
    assert web.subscriptions()[0]["state"] == "active"


def test_a_link_to_confirm_is_valid_for_two_days_and_what_nobody_confirms_is_forgotten(web: Web) -> None:
    web.subscribe("ann@example.org")
    web.mailing("send", now=web.now)
    web.now += timedelta(hours=48)
    assert web("POST", confirm_path(web))[0] == 404
    web.mailing("send", now=web.now + timedelta(hours=2))
    assert web.subscriptions() == []


def test_one_click_ends_a_subscription_and_deletes_the_address(web: Web) -> None:
    web.mailing.list_papers(listed(1, at(10, 5)))
    web.mailing.subscribe()
    web.mailing("send", now=at(10, 7))
    path = unsubscribe_path(web)
    assert b"ann@example.org" in web.database()
    assert web("POST", path, ONE_CLICK)[0] == 200
    assert web.subscriptions() == []
    assert b"ann@example.org" not in web.database()
    # Whoever repeats it gets the same answer.
    assert web("POST", path, ONE_CLICK) == web("POST", path)


def test_a_thousand_gets_change_nothing(web: Web) -> None:
    web.mailing.list_papers(listed(1, at(10, 5)))
    web.mailing.subscribe()
    web.mailing("send", now=at(10, 7))
    web.subscribe("bob@example.org")
    web.mailing("send", now=at(10, 7, 5))
    before = web.database()
    paths = [unsubscribe_path_of(web, 0), confirm_path(web), "/subscribe", "/"]
    for number in range(1000):
        method = ("GET", "HEAD")[number % 2]
        status, page = web(method, paths[number % 4])
        assert status in {200, 404, 405}
        assert "example.org" not in page
    assert web.database() == before


def unsubscribe_path_of(web: Web, number: int) -> str:
    header = str(web.mailing.sink.received[number].message["List-Unsubscribe"])
    return urlsplit(header.strip("<>")).path.removeprefix("/mail")


def test_forged_cut_and_foreign_tokens_change_nothing(web: Web) -> None:
    web.mailing.list_papers(listed(1, at(10, 5)))
    web.mailing.subscribe()
    web.mailing("send", now=at(10, 7))
    web.subscribe("bob@example.org")
    web.mailing("send", now=at(10, 7, 5))
    unsubscribe, confirm = unsubscribe_path_of(web, 0), confirm_path(web)
    token = unsubscribe.rpartition("/")[2]
    kind, identifier, expiry, signature = token.split(".")
    foreign = Tokens(b"another secret").make("unsubscribe", identifier)
    before = web.database()
    forged = [
        *(unsubscribe[:-length] for length in range(1, 44)),
        *(f"{unsubscribe[:-place]}A{unsubscribe[-place:][1:]}" for place in range(2, 43, 5)),
        f"/unsubscribe/{kind}.{identifier[:-1]}0.{expiry}.{signature}",
        f"/unsubscribe/{kind}.{identifier}.9.{signature}",
        f"/unsubscribe/c.{identifier}.{expiry}.{signature}",
        f"/unsubscribe/{foreign}",
        confirm.replace("confirm", "unsubscribe"),
        unsubscribe.replace("unsubscribe", "confirm"),
        *("/unsubscribe/", "/unsubscribe/x", f"/unsubscribe/../{token}", f"/unsubscribe/{'9' * 5000}"),
        unsubscribe + "/",
    ]
    for path in forged:
        if path != unsubscribe:
            assert web("POST", path, ONE_CLICK)[0] == 404
    assert web.database() == before


def test_the_answer_is_the_same_whoever_asks(web: Web) -> None:
    web.mailing.subscribe("ann@example.org")
    assert web.subscribe("ann@example.org") == web.subscribe("new@example.org") == web.subscribe("new@example.org")
    web.mailing("send", now=web.now)
    assert web.mailing.sink.recipients() == ["new@example.org"]


def test_one_confirmation_a_day_an_address(web: Web) -> None:
    for _ in range(3):
        web.subscribe("ann@example.org")
    web.now += timedelta(hours=23)
    web.subscribe("ANN@example.org", series="hf-trending")
    web.mailing("send", now=web.now)
    assert web.mailing.sink.recipients() == ["ann@example.org"]
    web.now += timedelta(hours=2)
    web.subscribe("ann@example.org")
    web.mailing("send", now=web.now)
    assert len(web.mailing.sink.received) == 2


def test_a_client_has_a_limit(web: Web) -> None:
    statuses = [web.subscribe(f"a{number}@example.org")[0] for number in range(CLIENT_LIMIT + 2)]
    assert statuses == [200] * CLIENT_LIMIT + [429, 429]
    assert web.subscribe("b@example.org", client="192.0.2.2")[0] == 200
    web.now += timedelta(hours=1, seconds=1)
    assert web.subscribe("c@example.org")[0] == 200


@pytest.mark.parametrize("remote", ["198.51.100.7", "2001:db8::7", "", "not an address"])
def test_only_a_proxy_on_this_machine_says_who_a_client_is(web: Web, remote: str) -> None:
    def status(number: int) -> int:
        body = urlencode({"address": f"a{number}@example.org"}).encode()
        forwarded = f"192.0.2.{number}"
        return web("POST", "/subscribe", body, REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)[0]

    assert [status(number) for number in range(CLIENT_LIMIT + 1)] == [200] * CLIENT_LIMIT + [429]


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1"])
def test_behind_a_proxy_on_this_machine_clients_are_those_that_it_names(web: Web, remote: str) -> None:
    for number in range(CLIENT_LIMIT + 1):
        body = urlencode({"address": f"a{number}@example.org"}).encode()
        forwarded = f"203.0.113.1, 192.0.2.{number}"
        assert web("POST", "/subscribe", body, REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)[0] == 200


def test_a_link_of_a_subscription_that_ended_meanwhile_confirms_nothing(web: Web) -> None:
    web.subscribe("ann@example.org")
    web.mailing("send", now=web.now)
    path = confirm_path(web)
    assert web.mailing("forget", "ann@example.org").status == 0
    status, page = web("POST", path)
    assert (status, "This link is not valid" in page) == (404, True)
    assert web.subscriptions() == []


def test_a_head_request_has_the_headers_of_the_page_without_its_content(web: Web) -> None:
    web.subscribe("ann@example.org")
    web.mailing("send", now=web.now)
    path = confirm_path(web)
    _, page = web("GET", path)
    assert '<form method="post">' in page
    assert "New papers will be sent to your address." in page
    length = dict(web.headers)["Content-Length"]
    assert web("HEAD", path) == (200, "")
    assert dict(web.headers)["Content-Length"] == length == str(len(page.encode()))


def test_a_wrong_time_or_zone_is_explained_without_what_was_sent(web: Web) -> None:
    for field_name in ("at", "zone"):
        status, page = web.subscribe("ann@example.org", **{field_name: "{x}"})
        assert (status, "The time must be like 07:00, the zone like Europe/Berlin." in page) == (400, True)
    status, page = web.subscribe("ann@example.org", series="hf-search")
    assert (status, "<p>this list cannot be subscribed</p>" in page) == (400, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "ann"},
        {"address": "ann@example.org\r\nBcc: x@y.z"},
        {"address": "ann@example.org", "series": "hf-search"},
        {"address": "ann@example.org", "at": "<script>"},
        {"address": "ann@example.org", "zone": "../../etc/passwd"},
        {},
    ],
)
def test_what_cannot_be_subscribed(web: Web, fields: dict[str, str]) -> None:
    status, page = web("POST", "/subscribe", urlencode(fields).encode())
    assert status == 400
    assert "<script>" not in page
    assert "passwd" not in page
    assert web.subscriptions() == []


def test_a_body_has_a_limit(web: Web) -> None:
    assert web("POST", "/subscribe", b"address=ann@example.org&x=" + b"x" * MAX_BODY)[0] == 400
    assert web("POST", "/subscribe", b"&".join([b"address=ann@example.org"] * 11))[0] == 400
    assert web("POST", "/subscribe", b"x", CONTENT_LENGTH="-1")[0] == 400
    assert web("POST", "/subscribe", b"x", CONTENT_LENGTH="9" * 5000)[0] == 400


def test_other_requests(web: Web) -> None:
    assert web("GET", "/")[0] == 404
    assert web("GET", "/subscribe")[0] == 405
    assert web("PUT", "/unsubscribe/x")[0] == 405
    assert dict(web.headers)["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in dict(web.headers)["Content-Security-Policy"]


@pytest.fixture
def served(web: Web) -> Iterator[str]:
    """The pages over HTTP."""
    web.state.mkdir(exist_ok=True)
    with serving(web.pages, 0) as (port, _):
        yield f"http://127.0.0.1:{port}"


def test_the_pages_over_http(web: Web, served: str, capsys: pytest.CaptureFixture[str]) -> None:
    web.mailing.list_papers(listed(1, at(10, 5)))
    web.mailing.subscribe()
    web.mailing("send", now=at(10, 7))
    url = served + unsubscribe_path(web)
    answer = httpx.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "python" not in answer.headers["server"].lower()
    capsys.readouterr()
    assert httpx.post(url, content=ONE_CLICK).status_code == 200
    assert web.subscriptions() == []
    assert capsys.readouterr().err == ""


def test_the_command_serves_until_it_is_stopped(web: Web) -> None:
    store = ["--store", str(web.mailing.product.store.root)]
    words = [*store, "mail", "--file", str(web.mailing.folder / "mail.yaml"), "serve", "--port", "0"]
    command = [sys.executable, "-m", "dailypapers", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = server.stderr.readline().strip().removeprefix("serving on ")
        assert httpx.post(f"{address}/subscribe", data={"address": "ann@example.org"}, timeout=120).status_code == 200
        server.send_signal(signal.SIGTERM)
        try:
            assert server.wait(300) == 128 + signal.SIGTERM
        finally:
            server.kill()
        assert "stopped" in server.stderr.read()
    assert [row["state"] for row in web.subscriptions()] == ["pending"]
