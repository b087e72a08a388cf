"""The client of a site: what it gives for each way in which a site answers, or does not."""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from dailypapers.ingest.archive.model import Fault, Served, served, unchanged
from dailypapers.ingest.fetch import client as client_module
from dailypapers.ingest.fetch.budgets import Budget
from dailypapers.ingest.fetch.client import MAX_REASON, TRIES, Site, SiteClient
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.parsers.model import Page
from tests.fetch.site_client import AT, PATH, Connect, counts, get, plain, requested, serve, statuses
from tests.papersite import Answer, PaperSite, switches
from tests.papersite import Request as Received


def test_a_page_is_as_it_was_sent_and_counted(site: PaperSite, connect: Connect) -> None:
    body = gzip.compress(b"text")
    serve(site, plain(b"# all"), where="/robots.txt")
    serve(site, plain(body, 200, ("Content-Encoding", "gzip"), ("X-Twice", "a"), ("X-Twice", "\xe9")))
    client = connect()
    (entry,) = get(client)
    assert isinstance(entry, Served)
    assert entry == served(Page(site.url + PATH, 200, entry.page.headers, body, AT))
    assert [pair for pair in entry.page.headers if pair[0].startswith("X-")] == [("X-Twice", "a"), ("X-Twice", "\xe9")]
    assert (client.sent, client.rate_limited) == ({"hf-api": 1}, None)
    assert counts(client) == {"site": "papers", "requests": {"200": 2}, "bytes": len(body) + 5, "retries": 0}
    sent = {name.lower(): value for name, value in site.log[-1].headers}
    assert {name: sent[name] for name in ("user-agent", "accept-encoding", "accept")} == {
        "user-agent": "tests",
        "accept-encoding": "gzip",
        "accept": "*/*",
    }
    assert "authorization" not in sent


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 406])
def test_what_may_pass_is_requested_again(site: PaperSite, connect: Connect, status: int) -> None:
    serve(site, plain(b"1", status), plain(b"2", status), plain(b"3"))
    client = connect()
    (entry,) = get(client)
    assert isinstance(entry, Served)
    assert (entry.page.status, entry.page.body, counts(client)["retries"]) == (200, b"3", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_will_not_pass_is_an_answer(site: PaperSite, connect: Connect, pauses: list[float], status: int) -> None:
    serve(site, plain(b"1", status), plain(b"2"))
    assert statuses(get(connect())) == [status]
    assert pauses == []


def test_the_last_of_four_tries_counts_after_growing_pauses(
    site: PaperSite, connect: Connect, pauses: list[float]
) -> None:
    serve(site, plain(b"# all"), where="/robots.txt")
    serve(site, *(plain(b"%d" % number, 500) for number in range(1, 9)))
    client = connect()
    (entry,) = get(client)
    assert isinstance(entry, Served)
    assert (entry.page.body, len(requested(site)), len(pauses), TRIES) == (b"4", 4, 3, 4)
    assert all(low <= pause <= low + 1 for pause, low in zip(pauses, (0.5, 1, 2), strict=True))
    assert client.sent == {"hf-api": 4}
    assert counts(client) == {"site": "papers", "requests": {"200": 1, "500": 4}, "bytes": 9, "retries": 3}
    assert sum(pauses) <= client._traffic.waited < sum(pauses) + 60


def test_a_site_that_refuses_connections_is_a_fault(site: PaperSite, connect: Connect) -> None:
    client = connect()
    get(client)
    with site.refusing():
        (fault,) = get(client, "/other?token=s3cr3t")
    assert isinstance(fault, Fault)
    assert fault.url == f"{site.url}/other?token=***"
    assert fault.reason.startswith(fault.url)
    assert fault.reason.endswith("Connection refused")
    assert client._traffic.requests["fault"] == TRIES


@pytest.mark.parametrize("slow", [False, True])
def test_a_page_has_a_deadline_over_all_its_tries(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    client, clock = connect(), [0.0]
    get(client, "/first")
    monkeypatch.setattr(client_module, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    limit = 300 if slow else 60

    def late(_: Received, answer: Answer) -> Answer:
        clock[0] += limit / 2
        answer.status = 500
        return answer

    site.switches.append(switches.when("/wanted", late))
    assert statuses(get(client, slow=slow)) == [500]
    assert len(requested(site)) == 3
    monkeypatch.setattr(client, "_start_deadline", lambda *, slow: setattr(client, "_is_slow", slow))
    assert statuses(get(client, slow=slow)) == [f"{site.url}{PATH}: no answer within {limit} s"]


@pytest.mark.parametrize(("size", "expected"), [(1000, 200), (1001, "{url}: the body is over the cap of 1000 bytes")])
def test_a_body_may_be_as_large_as_the_cap(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch, size: int, expected: int | str
) -> None:
    client = connect()
    get(client, "/first")
    monkeypatch.setattr(client_module, "WIRE_CAP", 1000)
    serve(site, plain(b"x" * size))
    assert statuses(get(client)) == [expected.format(url=site.url + PATH) if isinstance(expected, str) else expected]


def test_a_304_is_the_page_that_was_read_before(site: PaperSite, connect: Connect) -> None:
    headers = (("Content-Type", "text/plain"), ("ETag", '"1"'))
    cached = served(Page(site.url + PATH, 200, headers, b"body", AT - timedelta(hours=1)))
    serve(site, plain(b"", 304, ("ETag", '"2"')))
    (entry,) = get(connect(), cached=cached)
    assert isinstance(entry, Served)
    answer = Page(site.url + PATH, 304, entry.received or (), b"", AT)
    assert entry == unchanged(cached, answer)
    assert site.log[-1].header("if-none-match") == '"1"'
    # Without a page that was read before, it is an answer as any other.
    assert statuses(get(connect())) == [304]


def test_redirects_are_followed_hop_by_hop_and_all_kept(site: PaperSite, connect: Connect) -> None:
    cached = served(Page(site.url + PATH, 200, (("ETag", '"1"'),), b"", AT))
    for number in range(1, 6):
        serve(site, plain(b"", 302, ("Location", f"/hop{number + 1}")), where=f"/hop{number}")
    serve(site, plain(b"", 301, ("Location", "/hop2")))
    serve(site, plain(b"there"), where="/hop6")
    client = connect(token="hf_secret0")
    entries = get(client, cached=cached)
    assert statuses(entries) == [301, 302, 302, 302, 302, 200]
    assert requested(site) == [PATH, *(f"/hop{number}" for number in range(2, 7))]
    # What is for the address requested is not for the others.
    sent = [(entry.header("if-none-match"), entry.header("authorization")) for entry in site.log[-6:]]
    assert sent == [('"1"', "Bearer hf_secret0"), *[(None, None)] * 5]
    site.switches.clear()
    serve(site, plain(b"", 301, ("Location", "/hop1")))
    for number in range(1, 7):
        serve(site, plain(b"", 302, ("Location", f"/hop{number + 1}")), where=f"/hop{number}")
    *hops, last = statuses(get(client))
    assert (hops, last) == ([301, 302, 302, 302, 302, 302], f"{site.url}/hop5: redirected more than 5 times")


def test_a_long_target_of_a_redirect_is_cut_after_its_password_is_masked(site: PaperSite, connect: Connect) -> None:
    secret = "x" * 900
    serve(site, plain(b"", 302, ("Location", f"http://ann:{secret}@elsewhere.test/{'y' * 5000}")))
    last = get(connect())[-1]
    assert isinstance(last, Fault)
    assert last.reason.startswith(f"{site.url}{PATH}: redirected off the site, to http://***@elsewhere.test/yyy")
    assert last.reason.endswith("yyy...")
    assert len(last.reason) == MAX_REASON + 3


def test_the_target_of_a_redirect_is_under_robots_txt_too(site: PaperSite, connect: Connect) -> None:
    serve(site, plain(b"User-agent: *\nDisallow: /closed\n"), where="/robots.txt")
    serve(site, plain(b"", 302, ("Location", "/closed/page")))
    assert statuses(get(connect())) == [302, f"{site.url}/closed/page: its robots.txt forbids this address"]
    assert requested(site) == [PATH]


def test_a_rate_limit_that_is_too_long_ends_a_page_with_what_came(site: PaperSite, connect: Connect) -> None:
    serve(site, plain(b"busy", 429, ("Retry-After", "1000")))
    client = connect(max_wait=10)
    entry, fault = get(client)
    assert isinstance(entry, Served)
    assert entry.page.body == b"busy"
    assert isinstance(fault, Fault)
    assert fault.reason == str(client.rate_limited)
    assert fault.reason.startswith(f"no request to {site.url} before ")
    assert "HTTP 429 with Retry-After of 1000 s" in fault.reason
    # The next page is not requested at all.
    assert statuses(get(client, "/other")) == [str(client.rate_limited)]
    assert requested(site) == [PATH]


def test_a_view_has_its_own_site_unless_the_user_set_one(site: PaperSite, connect: Connect) -> None:
    with PaperSite(seed=2, now=AT) as other:
        client = connect()
        assert (client.url(PATH), client.url(PATH, other.url)) == (site.url + PATH, other.url + PATH)
        serve(other, plain(b"other"))
        (entry,) = get(client, view_site=other.url)
        assert isinstance(entry, Served)
        assert (entry.page.url, entry.page.body) == (other.url + PATH, b"other")
        assert [line.target for line in other.log] == ["/robots.txt", PATH]
        assert connect(serves_all=True).url(PATH, other.url) == site.url + PATH


def test_a_token_is_not_sent_over_plain_http(
    site: PaperSite, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site stands for a proxy that reads the requests to another one."""
    monkeypatch.setenv("HTTP_PROXY", site.url)
    monkeypatch.setenv("http_proxy", site.url)
    client = connect("http://papers.example", token="hf_secret0")
    get(client)
    assert [entry.target for entry in site.log][-1] == f"http://papers.example{PATH}"
    assert [entry.header("authorization") for entry in site.log] == [None, None]


def test_the_forecast_is_that_of_the_slowest_bucket(connect: Connect) -> None:
    client = connect(budgets={"hf-api": Budget("hf-api", 1, 95), "hf-pages": Budget("hf-pages", 1, 9.5)})
    # A budget of one request is used at 95 %.
    assert client.forecast({"hf-api": 3, "hf-pages": 5}, work=0, wait=7) == pytest.approx(7 + 2 * 100, abs=0.1)
    assert client.forecast({"hf-api": 1, "hf-pages": 5}, work=0, wait=7) == pytest.approx(7 + 4 * 10, abs=0.1)
    assert client.forecast({}, work=3, wait=7) == 10


def test_robots_txt_is_read_behind_redirects_of_the_site_alone(site: PaperSite, connect: Connect) -> None:
    serve(site, plain(b"", 301, ("Location", "/r2")), where="/robots.txt")
    for number in range(2, 6):
        serve(site, plain(b"", 302, ("Location", f"/r{number + 1}")), where=f"/r{number}")
    serve(site, plain(b"User-agent: *\nDisallow: /wanted\n"), where="/r6")
    client = connect()
    assert statuses(get(client)) == [f"{site.url}{PATH}: its robots.txt forbids this address"]
    assert [entry.target for entry in site.log] == ["/robots.txt", *(f"/r{number}" for number in range(2, 7))]


@pytest.mark.parametrize("location", ["http://elsewhere.example/robots.txt", "//["])
def test_a_robots_txt_elsewhere_is_none(site: PaperSite, connect: Connect, location: str) -> None:
    serve(site, plain(b"", 301, ("Location", location)), where="/robots.txt")
    serve(site, plain())
    assert statuses(get(connect())) == [200]


def test_a_robots_txt_that_does_not_come_says_why(site: PaperSite, connect: Connect) -> None:
    client = connect()
    with site.refusing():
        (fault,) = get(client)
    assert isinstance(fault, Fault)
    assert fault.reason.startswith(f"{site.url}{PATH}: its robots.txt could not be fetched ({site.url}/robots.txt: ")
    assert fault.reason.endswith("), so nothing is requested now")


def test_connections_are_closed_with_the_client(site: PaperSite, state: Path) -> None:
    limiter = RateLimiter(state, 900)
    with SiteClient(Site(site.url, {}, "tests"), limiter, Traffic("papers")) as client:
        get(client)
    assert client._client.is_closed
    with closing(limiter):
        assert limiter._file._connection is None
