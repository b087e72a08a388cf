"""What tests of the rate limiter share: a clock that they move, and a request."""

from __future__ import annotations

from dailypapers.ingest.fetch.budgets import Budget
from dailypapers.ingest.fetch.rate_limiter import RateLimiter

ORIGIN = "https://site.example"


class Clock:
    """The time in whole seconds; a wait moves it and is noted."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def take(limiter: RateLimiter, budget: Budget | None = None, bucket: str = "hf-api", delay: float = 0) -> None:
    """One request."""
    with limiter.turn(ORIGIN, bucket, budget, delay):
        pass
