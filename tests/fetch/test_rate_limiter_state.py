"""What the rate limiter stores, forgets and says: the files, the reasons of its waits, a clock that is set back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dailypapers.ingest.fetch.budgets import BUDGETS, Budget
from dailypapers.ingest.fetch.headers import RateLimitInfo
from dailypapers.ingest.fetch.rate_limiter import RateLimited, RateLimiter
from tests.fetch.limiter_clock import ORIGIN, Clock, take

OTHER = "https://other.example"
TOO_MANY = RateLimitInfo(slow_down=True, reason="HTTP 429")


def quota(remaining: int | None, reset: float | None, quota: int | None = 100) -> RateLimitInfo:
    return RateLimitInfo(slow_down=False, remaining=remaining, reset=reset, quota=quota)


def test_only_sites_with_one_connection_have_a_lock(state: Path, limiter: RateLimiter) -> None:
    take(limiter, Budget("hf-api", 500, 300))
    files = {"budget.sqlite", "budget.sqlite-wal", "budget.sqlite-shm", "budget.lock"}
    assert {path.name for path in state.iterdir()} == files
    take(limiter, BUDGETS["arxiv"], "arxiv")
    assert {path.name for path in state.iterdir()} == {*files, "https---site-example.lock"}


def test_each_wait_says_why(state: Path, clock: Clock) -> None:
    waits: list[tuple[float, str]] = []
    with closing(RateLimiter(state, 10_000, lambda seconds, reason: waits.append((seconds, reason)))) as limiter:
        take(limiter, delay=7.5)
        take(limiter, delay=7.5)
        limiter.record(ORIGIN, "hf-api", quota(0, 20))
        take(limiter)
        limiter.record(ORIGIN, "hf-api", quota(4, 40))
        clock.now += 1
        take(limiter)
        take(limiter)
        limiter.record(ORIGIN, "hf-api", TOO_MANY)
        take(limiter, None, "hf-pages")
    assert waits == [
        (7.5, "its robots.txt wants 7.5 s between requests"),
        (20, "the site says that the quota of hf-api is used up"),
        (9, "the site says that 4 requests of hf-api are left"),
        (10, "the site says that 3 requests of hf-api are left"),
        (1, "HTTP 429"),
    ]


def test_the_last_request_of_a_quota_waits_for_its_reset(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", quota(1, 100))
    take(limiter)
    assert clock.waits == [100]


@pytest.mark.parametrize(("remaining", "reset"), [(0, None), (None, 50)])
def test_half_of_a_quota_is_none(
    limiter: RateLimiter, clock: Clock, remaining: int | None, reset: float | None
) -> None:
    limiter.record(ORIGIN, "hf-api", quota(remaining, reset))
    take(limiter)
    assert clock.waits == []


def test_a_quota_of_unknown_size_is_used_to_its_end(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", quota(2, 100, None))
    clock.now += 1
    take(limiter)
    take(limiter)
    assert clock.waits == []
    take(limiter)
    assert clock.waits == [99]


def test_a_quota_is_of_one_bucket_of_one_site(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", quota(0, 100))
    take(limiter, None, "hf-pages")
    with limiter.turn(OTHER, "hf-api", None):
        pass
    assert clock.waits == []


@pytest.mark.parametrize("info", [quota(0, 100), RateLimitInfo(slow_down=True, backoff=100)])
def test_what_a_reset_allows_again(limiter: RateLimiter, clock: Clock, info: RateLimitInfo) -> None:
    limiter.record(ORIGIN, "hf-api", info)
    limiter.record(OTHER, "hf-api", info)
    assert limiter.reset_backoff(ORIGIN)
    assert not limiter.reset_backoff(ORIGIN)
    take(limiter)
    assert clock.waits == []
    # The other site still has its own.
    with limiter.turn(OTHER, "hf-api", None):
        pass
    assert clock.waits == [100]


def test_the_requests_of_a_bucket_without_a_budget_are_shown_for_five_minutes(
    limiter: RateLimiter, clock: Clock
) -> None:
    take(limiter)
    clock.now += 299
    assert limiter.usage(ORIGIN, {"hf-api": None, "site": None}).used == {"hf-api": 1, "site": 0}
    assert limiter.usage(OTHER, {"hf-api": None}).used == {"hf-api": 0}
    clock.now += 1
    assert limiter.usage(ORIGIN, {"hf-api": None}).used == {"hf-api": 0}


def test_a_backoff_from_before_the_clock_was_set_back_lasts_a_day_at_most(limiter: RateLimiter, clock: Clock) -> None:
    clock.now += 365 * 86_400
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=30))
    clock.now = 1_000_000
    with pytest.raises(RateLimited, match="1970-01-13 13:46:40 UTC"):
        take(limiter)


def test_requests_from_before_the_clock_was_set_back_are_forgotten(limiter: RateLimiter, clock: Clock) -> None:
    """Otherwise they would count once the clock reaches their time again."""
    hourly = Budget("hf-api", 2, 60)
    clock.now += 10_000
    take(limiter, hourly)
    with limiter.turn(OTHER, "hf-api", hourly):
        pass
    clock.now -= 10_000
    take(limiter, hourly)
    clock.now += 9_990
    take(limiter, hourly)
    assert clock.waits == []
    # Those to another site are not.
    with limiter.turn(OTHER, "hf-api", hourly):
        pass
    assert clock.waits == [70]


def test_a_429_that_names_its_time_counts_for_the_next_that_does_not(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=5))
    take(limiter)
    limiter.record(ORIGIN, "hf-api", TOO_MANY)
    take(limiter)
    assert clock.waits == [5, 2]


def test_a_robots_txt_is_cached_for_its_site_and_replaced(limiter: RateLimiter, clock: Clock) -> None:
    for status, text in ((200, "one"), (404, "two")):
        limiter.cache_robots(ORIGIN, status, text)
        assert limiter.cached_robots(ORIGIN, 60) == (status, text)
    assert limiter.cached_robots(OTHER, 60) is None
    clock.now += 59
    assert limiter.cached_robots(ORIGIN, 60) == (404, "two")
    clock.now += 1
    assert limiter.cached_robots(ORIGIN, 60) is None
