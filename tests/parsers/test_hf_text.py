"""Listings copied as text: dates and their years, what is refused, and the one real text."""

import re
from datetime import date

import pytest

from dailypapers.parsers import NotAListing, ParseError
from dailypapers.parsers.hf.text_entries import parse_date_line
from dailypapers.parsers.text import PrintedDate, parse_date, year_of_list
from tests.support.copied_text import DAY, HEAD, ONE, entries_of, read, real_text


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", NotAListing, "the text is empty"),
        ("\ufeff \u00a0\r\n", NotAListing, "the text is empty"),
        ("%PDF-1.7\n\0\0", NotAListing, "binary data, no text; it begins with '%PDF-1.7'"),
        ("\n<html>", NotAListing, "an HTML page"),
        (f"{HEAD}Dec 18", ParseError, "no entry in a text that begins with 'new'; an entry of a copied listing is"),
        ("One.\n\nTwo.\n\nThree.\n\nFour.", ParseError, "begins with 'One.'"),
        ("·\n\n·", ParseError, "no entry"),
    ],
)
def test_what_is_no_listing_says_what_is_there(text: str, error: type[ParseError], message: str) -> None:
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read(text)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Nov 8", PrintedDate(11, 8)),
        ("november 8", PrintedDate(11, 8)),
        ("Sept. 8", PrintedDate(9, 8)),
        ("Jun 15, 2022", PrintedDate(6, 15, 2022)),
        ("Jun 15,2022", PrintedDate(6, 15, 2022)),
        ("Feb 29", PrintedDate(2, 29)),
        ("Feb 29, 2024", PrintedDate(2, 29, 2024)),
        *[(text, None) for text in ("Feb 29, 2023", "Feb 30", "May 0", "Jun 1, 0000", "Nov", "8", "No 8", "8 Nov", "")],
        *[(text, None) for text in ("Novem8", "Nov ٨", "Nov 8 11", "Smarch 5", "Marching 5", "Nov 8, 202")],
    ],
)
def test_dates_as_printed(text: str, printed: PrintedDate | None) -> None:
    assert parse_date(text) == printed
    if printed:
        assert parse_date(str(printed)) == printed


@pytest.mark.parametrize(
    ("text", "printed", "comments"),
    [
        ("Oct 15 2", PrintedDate(10, 15), 2),
        ("Oct 15, 2024 1,024", PrintedDate(10, 15, 2024), 1024),
        ("Nov 8new", PrintedDate(11, 8), None),
        ("Oct 15, 2024 123" + ",456" * 6, PrintedDate(10, 15, 2024), int("123" + "456" * 6)),
        ("Nov 8 11\ufeffnew", PrintedDate(11, 8), 11),
        ("Oct 15 2 3", None, None),
        ("Oct 15 -2", None, None),
        ("Oct 15 1,2", None, None),
        ("Oct 15 " + "9" * 40, None, None),
    ],
)
def test_dates_with_comments(text: str, printed: PrintedDate | None, comments: int | None) -> None:
    assert parse_date_line(text) == (printed, comments)


@pytest.mark.parametrize(
    ("text", "until", "day"),
    [
        ("Nov 8", date(2025, 12, 8), date(2025, 11, 8)),
        ("Dec 8", date(2025, 12, 8), date(2025, 12, 8)),
        ("Dec 9", date(2025, 12, 8), date(2024, 12, 9)),
        ("Feb 29", date(2025, 12, 8), date(2024, 2, 29)),
        ("Feb 29", date(1903, 1, 1), date(1896, 2, 29)),
        ("Jun 15, 2031", date(2025, 12, 8), date(2031, 6, 15)),
        ("Jun 15", date(1, 1, 1), None),
    ],
)
def test_the_year_of_a_date_is_the_latest_that_is_not_after_the_list(text: str, until: date, day: date | None) -> None:
    printed = parse_date(text)
    assert printed is not None
    assert printed.latest(until) == day


def test_the_year_of_a_list_date_is_the_nearest_to_the_day_given() -> None:
    assert PrintedDate(12, 30).nearest(date(2026, 1, 2)) == date(2025, 12, 30)
    assert PrintedDate(1, 2).nearest(date(2025, 12, 30)) == date(2026, 1, 2)
    assert PrintedDate(2, 29).nearest(date(2026, 1, 1)) == date(2024, 2, 29)
    assert PrintedDate(1, 2).nearest(date(9999, 12, 31)) == date(9999, 1, 2)


@pytest.mark.parametrize(
    ("listed", "shown", "year"),
    [
        ("Dec 8", ["Jun 15, 2022", "Nov 8", "Dec 3, 2024"], 2025),
        ("Dec 8", ["Nov 8"], None),
        ("Dec 8", [], None),
        ("Feb 29", ["Jun 15, 2022"], 2024),
        ("Dec 8", ["Jun 15, 2022", "Feb 29"], 2024),
        ("Jan 8", ["Jun 15, 2022", "Feb 29"], 2023),
        ("Dec 8", ["Jun 15, 9999"], None),
    ],
)
def test_the_year_of_a_list_is_the_first_after_all_that_are_printed(listed: str, shown: list[str], year: int) -> None:
    printed = parse_date(listed)
    assert printed is not None
    assert year_of_list(printed, [found for text in shown if (found := parse_date(text))]) == year


def test_an_inferred_year_makes_no_day() -> None:
    text = f"{HEAD}Dec 18\n\n{ONE}, 2024 2\n\n{ONE}"
    inferred, given_day, printed_year = read(text, None), read(text), read(text.replace("Dec 18", "Dec 18, 2025"), None)
    assert (inferred.claims.day, inferred.claims.period, inferred.papers[0].day) == (None, None, None)
    assert "'Dec 18' has no year; 2025, the first year after" in inferred.claims.notes[0]
    assert (given_day.claims.day, given_day.claims.period, given_day.claims.notes) == (DAY, "day", ())
    assert printed_year.claims == given_day.claims
    assert printed_year.papers == given_day.papers
    for found in (inferred, given_day):
        assert [paper.published for paper in found.papers] == [date(2024, 5, 3), date(2025, 5, 3)]
        assert [paper.published_inferred for paper in found.papers] == [False, True]


def test_the_list_date_is_claimed_where_another_day_is_given() -> None:
    found = read(f"{HEAD}Dec 17\n\n{ONE}")
    assert found.claims.day == date(2025, 12, 17)
    assert found.papers[0].day == DAY


def test_where_no_year_helps_dates_stay_null() -> None:
    for text in (f"{HEAD}Dec 18\n\n{ONE}", ONE):
        found = read(text, None)
        assert (found.papers[0].published, found.papers[0].published_inferred) == (None, False)
        assert "dates without a year stay null (1)" in found.claims.notes[0]


def test_a_block_without_its_other_half_is_a_reject_in_its_place() -> None:
    abstract = "A long abstract that has lost the title above it and is far longer than any title would be."
    found = read(f"{ONE}\n\n{abstract}\n\n{ONE}\n\nA Title at the End")
    assert [reject.position for reject in found.rejects] == [2, 4]
    assert all("a block left over" in reject.errors[0].message for reject in found.rejects)
    assert [paper.title for paper in found.papers] == ["Owls at Noon"] * 2


def test_a_title_at_the_end_is_left_over_not_the_entry_before_it() -> None:
    found = read(f"{ONE}\n\nMoss\n\nMoss grows on all sides of a model.\n\nA Title at the End")
    assert [paper.title for paper in found.papers] == ["Owls at Noon", "Moss"]
    assert found.rejects[0].raw["blocks"] == ["A Title at the End"]  # type: ignore[index]


def test_a_new_list_begins_a_new_count() -> None:
    cut_off = "Moss\n\nMoss grows on all sides of a model.\n\nTitle at the End"
    other = "A Title That Is Longer Than Its Abstract\n\nA short one."
    found = read(f"{HEAD}Dec 18\n\n{cut_off}\n\n{HEAD}Jan 2\n\n{other}\n\n{ONE}")
    assert [paper.title for paper in found.papers] == [
        "Moss",
        "A Title That Is Longer Than Its Abstract",
        "Owls at Noon",
    ]
    assert [reject.position for reject in found.rejects] == [2]


def test_each_list_has_its_own_date_with_or_without_a_head() -> None:
    first = ONE.replace("May 3", "Jan 1")
    for head in (HEAD, ""):
        found = read(f"{head}Dec 18\n\n{first}\n\n{head}Jan 2\n\n{first}")
        assert [paper.published for paper in found.papers] == [date(2025, 1, 1), date(2026, 1, 1)]
        assert found.claims.day is None
        assert found.claims.notes == ("the text holds lists of Dec 18, Jan 2",)


@pytest.mark.parametrize("torn", ["Dec 1\n\n8", "De\n\nc 18", "Dec\n\n 1\n\n8", "Dec 18, 2\n\n025", "Dec 18\n\n, 2025"])
def test_a_torn_list_date_is_one(torn: str) -> None:
    found = read(f"{HEAD}{torn}\n\n{ONE}")
    assert (found.claims.day, len(found.papers), found.rejects) == (DAY, 1, [])


def test_a_lone_dot_is_no_meta_block() -> None:
    found = read(f"{ONE}\n\nMoss\n\nMoss grows on all sides of a model.\n\n·")
    assert [paper.title for paper in found.papers] == ["Owls at Noon", "Moss"]
    assert found.rejects[0].raw["blocks"] == ["·"]  # type: ignore[index]


def test_an_abstract_may_begin_with_a_line_like_a_meta_blocks() -> None:
    found = read(f"Moss\n\n- 5 authors\nwrote about moss.\n\n{ONE}")
    assert [paper.abstract for paper in found.papers][:1] == ["- 5 authors wrote about moss."]


def test_half_a_character_at_the_end_costs_nothing() -> None:
    body = f"\ufeff{ONE}\n\n".encode("utf-16-le")
    assert read(body + b"x").papers == read(ONE).papers


def test_an_abstract_in_a_titles_place_is_no_record() -> None:
    found = read(f"Owls\n\n{'Long words of an abstract. ' * 20}\n\nits end.\n\n  • 2 authors\n·\nMay 3")
    assert found.papers == []
    assert [reject.errors[0].message.split(":")[0] for reject in found.rejects] == ["a block left over", "torn"]


@pytest.mark.parametrize("day", [date(2025, 12, 8), None])
def test_the_real_text(day: date | None) -> None:
    seed = real_text()
    found = read(seed, day)
    assert (found.items, found.rejects, found.claims.day) == (52, [], day)
    papers = {paper.title: paper for paper in found.papers}
    shown = [[seed[slice(*span)] for span in entry] for entry in entries_of(seed)]
    assert [(paper.title, paper.abstract) for paper in found.papers] == [tuple(blocks[:2]) for blocks in shown]
    counts = [paper.author_count for paper in papers.values() if paper.author_count is not None]
    assert (len(papers), len(counts), counts[0], max(counts)) == (52, 46, 41, 253)
    assert sum(paper.organization is not None for paper in papers.values()) == 4
    assert sum(paper.published is not None for paper in papers.values()) == 50
    assert sum(paper.published_inferred for paper in papers.values()) == 23
    assert sum(paper.comments is not None for paper in papers.values()) == 23
    november = [paper for paper in found.papers if paper.published == date(2025, 11, 8)]
    assert [(paper.published_inferred, paper.comments) for paper in november] == [(True, 11)]
    bare = [paper for paper in found.papers if paper.published is None]
    assert [found.papers.index(paper) for paper in bare] == [9, 29]
    assert {(paper.author_count, paper.organization, paper.comments) for paper in bare} == {(None, None, None)}
    assert {oddity: seed.count(oddity) for oddity in (r"\(7\times\)", r"22\%", r"\rat")} == {
        oddity: sum(f"{paper.title} {paper.abstract}".count(oddity) for paper in papers.values())
        for oddity in (r"\(7\times\)", r"22\%", r"\rat")
    }
