"""What an answer says about the requests that a site allows."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from dailypapers.ingest.fetch.headers import RateLimitInfo, is_throttling, read_rate_limit
from dailypapers.parsers.model import Page

AT = datetime(2025, 12, 19, 12, tzinfo=UTC)
DAY = 24 * 3600.0


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Page:
    """An answer with these headers, `_` for `-`."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Page("https://site.test/", status, pairs, body, AT)


@pytest.mark.parametrize(
    ("page", "backoff", "reason"),
    [
        (answer(429), None, "HTTP 429, it wants fewer requests"),
        (answer(503), None, "HTTP 503, it wants fewer requests"),
        (answer(406), None, "HTTP 406, it wants fewer requests"),
        (answer(200, b"Rate exceeded."), None, "'Rate exceeded.', it wants fewer requests"),
        (answer(500, Retry_After="7"), 7, "HTTP 500 with Retry-After of 7 s"),
        (answer(429, Retry_After="86400"), DAY, "HTTP 429 with Retry-After of 86400 s"),
        (
            answer(429, Retry_After="86401"),
            DAY,
            "HTTP 429 with Retry-After of 86400 s (it named 86401 s, taken as 24 h)",
        ),
        (answer(429, RateLimit='"api";r=0;t=77'), 77, "HTTP 429, its quota is used up"),
        (answer(429, RateLimit='"api";r=0;t=0'), 0, "HTTP 429, its quota is used up"),
        (answer(429, RateLimit='"api";r=0;t=90000'), DAY, "HTTP 429, its quota is used up"),
        (answer(429, Retry_After="80", RateLimit='"api";r=0;t=77'), 80, "HTTP 429, its quota is used up"),
        (answer(429, Retry_After="70", RateLimit='"api";r=0;t=77'), 77, "HTTP 429, its quota is used up"),
        (answer(429, Retry_After="70", RateLimit='"api";r=1;t=77'), 70, "HTTP 429 with Retry-After of 70 s"),
        (answer(429, Retry_After="70", RateLimit='"api";r=0'), 70, "HTTP 429 with Retry-After of 70 s"),
        (answer(429, RateLimit='"api";r=0'), None, "HTTP 429, it wants fewer requests"),
    ],
)
def test_an_answer_that_wants_fewer_requests_says_for_how_long(page: Page, backoff: float | None, reason: str) -> None:
    info = read_rate_limit(page, AT)
    assert (info.slow_down, info.backoff, info.reason) == (True, backoff, reason)


@pytest.mark.parametrize(
    "page",
    [
        answer(200),
        answer(200, Retry_After="30"),
        answer(404, Retry_After="30"),
        answer(500),
        answer(500, Retry_After="soon"),
        answer(404, b"Rate exceeded."),
    ],
)
def test_any_other_answer_wants_none(page: Page) -> None:
    assert read_rate_limit(page, AT) == RateLimitInfo(slow_down=False)


@pytest.mark.parametrize(
    ("limit", "remaining", "reset"),
    [
        ('"api";r=499;t=300', 499, 300),
        ('"api" ; r = 499 ;t= 300', 499, 300),
        ('"a";r=5;t=10, "b";r=3;t=20, "c";r=4;t=30', 3, 20),
        ('"a";t=10, "b";r=300;t=20', 300, 20),
        ('"b";r=300;t=20, "a";t=10', 300, 20),
        ('"a";r=1;t=90000', 1, DAY),
        ('"a";r=1', 1, None),
        ('"a";t=7', None, 7),
        ('"a";r=-1;t=x', None, None),
        ('"a";r=1234567890123;t=7', 123456789012, 7),
        ("", None, None),
    ],
)
def test_the_quota_with_the_fewest_requests_left_counts(limit: str, remaining: int | None, reset: float | None) -> None:
    info = read_rate_limit(answer(200, RateLimit=limit, RateLimit_Policy='"fixed window";"api";q=500;w=300'), AT)
    assert info == RateLimitInfo(slow_down=False, remaining=remaining, reset=reset, quota=500)


def test_a_date_counts_from_the_date_of_the_answer_or_its_arrival() -> None:
    until = "Fri, 19 Dec 2025 12:01:00 GMT"
    assert read_rate_limit(answer(503, Retry_After=until), AT).backoff == 60
    assert read_rate_limit(answer(503, Retry_After=until), AT + timedelta(seconds=50)).backoff == 10
    dated = answer(503, Retry_After=until, Date="Fri, 19 Dec 2025 12:00:30 GMT")
    assert read_rate_limit(dated, AT + timedelta(seconds=50)).backoff == 30
    assert read_rate_limit(answer(503, Retry_After=until), AT + timedelta(seconds=60)).backoff is None


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"Rate exceeded.", {}, True),
        (b"  Rate exceeded.\n", {}, True),
        (gzip.compress(b"Rate exceeded.", mtime=0), {"Content_Encoding": "gzip"}, True),
        (b"Rate exceeded.", {"Content_Encoding": "gzip"}, False),
        (b"Rate exceeded. Really.", {}, False),
        (b"rate exceeded.", {}, False),
        (b" " * 10 + b"Rate exceeded.", {}, True),
        (b" " * 86 + b"Rate exceeded.", {}, False),
        (gzip.compress(b"Rate exceeded." + b" " * 10_000, mtime=0), {"Content_Encoding": "gzip"}, False),
    ],
)
def test_arxiv_s_text_instead_of_a_status(body: bytes, headers: dict[str, str], expected: bool) -> None:
    assert is_throttling(answer(200, body, **headers)) == expected
