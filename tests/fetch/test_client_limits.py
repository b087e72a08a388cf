"""What the client does with the limits that a site announces, and from which budgets it takes its requests."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from dailypapers.ingest.archive.model import served
from dailypapers.ingest.fetch import client as client_module
from dailypapers.ingest.fetch.budgets import Budget
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.parsers.model import Page
from tests.fetch.site_client import AT, PATH, Connect, counts, get, plain, requested, serve, statuses
from tests.papersite import Answer, PaperSite, switches
from tests.papersite import Request as Received
from tests.papersite.arxiv.faults import stall
from tests.papersite.faults_wire import drip_body


def test_each_request_counts_for_the_bucket_that_it_is_taken_from(
    site: PaperSite, connect: Connect, state: Path
) -> None:
    serve(site, plain(b"", 301, ("Location", "/rules")), where="/robots.txt")
    serve(site, plain(b"", 301, ("Location", "/there")))
    get(connect(robots_bucket="arxiv"))
    with closing(RateLimiter(state, 0)) as limiter:
        assert limiter.usage(site.url, dict.fromkeys(("hf-api", "hf-pages", "arxiv"))).used == {
            "hf-api": 2,
            "hf-pages": 0,
            "arxiv": 2,
        }


def test_a_used_up_quota_delays_the_requests_of_its_bucket(
    site: PaperSite, connect: Connect, pauses: list[float]
) -> None:
    serve(site, plain(b"", 200, ("RateLimit", '"api";r=0;t=50')), plain())
    client = connect(robots_bucket="arxiv")
    assert statuses(get(client)) == [200]
    assert pauses == []
    assert statuses(get(client)) == [200]
    assert pauses == [pytest.approx(50, abs=0.001)]


def test_a_date_until_which_a_site_wants_no_requests_is_waited_for(
    site: PaperSite, connect: Connect, pauses: list[float]
) -> None:
    """The Date of the answer cannot be read, so that the time counts from its arrival."""
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    busy = plain(b"", 503, ("Retry-After", until), ("Date", "today"))
    serve(site, busy, plain())
    assert statuses(get(connect())) == [200]
    assert 200 < sum(pauses) <= 302


def test_the_crawl_delay_of_one_origin_is_that_of_all_of_a_source(
    site: PaperSite, connect: Connect, pauses: list[float]
) -> None:
    with PaperSite(seed=2, now=AT) as other:
        serve(other, plain(b"User-agent: *\nCrawl-delay: 7\n"), where="/robots.txt")
        client = connect()
        get(client)
        assert pauses == []
        get(client, view_site=other.url)
        assert pauses == [pytest.approx(7, abs=0.001)]
        get(client)
        assert pauses == [pytest.approx(7, abs=0.001)] * 2


def test_a_robots_txt_is_requested_again_after_a_failure_without_a_crawl_delay(
    site: PaperSite, connect: Connect, pauses: list[float]
) -> None:
    serve(site, plain(b"", 500), plain(b"", 500), plain(b"# all"), where="/robots.txt")
    client = connect()
    serve(site, plain())
    assert statuses(get(client)) == [200]
    assert len(pauses) == 2
    assert client.sent == {"hf-api": 1}


def test_a_page_that_is_limited_behind_a_redirect_has_all_that_was_answered(site: PaperSite, connect: Connect) -> None:
    serve(site, plain(b"", 301, ("Location", "/there")))
    serve(site, plain(b"busy", 429, ("Retry-After", "1000")), where="/there")
    client = connect(max_wait=10)
    assert statuses(get(client)) == [301, 429, str(client.rate_limited)]
    # Nothing of it is repeated by a page that is not requested.
    assert statuses(get(client)) == [str(client.rate_limited)]
    assert requested(site) == [PATH, "/there"]


def test_requests_without_an_answer_have_no_bytes(site: PaperSite, connect: Connect) -> None:
    serve(site, plain(b"# all"), where="/robots.txt")
    client = connect()
    with site.refusing():
        get(client)
    assert counts(client) == {"site": "papers", "requests": {"fault": 4}, "bytes": 0, "retries": 3}


@pytest.mark.parametrize(("seconds", "tries"), [(59.5, 2), (60, 1)])
def test_a_page_is_requested_again_as_long_as_any_time_is_left(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch, seconds: float, tries: int
) -> None:
    client, clock = connect(), [1000.0]
    get(client, "/first")
    monkeypatch.setattr(client_module, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def late(_: Received, answer: Answer) -> Answer:
        clock[0] += seconds
        answer.status = 500
        return answer

    site.switches.append(switches.when("/wanted", late))
    assert statuses(get(client)) == [500]
    assert requested(site).count(PATH) == tries


@pytest.mark.parametrize(
    ("origin", "is_sent"),
    [("https://papers.example", True), ("http://papers.example", False), ("http://127.0.0.1:1", True)],
)
def test_a_token_is_sent_over_https_and_to_this_machine(state: Path, origin: str, is_sent: bool) -> None:
    site = Site(origin, {"hf-api": Budget("hf-api", 1, 1)}, "tests", token="hf_secret0")
    with SiteClient(site, RateLimiter(state, 0), Traffic("papers")) as client:
        token = [(b"Authorization", b"Bearer hf_secret0")] if is_sent else []
        assert client._headers(None, first=True) == token
        cached = served(Page(origin, 200, (("ETag", '"1"'),), b"", AT))
        assert client._headers(cached, first=True) == [(b"If-None-Match", b'"1"'), *token]
        assert client._headers(None, first=False) == []


@pytest.mark.parametrize("location", ["/robots\x7f", "/" + "x" * 70_000])
def test_a_robots_txt_at_what_is_no_address_is_none(site: PaperSite, connect: Connect, location: str) -> None:
    serve(site, plain(b"", 301, ("Location", location)), where="/robots.txt")
    serve(site, plain())
    assert statuses(get(connect())) == [200]
    assert [entry.target for entry in site.log] == ["/robots.txt", PATH]


def test_a_robots_txt_that_the_site_fails_to_send_is_requested_for_the_next_run(
    site: PaperSite, connect: Connect
) -> None:
    serve(site, *[plain(b"", 503)] * 4, plain(b"User-agent: *\nDisallow: /wanted"), where="/robots.txt")
    refused = f"{site.url}{PATH}: its robots.txt answers HTTP 503, so nothing is requested now"
    client = connect()
    assert [statuses(get(client)) for _ in range(2)] == [[refused]] * 2
    assert len(site.log) == 4
    assert statuses(get(connect())) == [f"{site.url}{PATH}: its robots.txt forbids this address"]
    assert statuses(get(connect())) == [f"{site.url}{PATH}: its robots.txt forbids this address"]
    assert len(site.log) == 5


@pytest.mark.parametrize("slow", [False, True])
def test_an_answer_that_drips_is_cut_at_the_deadline(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    client = connect()
    get(client, "/first")
    monkeypatch.setattr("dailypapers.ingest.fetch.deadline.CHECK_INTERVAL", 0.01)
    monkeypatch.setattr(client_module, "SLOW_DEADLINE" if slow else "DEADLINE", 0.2)
    site.switches.append(drip_body("/wanted", interval=0.02, length=2000))
    assert statuses(get(client, slow=slow)) == [f"{site.url}{PATH}: not done within 0 s"]
    assert requested(site).count(PATH) == 1
    # The connection is made anew for the next page.
    assert statuses(get(client, "/next")) == [404]


def test_only_a_slow_page_is_waited_for_as_long_as_a_slow_page_may_take(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    get(client, "/first")
    monkeypatch.setattr(client_module, "TIMEOUT", httpx.Timeout(0.1))
    monkeypatch.setattr(client_module, "TRIES", 1)
    serve(site, plain())
    site.switches.append(stall(0.3, "/wanted"))
    assert statuses(get(client)) == [f"{site.url}{PATH}: no answer in time (ReadTimeout)"]
    assert statuses(get(client, slow=True)) == [200]
