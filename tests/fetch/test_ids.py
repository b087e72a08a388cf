"""Papers that are fetched by their ids, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.ingest.archive.model import Fetch, Served
from dailypapers.ingest.fetch import known_ids as ids
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.known_ids import IdFetcher
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.sources.arxiv import ids_of_url
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series
from tests.papersite import PaperSite, switches
from tests.papersite.arxiv.site import ArxivSite

AT = datetime(2025, 12, 19, 12, tzinfo=UTC)
DAY = date(2025, 12, 19)
SERIES = Series("arxiv-papers", "hf-daily")
IDS = ["2512.00001", "2512.00002", "2512.00003", "2512.00004", "math/0309136"]


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(now=AT) as site:
        yield site


def fetch(arxiv: ArxivSite, state: Path, wanted: list[str]) -> Fetch:
    site = Site(arxiv.url, {}, "tests", serves_all=True)
    with SiteClient(site, RateLimiter(state, 900), Traffic("arxiv")) as client:
        return IdFetcher(client, wanted).fetch(SourceDay(SOURCES["arxiv-papers"], SERIES, DAY), AT, ParseCache())


def requested(arxiv: ArxivSite) -> list[list[str]]:
    return [ids_of_url(arxiv.url + line.target) for line in arxiv.log if line.path == "/api/query"]


def test_ids_are_requested_in_batches(arxiv: ArxivSite, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "BATCH", 2)
    found = fetch(arxiv, state, IDS)
    assert requested(arxiv) == [IDS[:2], IDS[2:4], IDS[4:]]
    assert all(line.target.endswith("&start=0&max_results=2") for line in arxiv.log if line.path == "/api/query")
    assert (found.series, found.day, found.at, [view.view for view in found.views]) == (SERIES, DAY, AT, ["api"])
    pages = [entry.page for entry in found.views[0].entries if isinstance(entry, Served)]
    assert [(page.status, page.fetched_at) for page in pages] == [(200, AT)] * 3


def test_a_batch_that_fails_ends_the_fetch(arxiv: ArxivSite, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "BATCH", 2)
    arxiv.switches.append(switches.when(lambda request: IDS[2] in request.target, switches.down("/", 404)))
    found = fetch(arxiv, state, IDS)
    assert requested(arxiv) == [IDS[:2], IDS[2:4]]
    assert [entry.page.status for entry in found.views[0].entries if isinstance(entry, Served)] == [200, 404]


def test_no_ids_are_no_request(arxiv: ArxivSite, state: Path) -> None:
    assert fetch(arxiv, state, []).views[0].entries == ()
    assert arxiv.log == []


def test_ids_are_written_as_they_are_and_requested_at_the_site_of_the_view(
    arxiv: ArxivSite, site: PaperSite, state: Path
) -> None:
    source = SOURCES["arxiv-papers"]
    source = source._replace(views=(source.views[0]._replace(site=arxiv.url),))
    parse_cache = ParseCache()
    with SiteClient(Site(site.url, {}, "tests"), RateLimiter(state, 900), Traffic("arxiv")) as client:
        IdFetcher(client, IDS).fetch(SourceDay(source, SERIES, DAY), AT, parse_cache)
        assert client.sent == {"arxiv": 1}
    (line,) = (line for line in arxiv.log if line.path == "/api/query")
    assert f"id_list={','.join(IDS)}&start=0&max_results=100" in line.target
    assert not [line for line in site.log if line.path != "/robots.txt"]
    assert len(parse_cache.pages) == 1
