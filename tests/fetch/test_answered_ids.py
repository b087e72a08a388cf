"""Which ids were answered in the last day, from the archived fetches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.fetch import known_ids as ids
from dailypapers.ingest.fetch.client import Site, SiteClient
from dailypapers.ingest.fetch.known_ids import REST, IdFetcher, answered_ids
from dailypapers.ingest.fetch.rate_limiter import RateLimiter
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.ingest.listing.view_reader import ParseCache
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import switches
from tests.papersite.arxiv.site import ArxivSite

NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)
PAPERS = SourceSeries(SOURCES["arxiv-papers"], Series("arxiv-papers", "hf-daily"))
IDS = ["2512.00001", "2512.00002", "2512.00003"]
Ask = Callable[[datetime, list[str]], None]


@pytest.fixture
def arxiv() -> Iterator[ArxivSite]:
    with ArxivSite(now=NOW) as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def ask(store: Store, arxiv: ArxivSite, state: Path) -> Iterator[Ask]:
    """Requests ids at a time, and archives the answers on its day."""
    site = Site(arxiv.url, {}, "tests", serves_all=True)
    with SiteClient(site, RateLimiter(state, 900), Traffic("arxiv")) as client:

        def ask(at: datetime, wanted: list[str]) -> None:
            source_day = PAPERS.on(at.date())
            write_fetch(store, IdFetcher(client, wanted).fetch(source_day, at, ParseCache()), {})

        yield ask


def test_the_answers_of_the_last_24_hours_count_with_the_newest_time(store: Store, ask: Ask) -> None:
    assert (REST, answered_ids(store, PAPERS, NOW)) == (timedelta(hours=24), {})
    times = [NOW - REST, NOW - REST + timedelta(seconds=1), NOW - timedelta(hours=1)]
    for at, wanted in zip(times, ([IDS[0]], IDS[1:], IDS[2:]), strict=True):
        ask(at, wanted)
    assert answered_ids(store, PAPERS, NOW) == {IDS[1]: times[1], IDS[2]: times[2]}
    assert answered_ids(store, PAPERS, NOW - timedelta(seconds=1)).keys() == {*IDS}
    assert answered_ids(store, PAPERS, NOW + timedelta(days=2)) == {}


def test_the_ids_of_a_page_that_is_no_answer_do_not_count(
    store: Store, arxiv: ArxivSite, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "BATCH", 1)
    arxiv.switches.append(switches.when(lambda request: IDS[1] in request.target, switches.down("/", 404)))
    ask(NOW, IDS)
    assert answered_ids(store, PAPERS, NOW) == {IDS[0]: NOW}


def test_a_site_that_does_not_answer_has_answered_no_id(
    store: Store, arxiv: ArxivSite, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(NOW - timedelta(hours=2), IDS[:1])
    with arxiv.refusing():
        ask(NOW, IDS)
    assert answered_ids(store, PAPERS, NOW) == {IDS[0]: NOW - timedelta(hours=2)}
