"""`python -m tests.benchmarks.crawlers.site FIRST DAYS PAPERS`: a paper site with all answers prepared.

It prints its URL when it is ready, and runs until it is killed. Only the crawlers are to be timed: making a page of
450 kB takes longer than any of them needs to read it.
"""

import signal
import sys
from copy import copy
from datetime import date, datetime, timedelta
from functools import cache

from dailypapers.ingest.sources.registry import SOURCES
from tests.papersite import Answer, PaperSite, Request

LATER = timedelta(days=40)
"""From the last day to the site's today: days this old are closed with one fetch."""


class ReadySite(PaperSite):
    """Makes each answer once; its clock stands still, so that answers stay valid."""

    def answer(self, request: Request) -> Answer:
        answer = copy(self._ready(request.method, request.target))
        answer.headers = list(answer.headers)
        return answer

    @cache  # noqa: B019 - the site lives as long as its process
    def _ready(self, method: str, target: str) -> Answer:
        return super().answer(Request(method, target))

    def warm(self, days: list[date]) -> None:
        """Make and compress both views of the days."""
        for day in days:
            for path in (view.path(day, None) for view in SOURCES["hf-daily"].views):
                self.serve(Request("GET", path, (("Accept-Encoding", "gzip"),)))


def days_from(first: date, number: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


def clock(days: list[date]) -> datetime:
    """The fixed time of such a site."""
    return datetime.fromisoformat(f"{days[-1] + LATER}T12:00:00Z")


def main(first: str, number: str, papers: str) -> None:
    days = days_from(date.fromisoformat(first), int(number))
    site = ReadySite(seed=1, sizes=dict.fromkeys(days, int(papers)), now=clock(days), remembered=4 * len(days))
    site.warm(days)
    with site:
        print(site.url, flush=True)
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
