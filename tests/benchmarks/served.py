"""The inputs: a day of 50 invented papers, both views of it as the paper site serves them, content-decoded."""

from dataclasses import dataclass
from datetime import date
from functools import cache

import httpx

from dailypapers.parsers.model import Page
from tests.papersite import PaperSite

DAY = date(2025, 12, 8)
PAPERS = 50
SOURCE = "hf-daily"


@dataclass(frozen=True)
class Served:
    """The two views of one day."""

    page: Page
    answer: Page


@cache
def served() -> Served:
    """The day, fetched once."""
    with PaperSite(seed=1, sizes={DAY: PAPERS}) as site:
        return Served(
            _get(f"{site.url}/papers/date/{DAY}"),
            _get(f"{site.url}/api/daily_papers?date={DAY}&limit=100"),
        )


def _get(url: str) -> Page:
    answer = httpx.get(url).raise_for_status()
    return Page(url, answer.status_code, tuple(answer.headers.multi_items()), answer.content, None)


def size(page: Page) -> str:
    """How large its body is, in words."""
    return f"{len(page.body):,} bytes, {PAPERS} papers"
