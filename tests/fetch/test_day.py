"""A pass over the views of a day: what is requested again at once, and what is not requested any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.archive.model import Fault, Fetch, Served, ViewPass
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.day import MAX_FAILED_DAYS, RETRY_EMPTY_AFTER, DayFetcher
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, SATURDAY, SERIES


@pytest.fixture
def fetcher(site: PaperSite, state: Path) -> Iterator[DayFetcher]:
    with SiteClient(Site(site.url, {}, "tests"), RateLimiter(state, 900), Traffic("papers")) as client:
        yield DayFetcher(client)


def fetch(fetcher: DayFetcher, day: date = DAY, *, had_papers: bool = False, at: datetime = NOW) -> Fetch:
    source_day = SourceDay(SOURCES["hf-daily"], SERIES, day)
    return fetcher.fetch(source_day, at, ParseCache(), had_papers=had_papers)


def requests(site: PaperSite, where: str) -> int:
    return len([entry for entry in site.log if entry.target.startswith(where)])


def reasons(view: ViewPass) -> list[str]:
    return [entry.reason if isinstance(entry, Fault) else f"{entry.page.status}" for entry in view.entries]


def test_all_views_are_fetched_once(site: PaperSite, fetcher: DayFetcher, pauses: list[float]) -> None:
    found = fetch(fetcher)
    assert (found.series, found.day, found.at, found.kind) == (SERIES, DAY, NOW, "fetch")
    assert [(view.view, reasons(view)) for view in found.views] == [("api", ["200"]), ("html", ["200"])]
    assert (requests(site, "/api/"), requests(site, "/papers"), pauses) == (1, 1, [])


def test_all_pages_of_a_listing_are_in_the_fetch_in_order(site: PaperSite, fetcher: DayFetcher) -> None:
    first = f"/api/daily_papers?date={BUSY}&limit=100"
    entries = fetch(fetcher, BUSY).views[0].entries
    urls = [entry.page.url for entry in entries if isinstance(entry, Served)]
    assert urls == [f"{site.url}{first}", f"{site.url}{first}&p=1"]
    site.switches.append(switches.redirect(f"{first}&p=1", "/elsewhere"))
    assert reasons(fetch(fetcher, BUSY).views[0]) == ["200", "302", "404"]


def test_a_view_that_failed_on_three_days_is_not_requested_any_more(site: PaperSite, fetcher: DayFetcher) -> None:
    site.switches.append(switches.down("/api/", 404))
    days = [DAY - timedelta(days=number) for number in range(MAX_FAILED_DAYS + 2)]
    found = [reasons(fetch(fetcher, day).views[0]) for day in days]
    skipped = "not requested: it failed on the 3 days before in this run"
    assert found == [["404"]] * 3 + [[skipped]] * 2
    assert (requests(site, "/api/"), requests(site, "/papers")) == (MAX_FAILED_DAYS, len(days))
    (fault,) = fetch(fetcher).views[0].entries
    assert isinstance(fault, Fault)
    assert fault.url == f"/api/daily_papers?date={DAY}&limit=100"


def test_a_success_between_failures_begins_the_count_again(site: PaperSite, fetcher: DayFetcher) -> None:
    for day in range(2 * MAX_FAILED_DAYS):
        site.switches[:] = [] if day % MAX_FAILED_DAYS == 2 else [switches.down("/api/", 404)]
        assert isinstance(fetch(fetcher).views[0].entries[0], Served)
    assert requests(site, "/api/") == 2 * MAX_FAILED_DAYS


def test_a_page_that_a_later_parser_may_read_does_not_count_as_a_failure(site: PaperSite, fetcher: DayFetcher) -> None:
    site.switches.append(switches.shape("/api/", {"new": []}))
    for _ in range(MAX_FAILED_DAYS + 1):
        assert reasons(fetch(fetcher).views[0]) == ["200"]


@pytest.mark.parametrize("where", ["/api/", "/papers"])
def test_an_empty_answer_of_a_day_that_has_papers_is_requested_again(
    site: PaperSite, fetcher: DayFetcher, pauses: list[float], where: str
) -> None:
    site.switches.append(switches.times(1, where, switches.items(where, lambda _: [])))
    found = fetch(fetcher)
    assert (requests(site, where), pauses) == (2, [RETRY_EMPTY_AFTER])
    assert [reasons(view) for view in found.views] == [["200"], ["200"]]
    assert RETRY_EMPTY_AFTER <= fetcher.client._traffic.waited < RETRY_EMPTY_AFTER + 60


@pytest.mark.parametrize(
    ("day", "had_papers", "again"),
    [(SATURDAY, False, False), (SATURDAY, True, True), (NOW.date(), False, False), (NOW.date(), True, True)],
)
def test_an_empty_answer_is_requested_again_only_if_papers_are_expected(
    site: PaperSite, fetcher: DayFetcher, day: date, had_papers: bool, again: bool
) -> None:
    site.switches.append(switches.items(lambda request: "papers" in request.target, lambda _: []))
    fetch(fetcher, day, had_papers=had_papers)
    assert requests(site, "/api/") == 1 + again


def test_a_captcha_is_requested_again_once(site: PaperSite, fetcher: DayFetcher, pauses: list[float]) -> None:
    site.switches.append(switches.challenge("/papers"))
    fetch(fetcher)
    assert (requests(site, "/papers"), pauses) == (2, [RETRY_EMPTY_AFTER])


def test_a_view_that_is_empty_after_one_with_papers_is_requested_again(site: PaperSite, fetcher: DayFetcher) -> None:
    """At noon of the day, when it may still be empty."""
    site.switches.append(switches.items("/papers", lambda _: []))
    fetch(fetcher, at=datetime.combine(DAY, time(12), UTC))
    assert (requests(site, "/api/"), requests(site, "/papers")) == (1, 2)


@pytest.mark.parametrize(("before", "tries"), [(timedelta(0), 2), (timedelta(seconds=1), 1)])
def test_a_day_must_have_papers_from_its_end_on(
    site: PaperSite, fetcher: DayFetcher, before: timedelta, tries: int
) -> None:
    site.switches.append(switches.items(lambda request: "papers" in request.target, lambda _: []))
    fetch(fetcher, at=datetime.combine(DAY + timedelta(days=1), time(), UTC) - before)
    assert requests(site, "/api/") == tries


def test_a_view_with_its_own_site_is_requested_there_and_only_if_it_changed(
    site: PaperSite, fetcher: DayFetcher, pauses: list[float]
) -> None:
    api, html = SOURCES["hf-daily"].views
    with PaperSite(seed=1, now=NOW, sizes={DAY: 12}, etag=True) as other:
        source = SOURCES["hf-daily"]._replace(views=(api, html._replace(site=other.url, slow=True)))
        source_day, parse_cache = SourceDay(source, SERIES, DAY), ParseCache()
        first = fetcher.fetch(source_day, NOW, parse_cache)
        assert [requests(each, "/papers") for each in (site, other)] == [0, 1]
        assert len(parse_cache.pages) == 2
        assert fetcher.client._is_slow
        assert fetcher.client.sent == {"hf-api": 1, "hf-pages": 1}
        pages = [entry for view in first.views for entry in view.entries if isinstance(entry, Served)]
        again = DayFetcher(fetcher.client, {entry.page.url: entry for entry in pages})
        again.fetch(source_day, NOW + timedelta(hours=1), parse_cache)
        assert [line.status for line in other.log if line.target.startswith("/papers")] == [200, 304]
        assert pauses == []
