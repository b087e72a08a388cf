"""How a paper of the catalog becomes one of an issue: texts in one line and cut, authors counted, lateness in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dailypapers.digest.issues import _authors, _lateness, _order, _plain, format_day
from dailypapers.snapshots.catalog.model import Listing
from dailypapers.snapshots.store.layout import Series
from tests.digest.conftest import Mailing, at, listed
from tests.digest.test_whole_mail import BARE

END = datetime(2025, 12, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "most", "line"),
    [
        (" one \n\t two\u2028three ", 99, "one two three"),
        ("one two", 7, "one two"),
        ("one two three", 9, "one two ..."),
        ("one two three", 8, "one two ..."),
        ("one two three", 7, "one ..."),
        ("onetwothree", 5, "onetw ..."),
        ("a\u202eb\u2066c\u200ed\u200fe", 9, "abcde"),
        ("a\x00b\x1b[31m\ud800", 99, "a\ufffdb\ufffd[31m\ufffd"),
        ("", 9, ""),
    ],
    ids=map(str, range(9)),
)
def test_a_foreign_text_is_one_line_of_so_many_characters(text: str, most: int, line: str) -> None:
    assert _plain(text, most) == line


@pytest.mark.parametrize(
    ("names", "count", "words"),
    [
        (["A"], None, "A"),
        (["A", "B", "C", "D"], 4, "A, B, C, D"),
        (["A", "B", "C", "D", "E"], None, "A, B, C, D and 1 more"),
        (["A", "B", "C", "D", "E"], 9, "A, B, C, D and 5 more"),
        (["A", "B"], 9, "A, B and 5 more"),
        (["A", "B"], 1, "A, B"),
        ([], 9, "9 authors"),
        ([], 3, "3 authors"),
        ([], 0, ""),
        ([], None, ""),
        (["word " * 30], None, "word " * 20 + "..."),
    ],
)
def test_the_authors_of_a_paper(names: list[str], count: int | None, words: str) -> None:
    assert _authors(names, count) == words


def listing(seen: datetime, day: date = date(2025, 12, 10), looked: datetime = END - timedelta(hours=9)) -> Listing:
    return Listing(
        series=Series("hf-daily"),
        day=day,
        key="arxiv:2512.00001",
        rank=None,
        upvotes=None,
        comments=None,
        github_stars=None,
        first_seen=seen,
        first_fetch=looked,
        last_seen=None,
        observed=seen,
        arxiv_version=None,
    )


@pytest.mark.parametrize(
    ("day", "period"),
    [(10, "day"), (9, "week"), (4, "week"), (3, "month"), (1, "month")],
)
def test_a_paper_that_was_first_seen_after_the_end_is_late(day: int, period: str) -> None:
    first = listing(END + timedelta(hours=9), date(2025, 12, day))
    words = f"listed for {day} December 2025, first seen 9 h after that {period} had ended"
    assert _lateness(first, END) == words


def test_a_paper_is_late_from_the_end_on() -> None:
    assert _lateness(listing(END - timedelta(seconds=1)), END) is None
    late = _lateness(listing(END), END)
    assert late == "listed for 10 December 2025, first seen less than 1 h after that day had ended"


def test_a_paper_of_the_first_fetch_of_a_day_is_not_late() -> None:
    seen = END + timedelta(hours=9)
    assert _lateness(listing(seen, looked=seen), END) is None
    assert _lateness(listing(seen, looked=seen - timedelta(hours=1)), END) is not None


def test_papers_are_in_the_order_of_their_days_then_of_their_votes_then_of_their_keys() -> None:
    papers = [
        BARE._replace(day=date(2025, 12, 9), upvotes=1, keys=("z",)),
        BARE._replace(upvotes=9, keys=("y",)),
        BARE._replace(upvotes=9, keys=("z",)),
        BARE._replace(upvotes=1, keys=("c",)),
        BARE._replace(upvotes=0, keys=("a",)),
        BARE._replace(upvotes=None, keys=("b",)),
    ]
    assert sorted(papers[3:] + papers[:3], key=_order) == papers


def test_a_day_in_english() -> None:
    assert [format_day(date(2025, month, 1)) for month in (1, 12)] == ["1 January 2025", "1 December 2025"]


@pytest.mark.parametrize(
    ("organization", "shown"),
    [
        ({"name": "lab", "fullname": "Invented Lab"}, "Invented Lab"),
        ({"name": "lab", "fullname": None}, "lab"),
        ({"name": "lab", "fullname": "\u202e"}, None),
        (None, None),
    ],
)
def test_an_issue_has_what_a_record_says_of_a_paper(
    mailing: Mailing, organization: dict[str, str | None] | None, shown: str | None
) -> None:
    fields = {"abstract": "What it is about", "upvotes": 3, "author_count": 7, "organization": organization}
    mailing.list_papers(listed(1, at(10, 5), code_url="https://github.com/x/y", **fields))
    assert mailing("preview", "--out", mailing.folder / "out").status == 0
    lines = (mailing.folder / "out" / "digest.txt").read_text("utf-8").splitlines()
    first = lines.index("1. Invented paper 1")
    by = "Ada Author and 3 more" + (f" | {shown}" if shown else "") + " | 3 upvotes"
    assert lines[first + 1 : first + 6] == [
        f"   {by}",
        "   What it is about",
        "   https://huggingface.co/papers/2512.00001",
        "   https://arxiv.org/pdf/2512.00001",
        "   https://github.com/x/y",
    ]


@pytest.mark.parametrize(("summary", "shown"), [("In short", "In short"), (None, "The abstract")])
def test_a_summary_is_shown_in_place_of_the_abstract(mailing: Mailing, summary: str | None, shown: str) -> None:
    mailing.list_papers(listed(1, at(10, 5), abstract="The abstract", ai_summary=summary))
    mailing("preview", "--out", mailing.folder / "out")
    text = (mailing.folder / "out" / "digest.txt").read_text("utf-8")
    assert ("The abstract" in text, "In short" in text) == (shown == "The abstract", shown == "In short")
