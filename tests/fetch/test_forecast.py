"""The forecast of waits is what the rate limiter then does."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailypapers.ingest.fetch.budgets import BUDGETS, Budget, finish_time
from dailypapers.ingest.fetch.rate_limiter import RateLimiter

ORIGIN = "https://site.example"


@pytest.mark.parametrize("earlier", [0, 1, 7, 19, 25])
@pytest.mark.parametrize("requests", [1, 12, 19, 20, 38, 39, 130])
def test_the_forecast_is_the_sum_of_the_waits(state: Path, pauses: list[float], earlier: int, requests: int) -> None:
    limiter, budget = RateLimiter(state, max_wait=900), Budget("hf-api", 20, 60)
    for _ in range(earlier):
        send(limiter, budget)
        pauses.append(2.0)
    forecast = limiter.forecast(ORIGIN, "hf-api", budget, requests, work=0.0, wait=0.0)
    waited = sum(pauses)
    for _ in range(requests):
        send(limiter, budget)
    assert sum(pauses) - waited == pytest.approx(forecast, abs=0.01)
    limiter.close()


def test_each_wait_is_reported_before_it_begins(state: Path, pauses: list[float]) -> None:
    waits: list[tuple[float, str, int]] = []
    limiter = RateLimiter(state, 900, lambda seconds, reason: waits.append((seconds, reason, len(pauses))))
    for _ in range(3):
        send(limiter, Budget("hf-api", 2, 60))
    assert waits == [(pauses[n], "the budget hf-api of 2 requests in 60 s is used up", n) for n in range(len(pauses))]
    assert pauses
    limiter.close()


def test_a_year_of_pages_takes_three_periods_and_the_work() -> None:
    assert finish_time(365, 36.5, BUDGETS["hf-pages"], (), 0.0) == pytest.approx(900 + 80 * 0.1)


def test_work_slower_than_the_budget_is_all_there_is_to_wait_for() -> None:
    assert finish_time(1000, 4000.0, BUDGETS["hf-pages"], (), 100.0) == pytest.approx(4100.0)
    assert finish_time(1000, 4.0, None, (), 100.0) == 104.0


def test_no_requests_take_the_work_alone() -> None:
    assert finish_time(0, 3.0, Budget("hf-api", 20, 60), [5.0] * 30, 5.0) == 8.0
    assert finish_time(1, 3.0, Budget("hf-api", 20, 60), [5.0] * 19, 5.0) == 68.0


def send(limiter: RateLimiter, budget: Budget) -> None:
    """One request."""
    with limiter.turn(ORIGIN, "hf-api", budget):
        pass
