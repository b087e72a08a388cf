"""Budgets, backoff, quotas and robots.txt: the limits that a site sets."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.fetch.budgets import Budget, budget_for, budgets_from_env, is_loopback
from dailypapers.ingest.fetch.headers import MAX_RETRY_AFTER, read_rate_limit, retry_after
from dailypapers.ingest.fetch.rate_limiter import RateLimited, RateLimiter
from dailypapers.parsers.model import Page
from tests.product import NOW

ORIGIN = "https://site.example"


@pytest.fixture
def limiter(state: Path) -> Iterator[RateLimiter]:
    """A limiter that waits for up to a quarter of an hour."""
    limiter = RateLimiter(state, max_wait=900)
    yield limiter
    limiter.close()


def take(limiter: RateLimiter, budget: Budget | None, bucket: str = "hf-api", delay: float = 0) -> None:
    """One request."""
    with limiter.turn(ORIGIN, bucket, budget, delay):
        pass


def answer(status: int = 200, **headers: str) -> Page:
    """An answer with these headers, `_` for `-`."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Page(ORIGIN, status, pairs, b"", NOW)


def test_95_percent_of_a_budget_are_used_before_a_wait(limiter: RateLimiter, pauses: list[float]) -> None:
    budget = Budget("hf-api", 20, 60)
    for _ in range(19):
        take(limiter, budget)
    assert pauses == []
    take(limiter, budget)
    assert sum(pauses) == pytest.approx(60, abs=0.001)


def test_one_request_in_three_seconds(limiter: RateLimiter, pauses: list[float]) -> None:
    for _ in range(4):
        take(limiter, Budget("arxiv", 1, 3, alone=True), "arxiv")
    assert sum(pauses) == pytest.approx(3 * 3 / 0.95, abs=0.001)


def test_buckets_and_sites_are_counted_separately(limiter: RateLimiter, pauses: list[float]) -> None:
    budget = Budget("hf-api", 2, 60)
    take(limiter, budget)
    take(limiter, Budget("hf-pages", 2, 60), "hf-pages")
    with limiter.turn("https://other.example", "hf-api", budget):
        pass
    assert pauses == []


def test_a_wait_that_is_too_long_is_an_error_with_the_time(state: Path) -> None:
    limiter = RateLimiter(state, max_wait=5)
    take(limiter, Budget("hf-pages", 2, 60), "hf-pages")
    with pytest.raises(RateLimited, match=r"no request to .* before .* UTC: the budget hf-pages of 2 requests in 60 s"):
        take(limiter, Budget("hf-pages", 2, 60), "hf-pages")
    limiter.close()


@pytest.mark.parametrize(
    ("page", "waited"),
    [
        (answer(429, Retry_After="30"), 30),
        (answer(503, Retry_After="Fri, 19 Dec 2025 12:00:40 GMT", Date="Fri, 19 Dec 2025 12:00:00 GMT"), 40),
        (answer(503, Retry_After="Fri, 19 Dec 2025 12:00:40 GMT"), 40),
        (answer(429, Retry_After="-5"), 1),
        (answer(429, Retry_After="soon"), 1),
        (answer(429), 1),
        (answer(429, RateLimit='"api";r=0;t=77'), 77),
        (answer(200, RateLimit='"api";r=0;t=50', RateLimit_Policy='"fixed window";"api";q=500;w=300'), 50),
        (answer(200), 0),
        (answer(404, Retry_After="30"), 0),
    ],
)
def test_limits_of_a_site_are_obeyed_by_all_processes(
    limiter: RateLimiter, state: Path, pauses: list[float], page: Page, waited: float
) -> None:
    limiter.record(ORIGIN, "hf-api", read_rate_limit(page, NOW))
    other = RateLimiter(state, max_wait=900)
    take(other, None)
    other.close()
    assert sum(pauses) == pytest.approx(waited, abs=0.001)


def test_each_further_429_without_retry_after_doubles_the_backoff_of_the_whole_site(
    limiter: RateLimiter, pauses: list[float]
) -> None:
    for _ in range(3):
        limiter.record(ORIGIN, "hf-api", read_rate_limit(answer(429), NOW))
        take(limiter, None, "hf-pages")
    assert [round(pause) for pause in pauses] == [1, 2, 4]
    limiter.record(ORIGIN, "hf-api", read_rate_limit(answer(200), NOW))
    limiter.record(ORIGIN, "hf-api", read_rate_limit(answer(429), NOW))
    take(limiter, None)
    assert round(pauses[-1]) == 1


def test_retry_after_is_limited_to_a_day_and_the_reason_says_so() -> None:
    info = read_rate_limit(answer(429, Retry_After="1000000000000"), NOW)
    assert info.backoff == MAX_RETRY_AFTER
    assert "taken as 24 h" in info.reason


def test_an_exhausted_quota_is_distinguished_from_slow_down() -> None:
    assert "quota is used up" in read_rate_limit(answer(429, RateLimit='"api";r=0;t=30'), NOW).reason
    assert "fewer requests" in read_rate_limit(answer(429), NOW).reason


def test_the_last_requests_of_a_quota_are_spread_over_its_time(limiter: RateLimiter, pauses: list[float]) -> None:
    low = answer(200, RateLimit='"api";r=4;t=100', RateLimit_Policy='"fixed window";"api";q=500;w=300')
    take(limiter, None)
    limiter.record(ORIGIN, "hf-api", read_rate_limit(low, NOW))
    for _ in range(4):
        take(limiter, None)
    assert [round(pause) for pause in pauses] == [25, 25, 25, 25]


def test_a_backoff_can_be_reset(limiter: RateLimiter, pauses: list[float]) -> None:
    limiter.record(ORIGIN, "hf-api", read_rate_limit(answer(429, Retry_After="600"), NOW))
    usage = limiter.usage(ORIGIN, {"hf-api": None})
    assert usage.reason == "HTTP 429 with Retry-After of 600 s"
    assert limiter.reset_backoff(ORIGIN)
    take(limiter, None)
    assert pauses == []


def test_a_damaged_budget_file_is_recreated(state: Path, pauses: list[float]) -> None:
    state.mkdir()
    (state / "budget.sqlite").write_bytes(b"rubbish" * 1000)
    limiter = RateLimiter(state, 1)
    take(limiter, Budget("hf-api", 20, 60))
    limiter.close()
    with sqlite3.connect(state / "budget.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sent").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("page", range(9))
def test_damage_to_any_page_of_the_budget_file_is_found(state: Path, pauses: list[float], page: int) -> None:
    limiter, file = RateLimiter(state, 1), state / "budget.sqlite"
    take(limiter, Budget("hf-api", 20, 60))
    limiter.cache_robots(ORIGIN, 200, "")
    limiter.close()
    content = bytearray(file.read_bytes())
    assert len(content) == 9 * 4096
    content[page * 4096 : page * 4096 + 2048] = bytes(2048)
    file.write_bytes(content)
    again = RateLimiter(state, 1)
    assert again.usage(ORIGIN, {"hf-api": None}).used == {"hf-api": 0}
    assert again.cached_robots(ORIGIN, 60) is None
    again.close()


def test_a_clock_that_was_set_back_does_not_block_requests(
    limiter: RateLimiter, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget("hf-api", 2, 60)
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: time.time() + 10_000)
    take(limiter, budget)
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", time.time)
    take(limiter, budget)
    assert pauses == []


@pytest.mark.parametrize(
    ("text", "budgets"),
    [
        (None, {}),
        ("hf-api=10/300, arxiv=1/0.5", {"hf-api": Budget("hf-api", 10, 300), "arxiv": Budget("arxiv", 1, 0.5, True)}),
    ],
)
def test_budgets_can_be_set(text: str | None, budgets: dict[str, Budget]) -> None:
    assert budgets_from_env(text) == budgets


@pytest.mark.parametrize(
    "text",
    [
        "hf-api",
        "hf-api=0/300",
        "hf-api=1/0",
        "hf=1/1",
        "hf-api=x/1",
        "hf-api=1/" + "9" * 400,
        "hf-api=" + "9" * 5000 + "/1",
        "hf-api=١/1",
    ],
)
def test_an_invalid_budget_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=REQUESTS/SECONDS"):
        budgets_from_env(text)


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://127.0.0.1:80", True),
        ("http://[::1]", True),
        ("http://localhost:1", True),
        ("http://papers.localhost", True),
        ("http://notlocalhost", False),
        ("http://10.0.0.1", False),
        ("http://", False),
        (ORIGIN, False),
    ],
)
def test_only_loopback_has_no_built_in_budget(origin: str, loopback: bool) -> None:
    assert is_loopback(origin) is loopback
    assert (budget_for("hf-api", origin, {}) is None) is loopback


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("", None),
        ("0", 0.0),
        ("1.5", None),
        ("\u0661", None),
        ("1234567890123", 123456789012.0),
        ("Fri, 19 Dec 2025 12:00:40 -0000", 40.0),
        ("Fri, 19 Dec 2025 13:00:40 +0100", 40.0),
        ("Fri, 19 Dec 2025 12:00:00.5 GMT", None),
        ("Sat, 01 Jan 2000 00:00:00 GMT", None),
        ("x" * 99, None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(answer(429, Retry_After=text), NOW) == seconds


def test_the_end_of_a_backoff_is_given_in_utc() -> None:
    assert "2025-12-19 12:00:00 UTC" in str(
        RateLimited(ORIGIN, datetime(2025, 12, 19, 12, tzinfo=UTC).timestamp(), "x")
    )
