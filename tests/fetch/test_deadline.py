"""The deadline of a page: waits for the rate limit do not count, and the watchdog ends with its request."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from dailypapers.ingest.fetch.client import DEADLINE
from dailypapers.ingest.fetch.deadline import Watchdog
from tests.papersite import PaperSite
from tests.product import DAY, Product

BUDGET = "hf-api=1/100,hf-pages=1/100"


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The client's clock: seconds that were waited for the rate limit."""
    waits: list[float] = []
    monkeypatch.setattr("dailypapers.ingest.fetch.client.time", SimpleNamespace(monotonic=lambda: sum(waits)))
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.sleep", waits.append)
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: 1_000_000.0 + sum(waits))
    return waits


def test_a_wait_for_the_budget_extends_the_deadline(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch, seconds: list[float]
) -> None:
    monkeypatch.setenv("DAILYPAPERS_BUDGET", BUDGET)
    assert product("run", "--day", f"{DAY}").status == 0
    assert max(seconds) > DEADLINE
    assert product.certificate()["fetches"][0]["whole"] is True
    (site_counts,) = product.runs()[0]["sites"]
    assert site_counts["waited_seconds"] == round(sum(seconds), 3)


class Socket:
    """Notes that it was shut down."""

    def __init__(self) -> None:
        self.cut = threading.Event()

    def shutdown(self, how: int, /) -> None:
        self.cut.set()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> tuple[Watchdog, Socket]:
    """A watchdog that checks a hundred times a second, and the socket that it watches."""
    monkeypatch.setattr("dailypapers.ingest.fetch.deadline.CHECK_INTERVAL", 0.01)
    watchdog, connection = Watchdog(), Socket()
    stream = SimpleNamespace(get_extra_info=lambda _: connection)
    watchdog.trace("connection.connect_tcp.complete", {"return_value": stream})
    return watchdog, connection


def test_a_request_that_takes_too_long_is_cut(watched: tuple[Watchdog, Socket]) -> None:
    watchdog, connection = watched
    with watchdog.watching(0.02):
        assert connection.cut.wait(120)
    cuts = [watchdog.has_cut]
    with watchdog.watching(60):
        cuts.append(watchdog.has_cut)
    watchdog.close()
    assert cuts == [True, False]


def test_a_request_that_is_done_is_not_cut_later(
    watched: tuple[Watchdog, Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is kept alive: the next request uses it."""
    watchdog, connection = watched
    clock = [0.0]
    monkeypatch.setattr("dailypapers.ingest.fetch.deadline.time", SimpleNamespace(monotonic=lambda: clock[0]))
    with watchdog.watching(60):
        pass
    clock[0] = 61
    time.sleep(0.1)
    watchdog.close()
    assert not connection.cut.is_set()
    assert not watchdog.has_cut


@pytest.mark.parametrize(
    ("events", "cut"),
    [
        (["connection.connect_tcp.complete"], 0),
        (["connection.connect_tcp.complete", "connection.start_tls.complete"], 1),
        (["http_proxy.connect_tcp.complete", "http_proxy.start_tls.complete"], 1),
        (["connection.connect_tcp.complete", "connection.start_tls.started", "http11.send_body.complete"], 0),
        ([], None),
    ],
)
def test_the_newest_socket_of_the_connection_is_cut(
    monkeypatch: pytest.MonkeyPatch, events: list[str], cut: int | None
) -> None:
    """TLS wraps the socket of a connection in another one."""
    monkeypatch.setattr("dailypapers.ingest.fetch.deadline.CHECK_INTERVAL", 0.01)
    watchdog, sockets = Watchdog(), [Socket() for _ in events]
    for event, each in zip(events, sockets, strict=True):
        streams = {"return_value": SimpleNamespace(get_extra_info={"socket": each}.get)}
        watchdog.trace(event, streams)
    with watchdog.watching(0):
        for _ in range(12_000):
            if watchdog.has_cut:
                break
            time.sleep(0.01)
    watchdog.close()
    assert watchdog.has_cut
    assert [number for number, each in enumerate(sockets) if each.cut.is_set()] == ([] if cut is None else [cut])


def test_a_socket_that_is_closed_already_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.ingest.fetch.deadline.CHECK_INTERVAL", 0.01)
    watchdog, tries = Watchdog(), threading.Semaphore(0)

    def shutdown(how: int) -> None:
        tries.release()
        raise OSError(107, "not connected")

    stream = SimpleNamespace(get_extra_info=lambda _: SimpleNamespace(shutdown=shutdown))
    watchdog.trace("connection.connect_tcp.complete", {"return_value": stream})
    for _ in range(2):
        with watchdog.watching(0):
            assert tries.acquire(timeout=120)
    watchdog.close()


def test_one_thread_that_ends_with_the_process_watches_all_requests() -> None:
    watchdog = Watchdog()
    before = set(threading.enumerate())
    for _ in range(2):
        with watchdog.watching(60):
            (thread,) = set(threading.enumerate()) - before
            assert (thread.name, thread.daemon) == ("watchdog", True)
    watchdog.close()
    assert not thread.is_alive()
