"""`paper_history`: the arXiv versions of a paper, now and as they were known at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.mcp import tools
from dailypapers.mcp.days import Context
from dailypapers.mcp.server import call
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import switches
from tests.papersite.arxiv.site import ArxivSite
from tests.product import Product
from tests.support.catalog_days import DAILY, NEW, at, paper, write_day

DAY = date(2026, 8, 11)
NOON = datetime(2026, 8, 16, 12, tzinfo=UTC)
DESCRIBED = Series("arxiv-papers", "hf-daily")


def versions(store: Store, key: str, **values: Any) -> list[dict[str, Any]]:
    context = Context(store, lambda: NOON + timedelta(days=9))
    answer = call(context, "paper_history", {"key": key, **values})
    found: list[dict[str, Any]] = orjson.loads(answer.model_dump_json())["versions"]
    return found


def listed(store: Store, series: Series, number: int, **fields: Any) -> None:
    day = DAY + timedelta(days=number)
    made = paper("Lamps that sleep", source=series.source, day=day, arxiv_id="2608.00001", **fields)
    write_day(store, series, day, [made], at(day))


def test_each_version_comes_once_with_the_day_that_showed_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    listed(store, DAILY, 0)
    listed(store, NEW, 1, arxiv_version=1)
    listed(store, Series("arxiv-new", "cs.LG"), 2, arxiv_version=1)
    listed(store, DESCRIBED, 3, arxiv_version=2, updated=DAY + timedelta(days=2))
    with open_catalog(store):
        found = versions(store, "2608.00001")
    first = {"source": "arxiv-new", "query": "cs.CL", "day": "2026-08-12", "number": 1, "updated": None}
    second = {"source": "arxiv-papers", "query": "hf-daily", "day": "2026-08-14", "number": 2, "updated": "2026-08-13"}
    assert found == [first | {"seen_by": "2026-08-12T12:00:00Z"}, second | {"seen_by": "2026-08-14T12:00:00Z"}]
    # Page by page, each has the versions of its own days.
    monkeypatch.setattr(tools, "MAX_LISTINGS", 2)
    pages = [versions(store, "2608.00001", cursor=cursor) for cursor in (None, "2")]
    assert [[each["number"] for each in page] for page in pages] == [[1], [1, 2]]


def test_a_paper_that_no_listing_shows_with_a_version_has_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    listed(store, DAILY, 0)
    with open_catalog(store):
        assert versions(store, "2608.00001") == versions(store, "2608.99999") == []


def test_as_of_a_time_it_is_the_version_that_the_day_showed_then(product: Product) -> None:
    words = ("run", "arxiv-api", "--query", "cat:cs.CL", "--day", f"{DAY}")
    with ArxivSite(now=NOON) as site:
        assert product(*words, "--endpoint", f"arxiv={site.url}", now=NOON).status == 0
        series = Series("arxiv-api", "cat:cs.CL")
        rows = map(orjson.loads, product.store.papers(series, DAY).read_bytes().splitlines())
        name = next(row["arxiv_id"] for row in rows if row["arxiv_version"] == 1)
        site.switches.append(
            switches.body("/api/query", lambda page: page.replace(f"{name}v1".encode(), f"{name}v2".encode()))
        )
        later = site.now = NOON + timedelta(hours=13)
        assert product(*words, "--endpoint", f"arxiv={site.url}", now=later).status == 0
    with open_catalog(product.store):
        now = versions(product.store, name)
    assert [(each["number"], each["day"]) for each in now] == [(2, f"{DAY}")]
    before = versions(product.store, name, as_of="2026-08-16T18:00:00Z")
    assert [(each["number"], each["seen_by"]) for each in before] == [(1, "2026-08-16T12:00:00Z")]
    assert versions(product.store, name, as_of="2026-08-16T06:00:00Z") == []
