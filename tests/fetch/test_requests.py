"""robots.txt, backoff, validators and the token on the wire: what a site sees."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from datetime import timedelta

import pytest

from dailypapers.ingest.archive.model import Fault, Served
from dailypapers.ingest.archive.reader import read_archives
from dailypapers.ingest.fetch.deadline import Watchdog
from tests.papersite import Answer, PaperSite, Request, switches
from tests.product import DAY, NOW, SERIES, Product


def serve_robots(site: PaperSite, text: str, status: int = 200) -> None:
    """Make the site serve this robots.txt."""
    site.switches.append(
        switches.when(
            "/robots.txt", lambda _, answer: type(answer)(status, [("Content-Type", "text/plain")], text.encode())
        )
    )


def test_robots_txt_is_cached_for_a_day(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        product("run", "--day", f"{DAY}")
    assert [entry.target for entry in site.log].count("/robots.txt") == 1
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: time.time() + 86_500)
    product("run", "--day", f"{DAY}")
    assert [entry.target for entry in site.log].count("/robots.txt") == 2


def test_what_robots_txt_forbids_is_not_requested(product: Product, site: PaperSite) -> None:
    serve_robots(site, "User-agent: *\nDisallow: /papers/\n")
    result = product("run", "--day", f"{DAY}")
    assert "html FAILED" in result.out
    assert "its robots.txt forbids this address" in result.out
    assert not [entry for entry in site.log if entry.target.startswith("/papers")]
    assert len(product.papers()) == 12


def test_no_request_is_sent_while_robots_txt_is_unavailable(product: Product, site: PaperSite) -> None:
    serve_robots(site, "", 500)
    result = product("run", "--day", f"{DAY}")
    assert result.status == 3
    assert "its robots.txt answers HTTP 500" in result.err
    assert {entry.target for entry in site.log} == {"/robots.txt"}


def test_crawl_delay_is_honoured(product: Product, site: PaperSite, pauses: list[float]) -> None:
    serve_robots(site, "User-agent: *\nCrawl-delay: 7\n")
    product("run", "--day", f"{DAY}")
    assert [round(pause) for pause in pauses] == [7, 7]


def test_a_backoff_that_is_too_long_ends_the_run_with_the_time(product: Product, site: PaperSite) -> None:
    busy = switches.when("/papers/date/2025-12-09", lambda _, answer: type(answer)(429, [("Retry-After", "900")], b""))
    site.switches.append(busy)
    result = product("run", "--since", "2025-12-08", "--until", "2025-12-12")
    assert result.status == 1
    assert "no request to " in result.err
    assert "3 of 5 days of hf-daily are left" in result.err
    assert "rate-limited until" in product("sources").out
    requests = len(site.log)
    assert product("run", "--day", "2025-12-11").status == 3
    assert len(site.log) == requests
    assert "are allowed again" in product("sources", "--reset-rest", site.url).err
    site.switches.clear()
    assert product("run", "--day", "2025-12-11").status == 0
    assert product("sources", "--reset-rest", "https://elsewhere.example").status == 2


def test_pages_are_requested_only_if_they_changed(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    with PaperSite(seed=1, now=NOW, sizes={DAY: 12}, etag=True) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        product("run", "--day", f"{DAY}")
        before = product.store.papers(SERIES, DAY).read_bytes()
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
        assert [entry.status for entry in site.log][-2:] == [304, 304]
    assert product.store.papers(SERIES, DAY).read_bytes() == before
    _first, second = product.archives()
    with gzip.open(second) as records:
        text = records.read()
    assert text.count(b"revisit/server-not-modified") == 2
    assert text.count(b"HTTP/1.1 304 ") == 2
    fetch = product.certificate()["fetches"][1]
    assert (fetch["whole"], fetch["papers"]) == (True, 12)
    assert product("build", "--check").status == 0


def test_validators_of_a_page_that_was_not_read_are_never_used(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PaperSite(
        seed=1, now=NOW, sizes={DAY: 12}, etag=True, switches=[switches.shape("/api/", {"new": []})]
    ) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        product("run", "--day", f"{DAY}")
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
        requests = [entry for entry in site.log if entry.target.startswith("/api/")]
        assert {entry.status for entry in requests} == {200}
        assert not [entry for entry in requests for name, _ in entry.headers if name.lower() == "if-none-match"]


def test_an_etag_that_changes_on_equal_bodies_is_noticed(product: Product, site: PaperSite) -> None:
    for number in range(2):
        site.switches[:] = [switches.header("/api/", "ETag", f'"{number}"')]
        product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=number))
    (note,) = product.certificate()["notes"]
    assert note == "api: its ETag changes though the body does not"


def test_the_token_is_sent_to_the_endpoint_only(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    site.switches.append(switches.redirect(f"/papers/date/{DAY}", f"/papers?date={DAY}"))
    product("run", "--day", f"{DAY}")
    sent = {
        entry.target.partition("?")[0]: {name.lower(): value for name, value in entry.headers}.get("authorization")
        for entry in site.log
    }
    assert sent["/api/daily_papers"] == sent[f"/papers/date/{DAY}"] == "Bearer hf_secret"
    assert sent["/papers"] is None
    for content in product.files().values():
        assert b"hf_secret" not in content


def test_the_user_agent_names_the_contact(product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILYPAPERS_CONTACT", "ada@example.org")
    product("run", "--day", f"{DAY}")
    agents = {value for entry in site.log for name, value in entry.headers if name.lower() == "user-agent"}
    (agent,) = agents
    assert agent.startswith("dailypapers/0.")
    assert "ada@example.org" in agent
    monkeypatch.setenv("DAILYPAPERS_CONTACT", "ünicode")
    assert product("run", "--day", f"{DAY}").status == 2


def test_a_watchdog_can_be_closed_when_a_signal_prevented_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    watchdog = Watchdog()
    with pytest.raises(KeyboardInterrupt), watchdog.watching(60):
        pass
    watchdog.close()


@pytest.mark.parametrize("location", ["/papers\x01", "/papers\x7f?date=1", "/" + "x" * 70_000, "//["])
def test_a_location_that_is_no_address_is_archived_and_not_retried(
    product: Product, site: PaperSite, location: str
) -> None:
    site.switches.append(switches.redirect(f"/papers/date/{DAY}", location))
    product("run", "--day", f"{DAY}")
    assert [entry.target for entry in site.log].count(f"/papers/date/{DAY}") == 1
    (archive,) = read_archives(product.archives(), SERIES, DAY).fetches
    moved, fault = archive.fetch.views[1].entries
    assert isinstance(moved, Served)
    assert (moved.page.status, moved.page.header("location")) == (302, location)
    assert isinstance(fault, Fault)
    assert "which is not an address" in fault.reason
    assert len(product.papers()) == 12


def test_a_loopback_site_is_never_requested_through_a_proxy(
    product: Product, site: PaperSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with PaperSite(seed=2, now=NOW) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        assert product("run", "--day", f"{DAY}").status == 0
        assert proxy.log == []
    assert len(product.papers()) == 12


def test_a_cookie_of_an_answer_that_was_cut_off_is_not_sent_back(product: Product, site: PaperSite) -> None:
    def cut_off(connection: socket.socket, whole: bytes) -> None:
        connection.sendall(whole[:-5])

    def answer_once(request: Request, answer: Answer) -> Answer:
        if "/api/" in request.target and not any("/api/" in line.target for line in site.log):
            answer.headers.append(("Set-Cookie", "a=\xff; path=/"))
            answer.deliver = cut_off
        return answer

    site.switches.append(answer_once)
    assert product("run", "--day", f"{DAY}").status == 0
    assert len(product.papers()) == 12
    assert not any(line.header("Cookie") for line in site.log)
