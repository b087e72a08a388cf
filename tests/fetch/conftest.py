"""Clients of the paper site, and a rate limiter whose clock is moved by its waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from tests.fetch.limiter_clock import Clock
from tests.fetch.site_client import Connect
from tests.papersite import PaperSite


@pytest.fixture
def connect(site: PaperSite, state: Path) -> Iterator[Connect]:
    """Makes clients of the site, with the settings given."""
    clients: list[SiteClient] = []

    def make(origin: str = site.url, max_wait: float = 900, **settings: object) -> SiteClient:
        settings = {"budgets": {}, "user_agent": "tests"} | settings
        client = SiteClient(Site(origin, **settings), RateLimiter(state, max_wait), Traffic("papers"))  # type: ignore[arg-type]
        clients.append(client)
        return client

    yield make
    for client in clients:
        with client:
            pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.now", lambda: clock.now)
    monkeypatch.setattr("dailypapers.ingest.fetch.rate_limiter.sleep", clock.sleep)
    return clock


@pytest.fixture
def limiter(state: Path, clock: Clock) -> Iterator[RateLimiter]:
    """A limiter that waits for up to 900 seconds."""
    limiter = RateLimiter(state, max_wait=900)
    yield limiter
    limiter.close()
