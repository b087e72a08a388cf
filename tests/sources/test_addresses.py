"""What addresses ask for: those of Hugging Face's API and of arXiv."""

from __future__ import annotations

from datetime import date

import pytest

from dailypapers.ingest.sources import arxiv
from dailypapers.ingest.sources.hugging_face import ListingQuery, first_day, parse_api_url, parse_page_url

API = "https://export.arxiv.org/api/query?search_query="
WINDOW = "%28cat:cs.CL%29+AND+submittedDate:%5B202512100000+TO+202512102359%5D"
OAI = "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXiv"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/daily_papers?date=2025-12-10&limit=100", ListingQuery("date", "2025-12-10")),
        ("/api/daily_papers?limit=50&p=1&week=2025-W50", ListingQuery("week", "2025-W50")),
        ("/api/daily_papers?month=2025-12", ListingQuery("month", "2025-12")),
        ("/api/daily_papers?date=2025-12-09&date=2025-12-10", ListingQuery("date", "2025-12-10")),
        ("/api/daily_papers?sort=trending", ListingQuery("trending")),
        ("/api/daily_papers?sort=publishedAt", None),
        ("/api/daily_papers", None),
        ("/api/daily_papers/?date=2025-12-10", None),
        ("/api/papers/search?q=tiny+models&limit=120", ListingQuery("search", None, "tiny models")),
        ("/api/papers/search?limit=120", None),
        ("/api/papers/2512.00001?date=2025-12-10", None),
    ],
)
def test_addresses_of_the_api_of_hugging_face(path: str, asked: ListingQuery | None) -> None:
    assert parse_api_url(f"https://huggingface.co{path}") == asked


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/papers/trending", ListingQuery("trending")),
        ("/papers/week/2025-W50", ListingQuery("week", "2025-W50")),
        ("/papers/month/2025-12/", ListingQuery("month", "2025-12")),
        ("/papers?q=x&date=2025-12-10", ListingQuery("search", None, "x")),
        ("/papers/date/2025-12-10/more", None),
        ("/x/papers?q=x", None),
    ],
)
def test_addresses_of_the_pages_of_hugging_face(path: str, asked: ListingQuery | None) -> None:
    assert parse_page_url(f"https://huggingface.co{path}") == asked


@pytest.mark.parametrize(
    ("kind", "period", "day"),
    [
        ("date", "2025-12-10", date(2025, 12, 10)),
        ("week", "2025-W50", date(2025, 12, 8)),
        ("month", "2025-12", date(2025, 12, 1)),
        ("trending", None, None),
        ("week", "2025-W50-1", None),
        ("month", "2025-12-01", None),
    ],
)
def test_the_first_day_of_what_an_address_asks_for(kind: str, period: str | None, day: date | None) -> None:
    assert first_day(ListingQuery(kind, period)) == day


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (API + WINDOW + "&start=0", ListingQuery("date", "2025-12-10", "cat:cs.CL")),
        (API + "cat:cs.CL", None),
        (API + WINDOW.replace("0000", "0600"), None),
        (API.replace("/api/", "/x/") + WINDOW, None),
        (API.partition("?")[0], None),
    ],
)
def test_addresses_of_a_day_of_submission(url: str, asked: ListingQuery | None) -> None:
    assert arxiv.parse_api_url(url) == asked


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("/api/query?id_list=2512.00001,hep-th/9901001v2&max_results=2", ["2512.00001", "hep-th/9901001v2"]),
        ("/api/query?id_list=2512.00001", ["2512.00001"]),
        ("/api/query?id_list=", []),
        ("/api/query?search_query=cat:cs.CL", []),
        ("/list?id_list=2512.00001", []),
    ],
)
def test_addresses_of_papers_by_their_ids(url: str, ids: list[str]) -> None:
    assert arxiv.ids_of_url(f"https://export.arxiv.org{url}") == ids
    assert arxiv.parse_ids_url(f"https://export.arxiv.org{url}") == (ListingQuery("ids") if ids else None)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (f"{OAI}&from=2025-12-10&until=2025-12-10", ListingQuery("date", "2025-12-10")),
        (f"{OAI}&from=2025-12-10&until=2025-12-10&set=cs:cs:CL", ListingQuery("date", "2025-12-10", "cs:cs:CL")),
        (f"{OAI}&from=2025-12-10&until=2025-12-11", None),
        (f"{OAI}&from=2025-12-10", None),
        (f"{OAI}&until=2025-12-10", None),
        (OAI.replace("/oai", "/oai2") + "&from=2025-12-10&until=2025-12-10", None),
    ],
)
def test_addresses_of_a_day_of_changes(url: str, asked: ListingQuery | None) -> None:
    assert arxiv.parse_oai_url(url) == asked


def test_the_address_of_a_set_can_be_read_again() -> None:
    path = arxiv.oai_path(date(2025, 12, 10), "math:math:NA")
    assert path.endswith("&from=2025-12-10&until=2025-12-10&set=math:math:NA")
    assert arxiv.parse_oai_url(path) == ListingQuery("date", "2025-12-10", "math:math:NA")
    assert arxiv.oai_path(date(2025, 12, 10), "a&b").endswith("&set=a%26b")
    assert "set" not in arxiv.oai_path(date(2025, 12, 10), None)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/list/cs.CL/new?skip=0&show=2000", ListingQuery("announcement", None, "cs.CL")),
        ("/list/astro-ph/2025-12", ListingQuery("month", "2025-12", "astro-ph")),
        ("/catchup/cond%2Dmat.mes-hall/2025-12-10?abs=True", ListingQuery("date", "2025-12-10", "cond-mat.mes-hall")),
        ("/list/cs.CL/recent", None),
        ("/list/cs.CL/new/x", None),
        ("/abs/2512.00001", None),
    ],
)
def test_addresses_of_the_pages_of_arxiv(path: str, asked: ListingQuery | None) -> None:
    assert arxiv.parse_page_url(f"https://arxiv.org{path}") == asked
    assert arxiv.parse_feed_url(f"https://arxiv.org{path}") is None


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_addresses_of_feeds(form: str) -> None:
    asked = ListingQuery("announcement", None, "math.CO")
    assert arxiv.parse_feed_url(f"https://rss.arxiv.org/{form}/math%2ECO") == asked
    assert arxiv.parse_feed_url(f"https://rss.arxiv.org/{form}/math.CO+cs.CL") is None
