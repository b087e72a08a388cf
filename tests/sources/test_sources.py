"""What every entry of the table of sources owes, and the listings beyond a day, against the paper site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from dailypapers.ingest.sources import hugging_face as hf
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import Source, SourceSeries, View
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.ingest.sources.urls import url_builder
from dailypapers.parsers.driver import names
from dailypapers.snapshots.store.layout import Series
from tests.papersite import PaperSite, Request, switches
from tests.papersite.wrong_answers import reroute
from tests.product import NOW, Product

ROOT = Path(__file__).parents[2]
NAMES = sorted(SOURCES)
WORDS = "learning"
DAY = date(2025, 12, 10)
VIEWS = [(source, view) for source in SOURCES.values() for view in source.views if source.fetched]
HF_VIEWS = [(source, view) for source, view in VIEWS if source.is_hugging_face]


def series_of(source: Source) -> Series:
    """The series of a source, with words where it takes some."""
    return Series(source.name, WORDS if source.takes_query else None)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_has_parsers_and_fixtures(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert {view.parser for view in source.views} <= set(names())
    assert list((ROOT / "tests" / "fixtures" / name).glob("*/meta.json"))


def test_the_docs_tell_all_listings_of_hugging_face_and_none_that_is_not() -> None:
    page = set(re.findall(r"^\| `([\w-]+)` \|", (ROOT / "docs" / "new-source.md").read_text(), re.MULTILINE))
    assert page & SOURCES.keys() == {name for name, source in SOURCES.items() if source.is_hugging_face}


@pytest.mark.parametrize(("source", "view"), HF_VIEWS, ids=[f"{source.name}-{view.name}" for source, view in HF_VIEWS])
def test_a_view_of_hugging_face_is_served(source: Source, view: View, site: PaperSite) -> None:
    path = view.path(source.period.first_day(DAY), series_of(source).query)
    assert httpx.get(site.url + path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(("source", "view"), VIEWS, ids=[f"{source.name}-{view.name}" for source, view in VIEWS])
def test_a_view_knows_its_own_addresses(source: Source, view: View) -> None:
    source_series, day = SourceSeries(source, series_of(source)), source.period.first_day(DAY)
    url = source_series.on(day).canonical_url(view)
    assert source_series.matches(view, url)
    assert source_series.day_in(view, url) == (None if source.period is Period.NOW else day)
    others = [SourceSeries(other, series_of(other)) for other in SOURCES.values() if other.fetched and other != source]
    assert not any(other.matches(other_view, url) for other in others for other_view in other.source.views)
    assert not source_series.matches(view, url.replace(view.site or source.site, "https://elsewhere.example"))


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://huggingface.co/papers?date=2025-12-10", hf.ListingQuery("date", "2025-12-10")),
        ("https://huggingface.co/papers/date/2025-12-10/", hf.ListingQuery("date", "2025-12-10")),
        ("https://huggingface.co/papers/trending?q=a+b", hf.ListingQuery("search", None, "a b")),
        ("https://huggingface.co/papers", None),
        ("https://huggingface.co/papers/2512.01234", None),
        ("https://huggingface.co/papers/week", None),
        ("https://huggingface.co/papers/trending/2025", None),
    ],
)
def test_addresses_of_pages(url: str, asked: hf.ListingQuery | None) -> None:
    assert hf.parse_page_url(url) == asked


@pytest.mark.parametrize("period", ["2026-13", "2026-W60", "2026-W5", "", "soon"])
def test_a_period_that_is_none_names_no_day(period: str) -> None:
    assert [hf.first_day(hf.ListingQuery(kind, period)) for kind in ("date", "week", "month")] == [None] * 3


def test_weeks_are_iso_weeks() -> None:
    path = url_builder("/weeks/{week}")
    assert (path(date(2026, 12, 31), None), path(date(2025, 1, 6), None)) == ("/weeks/2026-W53", "/weeks/2025-W02")
    assert hf.first_day(hf.ListingQuery("week", "2026-W53")) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        (Period.DAY, date(2025, 12, 10), datetime(2025, 12, 11, tzinfo=UTC)),
        (Period.WEEK, date(2025, 12, 8), datetime(2025, 12, 15, tzinfo=UTC)),
        (Period.MONTH, date(2025, 12, 1), datetime(2026, 1, 1, tzinfo=UTC)),
        (Period.NOW, date(2025, 12, 10), datetime(2025, 12, 11, tzinfo=UTC)),
    ],
)
def test_periods(period: Period, first: date, end: datetime) -> None:
    assert period.first_day(DAY) == first
    assert period.end(first) == end


@pytest.fixture
def month(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperSite]:
    """A site with 45 papers on each of the twenty working days of November 2025."""
    with PaperSite(seed=1, sizes=45, now=NOW) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


def rows(product: Product, series: Series, day: date) -> list[dict[str, str]]:
    """The lines of a day file."""
    return [json.loads(row) for row in product.store.papers(series, day).read_text().splitlines()]


def test_a_month_of_900_papers_is_complete_and_each_is_there_once(product: Product, month: PaperSite) -> None:
    assert product("run", "hf-monthly", "--day", "2025-11-20").status == 0
    days = [date(2025, 11, 1) + timedelta(days=number) for number in range(30)]
    truth = {item["paper"]["id"] for day in days for item in month.papers(day)}
    found = [row["arxiv_id"] for row in rows(product, Series("hf-monthly"), date(2025, 11, 1))]
    assert len(found) == len(truth) == 900
    assert set(found) == truth


@pytest.mark.parametrize("name", ["hf-weekly", "hf-monthly", "hf-trending", "hf-search"])
def test_listings_are_run_and_built_again(product: Product, site: PaperSite, name: str) -> None:
    source = SOURCES[name]
    words = ["--query", WORDS] if source.takes_query else []
    result = product("run", name, *words, "--day", f"{NOW.date()}")
    assert (result.status, result.err) == (0, "")
    series, day = series_of(source), source.period.first_day(NOW.date())
    assert rows(product, series, day)
    assert {row["day"] for row in rows(product, series, day)} == {f"{day}"}
    before = product.files()
    assert product("build", "--all").status == 0
    assert product.files() == before
    assert f"{series}" in product("status", name).out


def test_what_a_run_without_source_looks_at(product: Product, site: PaperSite) -> None:
    product("run", "hf-search", "--query", WORDS)
    product("run", "hf-trending")
    lines = product("run", now=NOW + timedelta(days=1)).out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "hf-daily 2025-12-20",
        "hf-trending 2025-12-20",
        f'hf-search "{WORDS}" 2025-12-20',
    ]


def test_a_search_answered_with_something_else_is_no_answer(product: Product, site: PaperSite) -> None:
    def list_of_a_day(request: Request) -> Request:
        return Request("GET", f"/api/daily_papers?date={DAY}", at=request.at)

    def page_of_another_search(request: Request) -> Request:
        return Request("GET", f"/papers?q={WORDS}", at=request.at)

    site.switches += [reroute("/api/papers/search", list_of_a_day), reroute("/papers?q=", page_of_another_search)]
    result = product("run", "hf-search", "--query", "qwxyz")
    assert result.status == 3
    assert result.out.count('holds a word of the search, not for "qwxyz"') == 2
    assert rows(product, Series("hf-search", "qwxyz"), NOW.date()) == []


@pytest.mark.parametrize("name", ["hf-weekly", "hf-monthly"])
def test_a_redirect_to_another_period_is_no_answer(product: Product, site: PaperSite, name: str) -> None:
    kind, to = ("week", "2025-W49") if name == "hf-weekly" else ("month", "2025-11")
    site.switches.append(
        switches.redirect(f"/papers/{kind}/2025-{'W50' if kind == 'week' else '12'}", f"/papers/{kind}/{to}")
    )
    result = product("run", name, "--day", "2025-12-10")
    assert f"the answer is for the {kind} 2025-1" in result.out
    assert "partial" in result.out


def test_a_month_without_items_is_doubtful(product: Product, site: PaperSite) -> None:
    site.switches.append(switches.items(lambda request: "papers" in request.target, lambda _: []))
    result = product("run", "hf-monthly", "--day", "2025-12-10")
    assert "partial: no view lists anything where papers are due" in result.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "hf-search"], "needs --query"),
        (["run", "hf-daily", "--query", "x"], "takes no --query"),
        (["run", "hf-text"], "dailypapers import hf-text"),
        (["run", "hf-trending", "--day", "2025-12-10"], "shows only its current list"),
        (["run", "hf-paper"], "no source"),
    ],
)
def test_wrong_usage(product: Product, words: list[str], said: str) -> None:
    result = product(*words)
    assert (result.status, said in result.err) == (2, True)


def test_one_paper_can_be_parsed_but_not_kept(product: Product, site: PaperSite, tmp_path: Path) -> None:
    paper = site.papers(DAY)[0]["paper"]["id"]
    (tmp_path / "paper.json").write_bytes(httpx.get(f"{site.url}/api/papers/{paper}").content)
    result = product("parse", tmp_path / "paper.json", "--as", "hf-paper")
    assert result.status == 0
    (row,) = (json.loads(line) for line in result.out.splitlines())
    assert row["arxiv_id"] == paper
    assert row["day"] is row["comments"] is None
    assert product("import", "hf-paper", tmp_path / "paper.json").status == 2


def test_a_copied_listing_is_imported_and_the_same_entry_is_one_line(product: Product, tmp_path: Path) -> None:
    entry = "A Title of Some Paper\n\nAn abstract that says what it is about.\n\n  • 3 authors\n·\nDec 8\n\n"
    (tmp_path / "listing.txt").write_text("Daily Papers\n\nbyAK and the research community\n\nDec 9\n\n" + entry * 2)
    assert product("import", "hf-text", tmp_path / "listing.txt", "--day", "2025-12-09").status == 0
    (row,) = (
        json.loads(line) for line in product.store.papers(Series("hf-text"), date(2025, 12, 9)).read_text().splitlines()
    )
    assert (row["author_count"], row["published"], row["published_inferred"]) == (3, "2025-12-08", True)
    certificate = json.loads(product.store.certificate(Series("hf-text"), date(2025, 12, 9)).read_bytes())
    assert (certificate["state"], "are one line" in certificate["notes"][0]) == ("closed", True)
    wrong = product("import", "hf-text", tmp_path / "listing.txt", "--day", "2025-12-10")
    assert (wrong.status, "lists the day 2025-12-09" in wrong.err) == (3, True)


@pytest.mark.parametrize("words", [["sources"], ["sources", "--json"], ["sources", "--reset-rest", "x"]])
@pytest.mark.parametrize("endpoint", ["http://[bad", "http://ada:s3cr3t@127.0.0.1:1", "ftp://x"])
def test_an_endpoint_that_is_no_origin_is_refused_and_its_password_not_shown(
    product: Product, monkeypatch: pytest.MonkeyPatch, endpoint: str, words: list[str]
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    result = product(*words)
    assert (result.status, "HF_ENDPOINT is " in result.err) == (2, True)
    assert "s3cr3t" not in result.out + result.err
