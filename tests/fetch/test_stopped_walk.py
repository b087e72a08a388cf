"""Which fetches store their pages one by one, and when a walk that ended was not of one list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dailypapers.ingest.archive.model import Entry, Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.walk import Walk
from dailypapers.ingest.fetch.day import changed_meanwhile, open_walk
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store

DAY, SERIES = date(2026, 8, 13), Series("arxiv-oai")
BEGUN = datetime(2026, 10, 20, 12, tzinfo=UTC)
AFTER_THE_UPDATE = datetime(2026, 10, 21, 2, tzinfo=UTC)
URL = "https://oaipmh.arxiv.org/oai?page=1"
OAI = SourceDay(SOURCES["arxiv-oai"], SERIES, DAY)
PAGE = served(Page(URL, 200, (("Content-Type", "text/xml"),), b"<a/>", BEGUN))
FAULT = Fault(URL, "refused")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def opened(store: Store, now: datetime = BEGUN) -> Walk:
    walk = open_walk(store, OAI, {}, now)
    assert walk is not None
    return walk


def fetch_of(*entries: Entry) -> Fetch:
    return Fetch(SERIES, DAY, BEGUN, (ViewPass("records", entries),))


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.fetched])
def test_a_source_is_walked_if_its_pages_name_each_other(store: Store, name: str) -> None:
    walk = open_walk(store, SourceDay(SOURCES[name], Series(name), DAY), {}, BEGUN)
    assert (walk is not None) is (name == "arxiv-oai")


def test_a_source_with_two_views_is_not_walked(store: Store) -> None:
    (view,) = OAI.source.views
    source = OAI.source._replace(views=(view, view._replace(name="other")))
    assert open_walk(store, OAI._replace(source=source), {}, BEGUN) is None


def test_pages_are_of_the_walk_that_began_before_the_update(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    opened(store).add(BEGUN, [PAGE])
    walk = opened(store, BEGUN.replace(hour=23))
    assert (walk.begun, len(store.parts(SERIES, DAY)), caplog.messages) == (BEGUN, 1, [])
    with caplog.at_level("WARNING"):
        walk = opened(store, AFTER_THE_UPDATE)
    assert (walk.begun, store.parts(SERIES, DAY), len(store.archives(SERIES, DAY))) == (None, [], 1)
    assert caplog.messages == [
        "arxiv-oai 2026-08-13: 1 pages of 2026-10-20T12:00:00Z are archived as an incomplete fetch"
    ]


@pytest.mark.parametrize(
    ("entries", "now", "has_changed"),
    [
        ([PAGE], AFTER_THE_UPDATE, True),
        ([FAULT, PAGE], AFTER_THE_UPDATE, True),
        ([PAGE], BEGUN.replace(hour=23), False),
        ([PAGE, FAULT], AFTER_THE_UPDATE, False),
        ([], AFTER_THE_UPDATE, False),
    ],
)
def test_a_walk_that_an_update_divides_has_failed(
    store: Store, entries: list[Entry], now: datetime, has_changed: bool
) -> None:
    walk = opened(store)
    # Before a page is stored, there is no time from which the list may have changed.
    assert changed_meanwhile(walk, OAI, fetch_of(*entries), now) == []
    walk.add(BEGUN, [PAGE])
    reason = f"{URL}: the site updated its records while their pages were read"
    assert changed_meanwhile(walk, OAI, fetch_of(*entries), now) == ([Fault(URL, reason)] if has_changed else [])
