"""Refusals, redirects, headers and old answers are as they say."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.papersite import Moving, PaperSite, Switch
from tests.papersite import faults_answers as answers
from tests.papersite.raw_socket import Received, receive
from tests.papersite.reading import MONDAY, TLS, get

API, PAGE = f"/api/daily_papers?date={MONDAY}", f"/papers/date/{MONDAY}"
NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)


def through(switch: Switch, target: str = API, *, chunked: bool = False) -> Received:
    with PaperSite(switches=[switch], now=NOW, chunked=chunked) as site:
        return receive(site, target)


def follow(switch: Switch, target: str = API) -> httpx.Response:
    with (
        PaperSite(switches=[switch]) as site,
        httpx.Client(verify=TLS, trust_env=False, follow_redirects=True, max_redirects=10) as client,
    ):
        return client.get(site.url + target)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_storms_with_and_without_a_wait(status: int) -> None:
    answer = through(answers.failing("/", status))
    assert (answer.status, answer.all("Retry-After")) == (status, [])
    for said in ("7", "-5", "1000000000000", "soon", ""):
        assert through(answers.failing("/", status, said)).all("Retry-After") == [said]


def test_a_wait_as_a_date_is_told_by_the_sites_clock() -> None:
    (said,) = through(answers.failing("/", 429, answers.in_seconds(90))).all("Retry-After")
    assert parsedate_to_datetime(said) == NOW + timedelta(seconds=90)


def test_low_quotas() -> None:
    answer = through(answers.low("/", 1, 30))
    assert (answer.status, answer.all("RateLimit")) == (200, ['"api";r=1;t=30'])
    assert through(answers.low("/"), PAGE).all("RateLimit") == ['"pages";r=0;t=30']


def test_a_quota_that_is_used_up() -> None:
    with PaperSite(switches=[answers.quota("/", 2, 3600)]) as site:
        given = [receive(site, API) for _ in range(3)]
        assert [answer.status for answer in given] == [200, 200, 429]
        assert [answer.all("RateLimit")[0][:9] for answer in given] == ['"api";r=1', '"api";r=0', '"api";r=0']
        assert given[2].all("RateLimit-Policy") == ['"fixed window";"api";q=2;w=3600']
        assert 0 < int(given[2].all("Retry-After")[0]) <= 3600
        assert receive(site, PAGE).status == receive(site, "/robots.txt").status == 200


def test_loops_and_chains() -> None:
    assert through(answers.loop("/", 307)).all("Location") == [API]
    for switch in (answers.loop("/"), answers.chain("/", None), answers.chain("/", 11)):
        with pytest.raises(httpx.TooManyRedirects):
            follow(switch)
    for target in (API, PAGE):
        whole = follow(answers.chain("/", 3), target)
        assert (whole.status_code, len(whole.history)) == (200, 3)
        with PaperSite() as site:
            assert whole.content == get(site, target).content


def test_a_redirect_without_a_location() -> None:
    answer = through(answers.redirect_without_location("/", 301))
    assert (answer.status, answer.all("Location")) == (301, [])


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("chunked", [False, True])
def test_nothing_at_all(status: int, chunked: bool) -> None:
    answer = through(answers.bodiless("/", status), chunked=chunked)
    assert (answer.status, answer.body) == (status, b"")
    assert answer.all("Content-Length") == answer.all("Transfer-Encoding") == []


def test_headers_that_are_too_much() -> None:
    assert len(through(answers.huge_header("/", 200_000)).all("X-Huge")[0]) == 200_000
    assert through(answers.many_headers("/", 10_000)).head.count(b"\r\nX-Many-") == 10_000
    for switch in (answers.huge_header("/"), answers.many_headers("/")):
        with pytest.raises(httpx.RemoteProtocolError):
            follow(switch)


def test_headers_that_are_there_twice() -> None:
    twice = through(answers.headers("/", [("Content-Type", "text/plain")]))
    assert twice.all("Content-Type") == ["application/json; charset=utf-8", "text/plain"]
    coded = through(answers.second_coding("/"))
    assert coded.all("Content-Encoding") == ["gzip", "gzip"]
    assert coded.body[:2] == b"\x1f\x8b"
    for more in (0, 10):
        answer = through(answers.second_length("/", more), chunked=True)
        size = len(answer.body)
        assert answer.all("Content-Length") == [str(size), str(size + more)]
    answer = through(answers.length_and_chunks("/"))
    assert (answer.all("Content-Length"), answer.all("Transfer-Encoding")) == (["1"], ["chunked"])
    assert answer.body.endswith(b"\r\n0\r\n\r\n")


def test_lines_that_end_in_lf_alone() -> None:
    bare = through(answers.bare_lf("/")).whole
    head, _, body = bare.partition(b"\n\n")
    assert head.startswith(b"HTTP/1.1 200 OK\nContent-Type: ")
    assert b"\r" not in head
    assert body.startswith(b"[{")
    assert b"\r\nX-Split: a\nb\r\n" in through(answers.split_header("/")).whole


def test_headers_of_a_cache() -> None:
    answer = through(answers.aged("/", 24))
    assert (answer.all("Age"), answer.all("Date")) == (["86400"], ["Thu, 18 Dec 2025 12:00:00 GMT"])
    answer = through(answers.aged("/", 1, dated=False))
    assert (answer.all("Age"), answer.all("Date")) == (["3600"], ["Fri, 19 Dec 2025 12:00:00 GMT"])
    assert through(answers.aged("/", 1, age=False)).all("Age") == []


def test_the_answer_of_a_cache() -> None:
    noon = datetime(2025, 12, 15, 12, tzinfo=UTC)
    with PaperSite(script=Moving(3, {MONDAY: 30}), now=noon, switches=[answers.old("/", 6)]) as site:
        cached, now = get(site, API), site.papers(MONDAY)
        assert (cached.headers["Age"], cached.headers["Date"]) == ("21600", "Mon, 15 Dec 2025 06:00:00 GMT")
        site.now -= timedelta(hours=6)
        assert cached.json() == site.papers(MONDAY) != now
