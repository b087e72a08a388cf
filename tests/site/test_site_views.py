"""A certificate, and a paper on its card and on its page, as the site shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from dailypapers.site.certificate_view import CertificateView, Fetch, View
from dailypapers.site.listing import Listing, ListingDay, PaperView, shortened
from dailypapers.site.names import quarter_of, root_of
from tests.feeds.stores import at, fetch
from tests.support.written_days import paper

from .test_site_calendar import DAILY, DAY, MONTHLY, TRENDING, WEEKLY


def listed(*fetches: Any, listing: Listing = DAILY, **changes: Any) -> ListingDay:
    certificate: Any = {
        "state": "closed",
        "reason": "two fetches agree",
        "as_of": "2025-12-12T09:30:00Z",
        "papers": 2,
        "gone": 1,
        "rejects": 3,
        "lost": ["x.warc.gz"],
        "files": {"papers": {"sha256": "0" * 64}},
        "fetches": list(fetches),
    }
    return ListingDay(listing, DAY, certificate | changes, b"", b"", ())


def row(**fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = paper(1, arxiv_id="2512.00001", **fields).model_dump(mode="json")
    return made


def view(record: dict[str, Any], day: ListingDay | None = None) -> PaperView:
    day = day or listed()
    return PaperView(record, day.listing, day.day, day.first_fetch)


def test_a_certificate_in_words() -> None:
    whole, doubtful = fetch(at(DAY, 9), 2), fetch(at(DAY, 12), 0, doubt="failed", reason="html: HTTP 500")
    odd: Any = {**fetch(at(DAY, 15), 0), "whole": False, "at_known": False, "kind": "import"}
    views: Any = [
        {"view": "api", "parser": "hf_api", "version": 3, "papers": 2, "rejects": 1, "failed": None, "exhausted": True},
        {
            "view": "html",
            "parser": "hf_html",
            "version": 4,
            "papers": 1,
            "rejects": 0,
            "failed": None,
            "exhausted": False,
        },
        {
            "view": "rss",
            "parser": "x",
            "version": 1,
            "papers": 0,
            "rejects": 0,
            "failed": "HTTP 500",
            "exhausted": True,
        },
    ]
    shown = CertificateView(listed(whole, doubtful, {**odd, "views": views}))
    assert shown.fetches == [
        Fetch("2025-12-10T09:00:00Z", "2025-12-10 09:00 UTC", 2, 2, "whole"),
        Fetch("2025-12-10T12:00:00Z", "2025-12-10 12:00 UTC", 0, 0, "in doubt: html: HTTP 500"),
        Fetch("2025-12-10T15:00:00Z", "2025-12-10 15:00 UTC, time unknown (import)", 0, 0, "one view only"),
    ]
    assert shown.views == [
        View("api", "hf_api 3", 2, 1, "read to its end"),
        View("html", "hf_html 4", 1, 0, "not read to its end"),
        View("rss", "x 1", 0, 0, "failed: HTTP 500"),
    ]
    assert (shown.state, shown.meaning, shown.reason) == ("closed", "Proved complete.", "two fetches agree")
    assert (shown.as_of, shown.as_of_in_words) == ("2025-12-12T09:30:00Z", "2025-12-12 09:30 UTC")
    assert (shown.papers, shown.gone, shown.rejects, shown.lost) == (2, 1, 3, ["x.warc.gz"])
    assert shown.sha256 == "0" * 64
    assert shown.papers_file == f"data/hf-daily/{DAY}.jsonl"
    assert shown.certificate_file == f"data/hf-daily/{DAY}.day.json"
    assert CertificateView(listed(state="odd")).meaning == ""
    assert CertificateView(listed()).views == []


@pytest.mark.parametrize(
    ("listing", "seen", "words"),
    [
        (DAILY, at(DAY, 8), []),
        (DAILY, at(DAY, 12), []),
        (DAILY, at(DAY, 23.9), []),
        (DAILY, at(DAY, 24), ["first seen 2025-12-11 00:00 UTC, less than 1 h after the day had ended"]),
        (DAILY, at(DAY, 34.5), ["first seen 2025-12-11 10:30 UTC, 10 h after the day had ended"]),
        (WEEKLY, at(DAY, 34.5), []),
        (WEEKLY, at(DAY, 9 * 24), ["first seen 2025-12-19 00:00 UTC, 2 days after the week had ended"]),
        (MONTHLY, at(DAY, 33 * 24), ["first seen 2026-01-12 00:00 UTC, 11 days after the month had ended"]),
        (TRENDING, at(DAY, 34.5), ["first seen 2025-12-11 10:30 UTC, 10 h after the day had ended"]),
    ],
)
def test_a_paper_is_late_after_the_end_of_its_period_and_an_earlier_fetch(
    listing: Listing, seen: datetime, words: list[str]
) -> None:
    assert view(row(first_seen=seen), listed(fetch(at(DAY, 12), 0), listing=listing)).warnings == words


def test_a_paper_of_the_first_fetch_is_not_late() -> None:
    fetches = [fetch(at(DAY, 60), 0), fetch(at(DAY, 50), 1, doubt="failed", reason="")]
    assert view(row(first_seen=at(DAY, 50)), listed(*fetches)).warnings == []
    assert view(row(first_seen=at(DAY, 60)), listed(*fetches)).warnings != []
    assert view(row(first_seen=None), listed(*fetches)).warnings == []
    assert view(row(first_seen=at(DAY, 50)), listed()).warnings == []


def test_what_is_wrong_with_a_paper_is_said_in_order() -> None:
    late = row(withdrawn=True, first_seen=at(DAY, 50), last_seen=at(DAY, 60))
    assert view(late, listed(fetch(at(DAY, 25), 0))).warnings == [
        "withdrawn",
        "first seen 2025-12-12 02:00 UTC, 26 h after the day had ended",
        "left the listing after 2025-12-12 12:00 UTC",
    ]


def author(name: str) -> dict[str, Any]:
    return {"name": name, "user": None, "hidden": None, "affiliation": None}


def test_a_card_shows_eight_authors_and_how_many_there_are_more() -> None:
    names = [f"Author {number}" for number in range(10)]
    card = view(row(authors=[author(name) for name in names], author_count=12))
    assert (card.first_authors, card.more_authors) == (names[:8], 4)
    few = view(row(authors=[author("A" * 121)], author_count=None))
    assert (few.first_authors, few.more_authors) == (["A" * 119 + "…"], 0)
    fewer = view(row(authors=[author("A"), author("B")], author_count=1))
    assert fewer.more_authors == 0


def test_a_paper_without_authors_has_none_and_of_some_only_their_number_is_known() -> None:
    none, counted = view(row(authors=[], author_count=None)), view(row(authors=[], author_count=3))
    assert (none.first_authors, none.more_authors, none.more_than_unfolded) == ([], 0, 0)
    assert (counted.first_authors, counted.more_authors, counted.more_than_unfolded) == ([], 3, 3)


def test_the_page_of_a_paper_unfolds_more_than_forty_authors() -> None:
    names = [f"Author {number}" for number in range(45)]
    page = view(row(authors=[author(name) for name in names], author_count=50))
    assert (page.unfolded_authors, page.other_authors, page.more_than_unfolded) == (names[:40], names[40:], 10)


def test_long_texts_of_a_card_are_shortened_and_those_of_a_page_are_not() -> None:
    fields = row(title="t" * 401, abstract="a" * 5001, organization={"name": "o" * 121, "fullname": None})
    shown = view(fields)
    assert (shown.short_title, shown.short_abstract) == ("t" * 399 + "…", "a" * 4999 + "…")
    assert (shown.title, shown.abstract) == ("t" * 401, "a" * 5001)
    assert shown.organization == "o" * 119 + "…"
    assert shown.window_title == "t" * 119 + "…"
    assert view(row(title="a\u202e\u2066\u200e\u200fb\u2069")).window_title == "ab"
    short = view(row(title="t" * 400, abstract="", organization={"name": "o", "fullname": "full"}))
    assert (short.short_title, short.short_abstract, short.organization) == ("t" * 400, None, "full")


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("ab   cd", 5, "ab…"), ("", 3, "")],
)
def test_a_text_is_shortened_to_a_limit(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


def test_the_links_of_a_paper_lead_to_the_web_or_nowhere() -> None:
    links = {
        "url": "https://huggingface.co/papers/2512.00001",
        "pdf_url": "https://arxiv.org/pdf/2512.00001",
        "code_url": "https://github.com/x/y",
        "project_url": "javascript:alert(1)",
        "doi": "10.1000/a b<c>",
        "media_urls": ["https://m.example/1", "ftp://m.example/2", "https://m.example/3"],
    }
    paper_view = view(row(**links))
    assert paper_view.links == [
        ("Hugging Face", links["url"]),
        ("arXiv", "https://arxiv.org/abs/2512.00001"),
        ("PDF", links["pdf_url"]),
        ("Code", links["code_url"]),
        ("DOI", "https://doi.org/10.1000/a%20b%3Cc%3E"),
        ("Media 1", "https://m.example/1"),
        ("Media 3", "https://m.example/3"),
    ]
    assert (paper_view.code, paper_view.pdf, paper_view.project) == (links["code_url"], links["pdf_url"], None)
    assert view({**row(), "arxiv_id": None}).links == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://cdn-thumbnails.huggingface.co/x.png", True),
        ("https://cdn-thumbnails.huggingface.co.evil.example/x.png", False),
        ("http://cdn-thumbnails.huggingface.co/x.png", False),
        (None, False),
    ],
)
def test_only_thumbnails_of_one_server_are_shown(url: str | None, shown: bool) -> None:
    fields = row(thumbnail_url=url)
    assert view(fields).thumbnail == (url if shown else None)


def test_a_card_shows_four_categories_and_the_page_all() -> None:
    categories = ["cs.AI", "cs.CL", "cs.LG", "stat.ML", "math.ST"]
    shown = view(row(categories=categories))
    assert (shown.short_categories, shown.categories) == (categories[:4], categories)


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)])
def test_the_quarter_of_a_day(month: int, quarter: int) -> None:
    assert quarter_of(date(2025, month, 1)) == f"2025q{quarter}"


def test_the_way_to_the_root() -> None:
    assert [root_of(name) for name in ("index.html", "paper/x.html", "a/b/c.html")] == ["", "../", "../../"]
