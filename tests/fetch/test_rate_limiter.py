"""Budgets, rests, robots.txt, validators, the token: what a site may expect of us."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.fetch.budgets import Budget, budget_for, budgets_from_env, is_loopback
from ingest.fetch.rate_limit_headers import MAX_REST, read_rate_limit, retry_after
from ingest.fetch.rate_limiter import RateLimiter, SiteRests
from ingest.fetch.robots import Robots
from parsers.model import Page
from tests.product import NOW

ORIGIN = "https://site.example"


@pytest.fixture
def manners(state: Path) -> Iterator[RateLimiter]:
    """The manners of a machine that waits for a quarter of an hour."""
    found = RateLimiter(state, max_wait=900)
    yield found
    found.close()


def take(manners: RateLimiter, budget: Budget | None, bucket: str = "hf-api", delay: float = 0) -> None:
    """One request."""
    with manners.turn(ORIGIN, bucket, budget, delay):
        pass


def answer(status: int = 200, **headers: str) -> Page:
    """An answer with these headers, `_` for `-`."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Page(ORIGIN, status, pairs, b"", NOW)


def test_a_budget_is_spent_to_95_percent_and_then_waited_for(manners: RateLimiter, pauses: list[float]) -> None:
    budget = Budget("hf-api", 20, 60)
    for _ in range(19):
        take(manners, budget)
    assert pauses == []
    take(manners, budget)
    assert sum(pauses) == pytest.approx(60, abs=0.001)


def test_one_request_in_three_seconds(manners: RateLimiter, pauses: list[float]) -> None:
    for _ in range(4):
        take(manners, Budget("arxiv", 1, 3, alone=True), "arxiv")
    assert sum(pauses) == pytest.approx(3 * 3 / 0.95, abs=0.001)


def test_buckets_and_sites_are_counted_apart(manners: RateLimiter, pauses: list[float]) -> None:
    one = Budget("hf-api", 2, 60)
    take(manners, one)
    take(manners, Budget("hf-pages", 2, 60), "hf-pages")
    with manners.turn("https://other.example", "hf-api", one):
        pass
    assert pauses == []


def test_a_wait_that_is_too_long_names_the_time(state: Path) -> None:
    manners = RateLimiter(state, max_wait=5)
    take(manners, Budget("hf-pages", 2, 60), "hf-pages")
    with pytest.raises(SiteRests, match=r"is not asked before .* UTC: the budget hf-pages of 2 requests in 60 s"):
        take(manners, Budget("hf-pages", 2, 60), "hf-pages")
    manners.close()


@pytest.mark.parametrize(
    ("said", "waited"),
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
def test_what_a_site_says_is_obeyed_by_all(
    manners: RateLimiter, pauses: list[float], said: Page, waited: float
) -> None:
    manners.note(ORIGIN, "hf-api", read_rate_limit(said, NOW))
    other = RateLimiter(manners._folder, max_wait=900)
    take(other, None)
    other.close()
    assert sum(pauses) == pytest.approx(waited, abs=0.001)


def test_each_further_429_without_a_time_doubles_the_rest_of_the_whole_site(
    manners: RateLimiter, pauses: list[float]
) -> None:
    for _ in range(3):
        manners.note(ORIGIN, "hf-api", read_rate_limit(answer(429), NOW))
        take(manners, None, "hf-pages")
    assert [round(pause) for pause in pauses] == [1, 2, 4]
    manners.note(ORIGIN, "hf-api", read_rate_limit(answer(200), NOW))
    manners.note(ORIGIN, "hf-api", read_rate_limit(answer(429), NOW))
    take(manners, None)
    assert round(pauses[-1]) == 1


def test_a_day_is_the_longest_rest_and_it_is_said() -> None:
    said = read_rate_limit(answer(429, Retry_After="1000000000000"), NOW)
    assert said.rest == MAX_REST
    assert "taken as 24 h" in said.reason


def test_quota_used_up_is_told_apart_from_slow_down() -> None:
    assert "quota is used up" in read_rate_limit(answer(429, RateLimit='"api";r=0;t=30'), NOW).reason
    assert "less often" in read_rate_limit(answer(429), NOW).reason


def test_few_requests_left_are_spread_before_any_429(manners: RateLimiter, pauses: list[float]) -> None:
    few = answer(200, RateLimit='"api";r=4;t=100', RateLimit_Policy='"fixed window";"api";q=500;w=300')
    take(manners, None)
    manners.note(ORIGIN, "hf-api", read_rate_limit(few, NOW))
    for _ in range(4):
        take(manners, None)
    assert [round(pause) for pause in pauses] == [25, 25, 25, 25]


def test_a_rest_can_be_reset(manners: RateLimiter, pauses: list[float]) -> None:
    manners.note(ORIGIN, "hf-api", read_rate_limit(answer(429, Retry_After="600"), NOW))
    standing = manners.standing(ORIGIN, {"hf-api": None})
    assert standing.reason == "HTTP 429 with Retry-After of 600 s"
    assert manners.reset_rest(ORIGIN)
    take(manners, None)
    assert pauses == []


def test_a_damaged_budget_file_is_made_anew(state: Path, pauses: list[float]) -> None:
    state.mkdir()
    (state / "budget.sqlite").write_bytes(b"rubbish" * 1000)
    manners = RateLimiter(state, 1)
    take(manners, Budget("hf-api", 20, 60))
    manners.close()
    with sqlite3.connect(state / "budget.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sent").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("page", range(9))
def test_damage_to_any_page_of_the_budget_file_is_found(state: Path, pauses: list[float], page: int) -> None:
    manners, file = RateLimiter(state, 1), state / "budget.sqlite"
    take(manners, Budget("hf-api", 20, 60))
    manners.keep_robots(ORIGIN, 200, "")
    manners.close()
    content = bytearray(file.read_bytes())
    assert len(content) == 9 * 4096
    content[page * 4096 : page * 4096 + 2048] = bytes(2048)
    file.write_bytes(content)
    again = RateLimiter(state, 1)
    assert again.standing(ORIGIN, {"hf-api": None}).used == {"hf-api": 0}
    assert again.robots(ORIGIN, 60) is None
    again.close()


def test_a_clock_that_was_set_back_blocks_nobody(
    manners: RateLimiter, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget("hf-api", 2, 60)
    monkeypatch.setattr("ingest.fetch.rate_limiter.now", lambda: time.time() + 10_000)
    take(manners, budget)
    monkeypatch.setattr("ingest.fetch.rate_limiter.now", time.time)
    take(manners, budget)
    assert pauses == []


@pytest.mark.parametrize(
    ("text", "budgets"),
    [
        (None, {}),
        ("hf-api=10/300, arxiv=1/0.5", {"hf-api": Budget("hf-api", 10, 300), "arxiv": Budget("arxiv", 1, 0.5, True)}),
    ],
)
def test_budgets_can_be_said(text: str | None, budgets: dict[str, Budget]) -> None:
    assert budgets_from_env(text) == budgets


@pytest.mark.parametrize("text", ["hf-api", "hf-api=0/300", "hf-api=1/0", "hf=1/1", "hf-api=x/1"])
def test_a_budget_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=REQUESTS/SECONDS"):
        budgets_from_env(text)


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [("http://127.0.0.1:80", True), ("http://[::1]", True), ("http://localhost:1", True), (ORIGIN, False)],
)
def test_only_loopback_has_no_budget_of_its_own(origin: str, loopback: bool) -> None:
    assert is_loopback(origin) is loopback
    assert (budget_for("hf-api", origin, {}) is None) is loopback


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120.0), ("", None), ("1.5", None), ("Sat, 01 Jan 2000 00:00:00 GMT", None), ("x" * 99, None)],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(answer(429, Retry_After=text), NOW) == seconds


@pytest.mark.parametrize(
    ("robots", "allows", "delay"),
    [
        (Robots(404, ""), True, 0),
        (Robots(200, ""), True, 0),
        (Robots(200, "User-agent: *\nDisallow: /papers"), False, 0),
        (Robots(200, "User-agent: *\nDisallow: /api\nCrawl-delay: 2"), True, 2),
        (Robots(200, "User-agent: dailypapers\nAllow: /\n\nUser-agent: *\nDisallow: /"), True, 0),
        (Robots(403, "User-agent: *\nDisallow: /"), True, 0),
        (Robots(200, "\x00\xff rubbish"), True, 0),
    ],
)
def test_robots(robots: Robots, allows: bool, delay: float) -> None:
    assert robots.allows(f"{ORIGIN}/papers/date/2025-12-10") is allows
    assert robots.delay() == delay


def test_instants_of_rests_are_in_utc() -> None:
    assert "2025-12-19 12:00:00 UTC" in str(SiteRests(ORIGIN, datetime(2025, 12, 19, 12, tzinfo=UTC).timestamp(), "x"))
