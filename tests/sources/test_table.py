"""The table of sources: which addresses a run requests, by which parser they are read, which budget they count against.

Its modules are executed again: mistakes are planted in functions, and those that make the table run at import.
"""

from __future__ import annotations

import pickle
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.sources import arxiv as arxiv_table
from dailypapers.ingest.sources import registry
from dailypapers.ingest.sources.calendars import Period, every_day
from dailypapers.ingest.sources.hugging_face import ListingQuery
from dailypapers.ingest.sources.model import Source
from dailypapers.ingest.sources.registry import SOURCES, daily

DAY = date(2025, 12, 10)
HF, API, PAGES = "https://huggingface.co", "hf-api", "hf-pages"
HF_ADDRESSES = {
    "hf-daily": ("/api/daily_papers?date=2025-12-10&limit=100", "/papers/date/2025-12-10", 100),
    "hf-weekly": ("/api/daily_papers?week=2025-W50&limit=100", "/papers/week/2025-W50", 100),
    "hf-monthly": ("/api/daily_papers?month=2025-12&limit=100", "/papers/month/2025-12", 100),
    "hf-trending": ("/api/daily_papers?sort=trending&limit=100", "/papers/trending", None),
    "hf-search": ("/api/papers/search?q=a%20%26b&limit=120", "/papers?q=a%20%26b", None),
}
ARXIV_ADDRESSES = {
    "arxiv-new": ["https://arxiv.org/list/cs.CL/new?skip=0&show=2000", "https://rss.arxiv.org/rss/cs.CL"],
    "arxiv-catchup": ["https://arxiv.org/catchup/cs.CL/2025-12-10?abs=True&page=1"],
    "arxiv-list": ["https://arxiv.org/list/cs.CL/2025-12?skip=0&show=2000"],
    "arxiv-api": [
        "https://export.arxiv.org/api/query?search_query=%28cat%3Acs.CL%29+AND+submittedDate:"
        "%5B202512100000+TO+202512102359%5D&start=0&max_results=1000&sortBy=submittedDate&sortOrder=ascending"
    ],
    "arxiv-oai": [
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXiv&from=2025-12-10&until=2025-12-10&set=cs"
    ],
}


def executed(module: Any) -> dict[str, Any]:
    return runpy.run_path(str(Path(module.__file__)), run_name=module.__name__)


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    table: dict[str, Source] = executed(registry)["READABLE"]
    return table


def addresses(source: Source, query: str | None) -> list[str]:
    return [(view.site or source.site) + view.path(DAY, query) for view in source.views]


@pytest.mark.parametrize("name", HF_ADDRESSES)
def test_listings_of_hugging_face_have_two_views(sources: dict[str, Source], name: str) -> None:
    source, (api, page, size) = sources[name], HF_ADDRESSES[name]
    assert addresses(source, "a &b") == [HF + api, HF + page]
    assert [view[:3] for view in source.views] == [("api", "hf_api", "json"), ("html", "hf_html", "html")]
    assert [(view.bucket, view.page_size, view.site, view.slow) for view in source.views] == [
        (API, size, None, False),
        (PAGES, None, None, False),
    ]
    for view, url in zip(source.views, (api, page), strict=True):
        asked = view.parse_url(HF + url)
        assert asked is not None
        assert (asked.kind, asked.query) == (source.kind, "a &b" if source.takes_query else None)


@pytest.mark.parametrize("name", ARXIV_ADDRESSES)
def test_addresses_of_arxiv(name: str) -> None:
    query = {"arxiv-api": "cat:cs.CL", "arxiv-oai": "cs"}.get(name, "cs.CL")
    assert addresses(SOURCES[name], query) == ARXIV_ADDRESSES[name]
    assert {view.bucket for view in SOURCES[name].views} == {"arxiv"}


@pytest.mark.parametrize("module", [registry, arxiv_table])
def test_the_page_of_one_paper_is_only_read_from_files(module: Any) -> None:
    table = executed(module)
    (form,) = [source for source in table["ARXIV_FORMS"] if source.name == "arxiv-abs"]
    assert (form.description, form.site, form.kind) == ("the page of one paper at arXiv", "https://arxiv.org", "paper")
    assert (form.period, form.first_day, form.fetched) == (Period.NOW, date(1991, 8, 1), False)
    (view,) = form.views
    assert view[:3] == ("file", "arxiv_abs", "html")
    assert (view.path(DAY, None), view.bucket) == ("/", "arxiv")
    assert [view.parse_url(f"https://arxiv.org{path}") for path in ("/", "/list")] == [ListingQuery("date"), None]


def test_a_site_with_one_list_a_day_is_one_line_of_the_table() -> None:
    site, first = "https://lantern.example", date(2020, 1, 1)
    source = daily("lantern-daily", "Lantern", site, "lantern", "/lists/{day}.json?all=1", first, "html")
    assert source[:7] == (
        "lantern-daily",
        "Lantern",
        "Lantern, one list a day",
        site,
        "date",
        Period.DAY,
        first,
    )
    assert (source.calendar, source.fetched, source.takes_query) == (every_day, True, False)
    (view,) = source.views
    assert (*view[:3], view.bucket) == ("list", "lantern", "html", "site")
    assert daily("x", "X", site, "lantern", "/{day}", first).views[0].kind == "json"
    assert addresses(source, None) == [f"{site}/lists/2025-12-10.json?all=1"]
    day = ListingQuery("date", "2025-12-10")
    for url, asked in (
        (addresses(source, None)[0], day),
        (f"{site}/lists/2025-12-10.json", None),
        (f"{site}/lists/2025-12-10xjson?all=1", None),
        (f"{site}/lists/soon.json?all=1", None),
        (f"{site}/x/lists/2025-12-10.json?all=1", None),
    ):
        assert view.parse_url(url) == asked
    assert daily("x", "X", site, "lantern", "/{day}", first).views[0].parse_url(f"{site}/2025-12-10") == day


def test_a_source_can_be_sent_to_another_process() -> None:
    for source in SOURCES.values():
        copy: Source = pickle.loads(pickle.dumps(source))
        assert addresses(copy, "x") == addresses(source, "x")
        assert [view.parse_url for view in copy.views] == [view.parse_url for view in source.views]


def test_what_can_be_read_are_the_sources_and_two_pages_of_one_paper(sources: dict[str, Source]) -> None:
    assert list(sources) == [*SOURCES, "hf-paper", "arxiv-abs"]
