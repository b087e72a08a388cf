"""Each fault of the wire does on the wire what it says."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest

from tests.papersite import PaperSite, Switch
from tests.papersite import faults_wire as wire
from tests.papersite.raw_socket import Received, ask, dial, read, receive, soon
from tests.papersite.reading import MONDAY, TLS, get

API, PAGE = f"/api/daily_papers?date={MONDAY}", f"/papers/date/{MONDAY}"


@contextlib.contextmanager
def faulty(*switches: Switch, chunked: bool = False) -> Iterator[PaperSite]:
    """A site with these switches, which leaves no thread behind."""
    before = set(threading.enumerate())
    with PaperSite(switches=switches, chunked=chunked) as site:
        yield site
    assert soon(lambda: only(before))


def only(threads: set[threading.Thread]) -> bool:
    return not set(threading.enumerate()) - threads


def through(switch: Switch, target: str = API) -> Received:
    with faulty(switch) as site:
        return receive(site, target)


@pytest.fixture(scope="module")
def right() -> Received:
    with PaperSite() as site:
        return receive(site, API)


def test_reset_before_the_answer_and_in_its_headers(right: Received) -> None:
    assert through(wire.reset("/")) == Received(b"", reset=True)
    cut = through(wire.reset("/", "headers"))
    assert cut.reset
    assert cut.whole.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in cut.whole
    assert right.whole.startswith(cut.whole)


def test_reset_in_and_after_the_body(right: Received) -> None:
    cut = through(wire.reset("/", "body"))
    assert cut.reset
    assert 0 < len(cut.body) < len(right.body)
    assert cut.head == right.head.replace(b"\r\nConnection: close", b"")
    late = through(wire.reset("/", "after"))
    assert (late.reset, late.body) == (True, right.body)


def test_a_large_body_arrives_whole_before_the_reset_after_it() -> None:
    with faulty(wire.reset("/", "after")) as site:
        late = receive(site, PAGE)
        site.switches.clear()
        assert (late.reset, late.body) == (True, receive(site, PAGE).body)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_truncated_body_was_promised_whole(right: Received, chunked: bool) -> None:
    with faulty(wire.truncated("/", 0.25), chunked=chunked) as site:
        cut = receive(site, API)
        assert not cut.reset
        assert cut.all("Content-Length") == [str(len(right.body))]
        assert cut.body == right.body[: len(right.body) // 4]
        with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
            get(site, API)


def test_chunks_broken_off_without_end_and_bad() -> None:
    cut = through(wire.cut_chunks("/"))
    assert cut.all("Transfer-Encoding") == ["chunked"]
    assert cut.body.startswith(b"4000\r\n[{")
    assert not cut.body.endswith(b"0\r\n\r\n")
    endless = through(wire.cut_chunks("/", 1))
    assert endless.body.endswith(b"}]\r\n")
    for switch in (wire.cut_chunks("/"), wire.cut_chunks("/", 1), wire.bad_chunk("/")):
        with faulty(switch) as site, pytest.raises(httpx.RemoteProtocolError):
            get(site, API)
    assert through(wire.bad_chunk("/")).body.startswith(b"size\r\n[{")


def test_drips_stop_after_their_length() -> None:
    began = time.monotonic()
    body = through(wire.drip_body("/", 0.01, 8))
    assert time.monotonic() - began > 0.07
    assert body.all("Content-Length") == ["1000000000"]
    assert len(body.body) == 8
    headers = through(wire.drip_headers("/", 0.01, 8))
    assert headers.whole == b"HTTP/1.1 200 OK\r\nX-Drip: ~~~~~~~~"


def test_a_body_that_drips_on_when_it_is_over() -> None:
    tiny = through(wire.drip_body("/", 0.001, 40), "/robots.txt")
    assert tiny.body == b"User-agent: *\nAllow: /\n" + b" " * 17


@pytest.mark.parametrize(
    "switch", [wire.drip_body("/", 0.01), wire.drip_headers("/", 0.01), wire.drip_body("/", 60), wire.silent("/")]
)
def test_what_is_endless_ends_with_the_site(switch: Switch) -> None:
    with PaperSite(switches=[switch]) as site, dial(site) as line:
        ask(line, API)
        assert soon(lambda: site.log)
        time.sleep(0.05)
        began = time.monotonic()
        site.__exit__()
        assert time.monotonic() - began < 20
        read(line)


def test_what_is_endless_ends_with_its_client() -> None:
    with faulty(wire.silent("/"), wire.drip_body("/api/", 30)) as site:
        before = set(threading.enumerate())
        with dial(site) as silenced, dial(site) as dripping:
            ask(silenced, PAGE)
            ask(dripping, API)
            assert soon(lambda: len(site.log) == 2)
        assert soon(lambda: only(before))


def test_silence_is_bounded_and_what_a_client_says_meanwhile_is_unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that stands still until the site has read what the client said meanwhile."""
    now = 0.0
    looks: list[float] = []

    def monotonic() -> float:
        looks.append(now)
        return now

    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=monotonic))
    with faulty(wire.silent("/", 0.1)) as site, dial(site) as line:
        ask(line, API)
        assert soon(lambda: site.log)
        ask(line, API)
        before = len(looks)
        assert soon(lambda: len(looks) > before + 1)
        now = 0.1
        assert read(line) == Received(b"", reset=False)
        assert len(site.log) == 1


def test_slow_is_late_but_right(right: Received) -> None:
    began = time.monotonic()
    assert through(wire.slow("/", 0.2)).body == right.body
    assert time.monotonic() - began > 0.15


def test_what_is_not_http() -> None:
    with faulty(wire.garbage("/")) as site, pytest.raises(httpx.RemoteProtocolError):
        get(site, API)


@pytest.mark.parametrize("chunked", [False, True])
def test_http_1_0_has_no_length(right: Received, chunked: bool) -> None:
    with faulty(wire.http_1_0("/"), chunked=chunked) as site:
        plain = receive(site, API)
        assert plain.head.startswith(b"HTTP/1.0 200 OK\r\n")
        assert plain.all("Content-Length") == plain.all("Transfer-Encoding") == []
        assert plain.body == right.body
        assert get(site, API).content == right.body


def test_a_site_that_refuses_is_back_on_its_port() -> None:
    with faulty() as site, httpx.Client(verify=TLS, trust_env=False) as client:
        url = site.url
        assert client.get(f"{url}/robots.txt").status_code == 200
        for _ in range(3):
            with site.refusing(), site.refusing():
                for _ in range(2):
                    with pytest.raises(httpx.TransportError):  # the kept connection first
                        client.get(f"{url}/robots.txt")
                with pytest.raises(ConnectionRefusedError):
                    dial(site)
            assert client.get(f"{url}/robots.txt").status_code == 200
        assert site.url == url


def test_only_a_site_that_is_up_can_refuse() -> None:
    with pytest.raises(RuntimeError, match="up"), PaperSite().refusing():
        pass


class Later:
    """A timer that the test lets run out."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.seconds, self.act = seconds, act

    def start(self) -> None:
        TIMERS.append(self)

    def cancel(self) -> None:
        pass

    def join(self) -> None:
        pass


TIMERS: list[Later] = []


def test_a_request_that_takes_the_site_down_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.papersite.server.Timer", Later)
    with faulty(wire.refused("/api/", 0.5)) as site:
        with dial(site) as kept:
            assert receive(site, API) == Received(b"", reset=True)
            assert kept.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            dial(site)
        timer = TIMERS.pop()
        assert timer.seconds == 0.5
        timer.act()
        assert receive(site, "/robots.txt").status == 200


def test_a_site_may_end_while_it_refuses() -> None:
    with faulty(wire.refused("/", 60)) as site:
        assert receive(site, API).reset
        began = time.monotonic()
    assert time.monotonic() - began < 20
    with faulty() as site, site.refusing():
        site.__exit__()


def test_requests_that_take_the_site_down_together() -> None:
    with faulty(wire.refused("/", 0.1)) as site:
        targets = [f"{API}&p={number}" for number in range(8)]
        threads = [threading.Thread(target=fall_upon, args=(site, target)) for target in targets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        site.switches.clear()
        assert soon(lambda: receive(site, "/robots.txt").status == 200)
        assert 1 <= len(site.log) <= 9


def fall_upon(site: PaperSite, target: str) -> None:
    """One of many requests of which the first that is heard ends the others."""
    with contextlib.suppress(ConnectionError):
        assert receive(site, target).whole == b""


def test_a_fault_does_not_outlive_its_request() -> None:
    with faulty(wire.reset("/api/", "body")) as site:
        assert receive(site, API).reset
        with dial(site) as line:
            ask(line, "/robots.txt")
            line.settimeout(0.3)
            with pytest.raises(socket.timeout):  # kept open, as always
                read(line)
