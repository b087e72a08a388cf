"""The rate limiter at the edges: exact times, long waits, other processes, a clock that is set back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dailypapers.ingest.fetch.budgets import Budget
from dailypapers.ingest.fetch.headers import RateLimitInfo
from dailypapers.ingest.fetch.rate_limiter import MAX_BACKOFF, RateLimited, RateLimiter, SiteUsage, now, sleep
from tests.fetch.limiter_clock import ORIGIN, Clock, take

TOO_MANY = RateLimitInfo(slow_down=True, reason="HTTP 429")
FINE = RateLimitInfo(slow_down=False)
TEN_IN_A_MINUTE = Budget("hf-api", 11, 60)
"""Of which ten are used."""


def test_an_answer_in_flight_does_not_end_the_backoff_of_another_process(
    state: Path, limiter: RateLimiter, clock: Clock
) -> None:
    other = RateLimiter(state, max_wait=0)
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=30))
    # Requested before the 429, answered after it.
    other.record(ORIGIN, "hf-api", FINE)
    with pytest.raises(RateLimited):
        take(other)
    clock.now += 29
    other.record(ORIGIN, "hf-api", FINE)
    with pytest.raises(RateLimited):
        take(other)
    clock.now += 1
    take(other)
    other.close()


def test_a_shorter_backoff_does_not_end_a_longer_one(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=30))
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=5))
    take(limiter)
    assert clock.waits == [30]


def test_thousands_of_429_in_a_row_without_a_time(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(2100):
        limiter.record(ORIGIN, "hf-api", TOO_MANY)
    take(limiter)
    assert clock.waits == [MAX_BACKOFF]


def test_the_backoff_doubles_up_to_its_limit(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(11):
        limiter.record(ORIGIN, "hf-api", TOO_MANY)
        take(limiter)
    assert clock.waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_wait_may_be_exactly_as_long_as_accepted(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=900))
    take(limiter)
    assert clock.waits == [900]
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=901))
    with pytest.raises(RateLimited, match="1970-01-12 14:16:41 UTC"):
        take(limiter)
    assert clock.waits == [900]


def test_the_waits_of_one_request_are_added_up(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=600))
    take(limiter)
    # A longer backoff that another process records during the wait counts from there.
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=600))
    sleep = clock.sleep

    def interrupted(seconds: float) -> None:
        sleep(seconds)
        assert len(clock.waits) < 10
        limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=301))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dailypapers.ingest.fetch.rate_limiter.sleep", interrupted)
        with pytest.raises(RateLimited):
            take(limiter)


def test_a_budget_is_free_again_exactly_at_the_end_of_its_period(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(10):
        take(limiter, TEN_IN_A_MINUTE)
    clock.now += 59
    take(limiter, TEN_IN_A_MINUTE)
    assert clock.waits == [1]
    # The other nine fell out of the period with the first.
    for _ in range(9):
        take(limiter, TEN_IN_A_MINUTE)
    assert clock.waits == [1]
    take(limiter, TEN_IN_A_MINUTE)
    assert clock.waits == [1, 60]


def test_a_crawl_delay_ends_exactly_in_time(limiter: RateLimiter, clock: Clock) -> None:
    take(limiter, delay=7)
    clock.now += 7
    take(limiter, delay=7)
    clock.now += 6
    take(limiter, delay=7)
    assert clock.waits == [1]


@pytest.mark.parametrize("budget", [TEN_IN_A_MINUTE, Budget("site", 1, 3, alone=True), None])
def test_a_crawl_delay_longer_than_the_period_of_the_budget_is_kept(
    state: Path, limiter: RateLimiter, clock: Clock, budget: Budget | None
) -> None:
    take(limiter, budget, delay=600)
    impatient = RateLimiter(state, max_wait=10)
    clock.now += 400
    for bucket in ("hf-api", "hf-pages"):
        # Neither a request that is refused nor one without that delay may make the site forget the last one.
        with pytest.raises(RateLimited):
            take(impatient, budget, bucket, delay=600)
    impatient.close()
    take(limiter, budget, delay=600)
    assert clock.waits == [200]


def test_a_budget_counts_although_another_bucket_has_none(limiter: RateLimiter, clock: Clock) -> None:
    hourly = Budget("hf-pages", 1, 3800)
    take(limiter, hourly, "hf-pages")
    clock.now += 3100
    take(limiter, None, "hf-api")
    take(limiter, hourly, "hf-pages")
    assert clock.waits == [900]


def test_the_requests_of_a_quota_count_until_it_is_reset(limiter: RateLimiter, clock: Clock) -> None:
    """A quota may be reset long after the period of the budget."""
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=False, remaining=3, reset=1000, quota=10))
    for _ in range(2):
        clock.now += 1
        take(limiter, TEN_IN_A_MINUTE)
    clock.now += 400
    take(limiter, TEN_IN_A_MINUTE)
    clock.now += 400
    assert clock.waits == []
    take(limiter, TEN_IN_A_MINUTE)
    assert clock.waits == [198]


def test_the_last_tenth_of_a_quota_is_spread(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=False, remaining=11, reset=100, quota=100))
    clock.now += 1
    # 11 and 10 of 100 are left: no wait yet; then the rest is spread over the time.
    take(limiter)
    take(limiter)
    assert clock.waits == []
    take(limiter)
    assert clock.waits == [pytest.approx(100 / 11)]


def test_old_requests_are_forgotten(state: Path, limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(50):
        take(limiter, None)
        clock.now += 100
    usage = limiter.usage(ORIGIN, {"hf-api": Budget("hf-api", 1, 10**8)})
    assert usage.used == {"hf-api": 3}


def test_a_budget_of_an_hour_counts_an_hour(limiter: RateLimiter, clock: Clock) -> None:
    hourly = Budget("hf-api", 4, 3600)
    for _ in range(3):
        take(limiter, hourly)
        clock.now += 1000
    assert clock.waits == []
    take(limiter, hourly)
    assert clock.waits == [600]


def test_the_usage_is_that_of_the_period(limiter: RateLimiter, clock: Clock) -> None:
    take(limiter, TEN_IN_A_MINUTE)
    clock.now += 59
    assert limiter.usage(ORIGIN, {"hf-api": TEN_IN_A_MINUTE}).used == {"hf-api": 1}
    clock.now += 1
    assert limiter.usage(ORIGIN, {"hf-api": TEN_IN_A_MINUTE}).used == {"hf-api": 0}


def test_nothing_from_after_the_present_counts(limiter: RateLimiter, clock: Clock) -> None:
    """The clock was set back by a year."""
    clock.now += 365 * 86_400
    for _ in range(10):
        take(limiter, TEN_IN_A_MINUTE, delay=600)
        clock.now += 600
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=False, remaining=0, reset=1000, quota=10))
    clock.now, clock.waits = 1_000_000.0, []
    take(limiter, TEN_IN_A_MINUTE, delay=600)
    assert clock.waits == []


def test_a_backoff_that_is_over_is_not_shown(limiter: RateLimiter, clock: Clock) -> None:
    limiter.record(ORIGIN, "hf-api", RateLimitInfo(slow_down=True, backoff=30, reason="busy"))
    clock.now += 29
    assert limiter.usage(ORIGIN, {}).reason == "busy"
    clock.now += 1
    assert limiter.usage(ORIGIN, {}).reason is None
    assert not limiter.reset_backoff(ORIGIN)


def test_the_usage_of_a_site_that_was_never_requested_makes_no_file(limiter: RateLimiter, state: Path) -> None:
    assert limiter.usage(ORIGIN, {"hf-api": TEN_IN_A_MINUTE, "site": None}) == SiteUsage(
        {"hf-api": 0, "site": 0}, None, None
    )
    assert not state.exists()


def test_a_quota_that_is_used_up_is_shown_until_its_end(limiter: RateLimiter, clock: Clock) -> None:
    for bucket, remaining, reset in (("hf-api", 0, 50), ("hf-pages", 0, 70), ("site", 1, 90)):
        limiter.record(ORIGIN, bucket, RateLimitInfo(slow_down=False, remaining=remaining, reset=reset))
    used_up = "the site says that the quota of hf-pages is used up"
    assert limiter.usage(ORIGIN, {}) == SiteUsage({}, clock.now + 70, used_up)
    assert limiter.usage("https://other.example", {}) == SiteUsage({}, None, None)
    # A backoff is said first.
    limiter.record(ORIGIN, "site", RateLimitInfo(slow_down=True, backoff=30, reason="busy"))
    assert limiter.usage(ORIGIN, {}) == SiteUsage({}, clock.now + 30, "busy")
    clock.now += 70
    assert limiter.usage(ORIGIN, {}) == SiteUsage({}, None, None)


def test_the_clock_of_the_machine_is_read_and_waited_by() -> None:
    """The functions that other tests replace."""
    begin = time.time()
    sleep(0.02)
    assert begin + 0.02 <= now() + 0.001
    assert now() <= time.time()
