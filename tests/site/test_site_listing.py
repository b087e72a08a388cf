"""A day as the site reads it: its order, its texts, its pages, and on which days a paper is."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dailypapers.parsers.model import Paper
from dailypapers.site.listing import Listing, ListingDay, keys_in, read_listing_day
from dailypapers.site.listing_pages import Neighbours, neighbours
from dailypapers.site.names import changes_file, listing_page, newest_page, paper_page, year_page
from dailypapers.site.render import alias_of, version
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.written_days import paper, write_day

from .test_site_calendar import DAILY, DAY, TRENDING, WEEKLY

NEXT = date(2026, 1, 2)


def read(folder: Path, *papers: Paper, day: date = DAY) -> ListingDay:
    """A day of these papers, after it was written."""
    store = Store(folder / "store")
    write_day(store, papers, day=day)
    return read_listing_day(store, DAILY, day)


def test_papers_are_in_the_order_of_the_listing_and_then_of_their_votes(tmp_path: Path) -> None:
    papers = [
        paper(7, rank=1),
        paper(6, rank=2),
        paper(2, upvotes=9),
        paper(5, upvotes=9),
        paper(4, upvotes=1),
        paper(1, upvotes=0),
        paper(3),
    ]
    assert [row["key"] for row in read(tmp_path, *papers).rows] == [each.key for each in papers]


def test_a_day_has_the_bytes_of_its_files(tmp_path: Path) -> None:
    day = read(tmp_path, paper(1), paper(2))
    store = Store(tmp_path / "store")
    assert day.content == store.papers(DAILY.series, DAY).read_bytes()
    assert day.certificate_content == store.certificate(DAILY.series, DAY).read_bytes()
    assert (day.name, day.listing, day.day, day.certificate["papers"]) == (f"hf-daily/{DAY}", DAILY, DAY, 2)
    assert keys_in(day.content) == {"arxiv:2512.00001", "arxiv:2512.00002"}
    with pytest.raises(StoreError) as raised:
        read_listing_day(store, DAILY, NEXT)
    path = store.certificate(DAILY.series, NEXT)
    assert str(raised.value) == f"{path} went away while it was read; run this again"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("plain", "plain"),
        ("Łukasz 強化 \u202e", "Łukasz 強化 \u202e"),
        (r"a \u0000 of TeX \b \f \\b", r"a \u0000 of TeX \b \f \\b"),
        ('quoted "text"\twith a tab', 'quoted "text"\twith a tab'),
        ("a\x00b\x08c\x0cd\x0be", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("a\x7fb", "a\ufffdb"),
        ("Ł\x85", "Ł\x85"),
        ("a\\\x1b", "a\\\ufffd"),
        ("a\ufdd0b\uffffc", "a\ufffdb\ufffdc"),
    ],
    ids=map(str, count()),
)
def test_texts_have_no_character_that_html_does_not_allow(tmp_path: Path, title: str, shown: str) -> None:
    fields: dict[str, Any] = {"title": title, "keywords": [title], "extra": {title: title}}
    author = {"name": title, "user": None, "hidden": None, "affiliation": None}
    (row,) = read(tmp_path, paper(key=f"title:{title}", authors=[author], **fields)).rows
    assert (row["title"], row["keywords"], row["extra"]) == (shown, [shown], {shown: shown})
    assert row["authors"][0]["name"] == shown
    # The key identifies the paper.
    assert row["key"] == f"title:{title}"


def test_the_days_beside_a_day() -> None:
    days = [date(2025, 12, day) for day in (1, 5, 9)]
    assert list(neighbours(days)) == [
        (days[0], Neighbours(None, days[1])),
        (days[1], Neighbours(days[0], days[2])),
        (days[2], Neighbours(days[1], None)),
    ]
    assert list(neighbours(days[:1])) == [(days[0], Neighbours(None, None))]


def test_the_names_of_pages() -> None:
    assert listing_page("hf-daily", DAY) == f"hf-daily/{DAY}.html"
    assert listing_page("hf-daily", DAY, 2) == f"hf-daily/{DAY}-2.html"
    assert newest_page("hf-daily") == "hf-daily/index.html"
    assert year_page(2025) == "calendar/2025.html"
    assert changes_file("hf-daily", "2025q4") == "data/hf-daily/2025q4.changes.json"
    assert paper_page("arxiv:2512.00001") == "paper/2512.00001.html"
    assert paper_page("doi:10.1/../x").startswith("paper/")
    assert paper_page("doi:10.1/../x").count("/") == 1


class Options:
    """Two series, of which the first is the front page."""

    listings = (DAILY, TRENDING)
    version = "1"
    base_url: str | None = None
    thumbnails = False


def test_the_newest_listing_has_its_own_name_and_those_of_the_front_page() -> None:
    options: Any = Options()
    assert list(alias_of(options, DAILY)) == ["hf-daily/index.html", "index.html"]
    assert list(alias_of(options, TRENDING)) == ["hf-trending/index.html", "trending.html"]
    assert list(alias_of(options, WEEKLY)) == ["hf-weekly/index.html"]


def test_every_option_that_pages_show_makes_them_again() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"version": "2"},
        {"base_url": "https://p.example/"},
        {"thumbnails": True},
        {"listings": (DAILY,)},
        {"listings": (Listing(Series("hf-daily"), "Another title", "day"), TRENDING)},
    ]
    versions = []
    for change in changes:
        options: Any = Options()
        for name, value in change.items():
            setattr(options, name, value)
        versions.append(version(options))
        assert version(options) == versions[-1]
    assert len(set(versions)) == len(changes)
    assert {len(each) for each in versions} == {16}
