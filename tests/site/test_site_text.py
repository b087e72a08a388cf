"""What a reader sees on the pages: their titles, the links between them, and where a paper was listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from dailypapers.snapshots.store.layout import Series, Store
from tests.feeds.stores import at
from tests.support.written_days import paper, write_day

from .site_store import make_site, tree

DAY = date(2025, 12, 10)
WEEK = date(2025, 12, 8)
WEEKLY, TRENDING = Series("hf-weekly"), Series("hf-trending")
FULL: dict[str, Any] = {
    "abstract": "Of lamps.",
    "ai_summary": "Lamps, briefly.",
    "keywords": ["wick", "oil"],
    "organization": {"name": "lantern", "fullname": "Lantern Lab"},
    "categories": ["cs.AI", "cs.CL", "cs.LG", "stat.ML", "math.ST"],
    "published": DAY,
    "published_inferred": True,
    "comments": 1,
    "github_stars": 3,
    "code_url": "https://code.example/x",
    "project_url": "https://project.example/",
    "pdf_url": "https://pdf.example/1",
    "url": "https://huggingface.co/papers/2512.00002",
    "withdrawn": True,
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Its newest days have no papers.

    Made for each test, because mutmut runs only the tests that call a function themselves.
    """
    return made(tmp_path, 2)


def made(root: Path, count: int) -> Path:
    """A site with so many papers on a day."""
    store = Store(root / "store")
    write_day(store, [], day=date(2025, 12, 9), state="empty")
    papers = [paper(number, rank=number, upvotes=5) for number in range(1, count + 1)]
    write_day(store, [*papers[:1], papers[1].model_copy(update=FULL), *papers[2:]])
    write_day(store, [], day=date(2025, 12, 11), state="partial")
    write_day(store, [], day=date(2025, 12, 12), state="open")
    write_day(store, [paper(1, source="hf-weekly", first_seen=at(WEEK, 30))], series=WEEKLY, day=WEEK, state="settling")
    write_day(store, [paper(1, source="hf-trending", rank=2, upvotes=7)], series=TRENDING)
    make_site(store, root / "site")
    return root / "site"


def page(site: Path, name: str) -> LexborHTMLParser:
    return LexborHTMLParser((site / name).read_text("utf-8"))


def words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def links(document: LexborHTMLParser, selector: str) -> list[tuple[str, str | None, str | None]]:
    """What each link is called, where it leads, and whether it leads to this page."""
    return [
        (words(node), node.attributes["href"], node.attributes.get("aria-current")) for node in document.css(selector)
    ]


def title(document: LexborHTMLParser) -> str:
    found = document.css_first("title")
    assert found is not None
    return words(found)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2025-12-09", "Nothing was listed."),
        ("2025-12-11", "No fetch has proved yet what was listed."),
        ("2025-12-12", "No paper has been seen yet."),
    ],
)
def test_a_day_without_papers_says_why(site: Path, day: str, text: str) -> None:
    document = page(site, f"hf-daily/{day}.html")
    assert [words(node) for node in document.css(".nothing")] == [text]
    assert document.css(".card, .numbers") == []


def test_the_second_page_of_a_day_goes_on_where_the_first_ends(tmp_path: Path) -> None:
    site = made(tmp_path, 101)
    first, second = page(site, f"hf-daily/{DAY}.html"), page(site, f"hf-daily/{DAY}-2.html")
    assert title(first).startswith("10 December 2025 · ")
    assert title(second) == title(first).replace(" · ", ", page 2 · ")
    assert [document.css("ol.cards")[0].attributes["start"] for document in (first, second)] == ["1", "101"]
    hrefs = [f"../hf-daily/{DAY}.html", f"../hf-daily/{DAY}-2.html"]
    assert links(first, ".numbers a") == [("1", hrefs[0], "page"), ("2", hrefs[1], None)]
    assert links(second, ".numbers a") == [("1", hrefs[0], None), ("2", hrefs[1], "page")]
    assert links(second, ".aside .steps a") == links(first, ".aside .steps a")
    assert len(page(site, "index.html").css(".card")) == 100


@pytest.mark.parametrize("name", [f"hf-daily/{DAY}.html", "hf-daily/index.html"])
def test_a_day_leads_to_those_beside_it(site: Path, name: str) -> None:
    document = page(site, name)
    beside = [("prev", "../hf-daily/2025-12-09.html"), ("next", "../hf-daily/2025-12-11.html")]
    for selector in ("head link[rel=prev], head link[rel=next]", ".aside .steps a"):
        assert [(node.attributes["rel"], node.attributes["href"]) for node in document.css(selector)] == beside
    assert [label for label, _, _ in links(document, ".aside .steps a")] == ["← Tue 9 Dec", "Thu 11 Dec →"]


@pytest.mark.parametrize(("day", "ends"), [("2025-12-09", ["Oldest"]), ("2025-12-12", ["Newest"])])
def test_the_oldest_and_the_newest_day_say_so(site: Path, day: str, ends: list[str]) -> None:
    assert [words(node) for node in page(site, f"hf-daily/{day}.html").css(".steps .end")] == ends


@pytest.mark.parametrize(
    ("name", "root", "current"),
    [
        ("index.html", "", {"Daily": "page"}),
        ("trending.html", "", {"Trending": "page"}),
        ("hf-weekly/index.html", "../", {"Weekly": "page"}),
        (f"hf-daily/{DAY}.html", "../", {"Daily": "true"}),
        ("calendar.html", "", {"Calendar": "page"}),
        ("calendar/2025.html", "../", {"Calendar": "true"}),
        ("search.html", "", {}),
    ],
)
def test_every_page_leads_to_each_kind_of_listing_and_shows_which_it_is_of(
    site: Path, name: str, root: str, current: dict[str, str]
) -> None:
    tabs = {"Daily": "index", "Weekly": "hf-weekly/index", "Trending": "trending", "Calendar": "calendar"}
    expected = [(label, f"{root}{href}.html", current.get(label)) for label, href in tabs.items()]
    assert links(page(site, name), ".tabs a") == expected


def test_the_calendar_is_that_of_the_newest_year_and_leads_to_the_others(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for day in (date(2023, 12, 30), date(2025, 1, 2)):
        write_day(store, [paper(day.year)], day=day)
    make_site(store, tmp_path / "site")
    for name, root, shown in (("calendar.html", "", 2025), ("calendar/2025.html", "../", 2025),
                              ("calendar/2023.html", "../", 2023)):  # fmt: skip
        document = page(tmp_path / "site", name)
        years = [(f"{year}", f"{root}calendar/{year}.html", "page" if year == shown else None) for year in (2025, 2023)]
        assert links(document, ".years a") == years
        assert [words(node) for node in document.css("h1")] == [f"{shown}"]
        assert title(document).startswith(f"Calendar {shown}")
        assert [words(node) for node in document.css("thead tr")] == ["MTWTFSS"]


def test_the_front_page_shows_the_newest_day_with_papers(site: Path) -> None:
    for name in ("index.html", "hf-daily/index.html"):
        assert [words(node) for node in page(site, name).css("h1")] == ["10 December 2025"]
        assert len(page(site, name).css(".card")) == 2


def test_a_paper_names_the_days_that_list_it_the_newest_first(site: Path) -> None:
    document = page(site, "paper/2512.00001.html")
    rows = [[words(cell) for cell in row.css("td, th")[1:]] for row in document.css(".listed tbody tr")]
    assert rows == [
        ["2025-12-10", "2", "2025-12-10 08:00 UTC", "7", "closed"],
        ["2025-12-10", "1", "2025-12-10 08:00 UTC", "5", "closed"],
        ["Week 50", "–", "2025-12-09 06:00 UTC", "–", "settling"],
    ]
    days = [f"hf-trending/{DAY}", f"hf-daily/{DAY}", f"hf-weekly/{WEEK}"]
    assert [href for _, href, _ in links(document, ".listed a")] == [f"../{day}.html" for day in days]


def test_the_page_of_a_paper_shows_the_record_of_the_newest_daily_listing(site: Path) -> None:
    document = page(site, "paper/2512.00001.html")
    assert title(document) == "Paper 1"
    ((label, href, _),) = links(document, ".back a")
    assert label.endswith(", 10 December 2025")
    assert href == f"../hf-daily/{DAY}.html"
    assert words(document.css(".listed ~ .note")[0]).startswith("As of 2025-12-12 08:00 UTC, the newest fetch of 10 ")
    assert [words(node) for node in document.css(".aside dd.large")] == ["5"]
    assert document.css("article")[0].attributes["data-pagefind-meta"] == f"day:{DAY}"


def texts(node: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [words(each) for each in node.css(selector)]


def test_the_page_of_a_paper_shows_what_its_record_has(site: Path) -> None:
    document = page(site, "paper/2512.00002.html")
    assert texts(document, ".prose") == ["Of lamps.", "Lamps, briefly."]
    assert texts(document, ".keywords li") == ["wick", "oil"]
    published = "Published 2025-12-10 (year inferred)"
    assert texts(document, ".marks li") == ["Lantern Lab", published, *FULL["categories"], "withdrawn"]
    assert texts(document, ".aside dt")[:3] == ["Upvotes", "Comments", "Stars"]
    assert texts(document, ".aside dd.large") == ["5", "1", "3"]
    assert [(label, href) for label, href, _ in links(document, ".buttons a")] == [
        ("Hugging Face", FULL["url"]),
        ("PDF", FULL["pdf_url"]),
        ("Code", FULL["code_url"]),
        ("Project", FULL["project_url"]),
    ]


def test_a_card_shows_the_most_of_a_record(site: Path) -> None:
    bare, full = page(site, "index.html").css(".card")[:2]
    marks = ["Lantern Lab", *FULL["categories"][:4], "1 comment", "Code ★ 3 stars", "Project", "PDF", "withdrawn"]
    assert texts(full, ".marks li") == marks
    assert texts(full, ".abstract p") == ["Of lamps."]
    assert texts(full, ".upvotes") == ["5 upvotes"]
    assert [node.attributes["href"] for node in full.css("h2 a")] == ["paper/2512.00002.html"]
    assert texts(bare, ".marks li, .abstract") == []


def test_a_series_of_empty_days_has_a_front_page_and_a_search_page(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for day in (9, 10):
        write_day(store, [], day=date(2025, 12, day), state="empty")
    make_site(store, tmp_path / "site")
    assert texts(page(tmp_path / "site", "index.html"), "h1") == ["10 December 2025"]
    assert title(page(tmp_path / "site", "search.html")).startswith("Search")


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2025, 12, 31)])
def test_the_calendar_follows_the_first_and_the_last_day_of_a_year(tmp_path: Path, day: date) -> None:
    store = Store(tmp_path / "store")
    for each in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1)):
        write_day(store, [paper(each.day)], day=each, state="settling")
    make_site(store, tmp_path / "site")
    write_day(store, [paper(day.day)], day=day, state="closed")
    make_site(store, tmp_path / "site")
    make_site(store, tmp_path / "new")
    assert tree(tmp_path / "site") == tree(tmp_path / "new")
    assert texts(page(tmp_path / "site", "calendar/2025.html"), "a.closed") == [f"{day.day}"]
