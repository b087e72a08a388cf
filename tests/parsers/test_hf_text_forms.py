"""A copied listing's blocks and entries, form by form: where a meta block ends, what is torn, what is left over."""

from datetime import date

import pytest

from dailypapers.parsers import ParseError
from dailypapers.parsers.hf.text_entries import Part, bare, parts
from dailypapers.parsers.text import PrintedDate, year_of_list
from tests.support.copied_text import DAY, HEAD, ONE, read

MOSS = "Moss\n\nMoss grows on all sides of a model."


def meta(label: str | None = None, date: str | None = None) -> Part:
    return Part(is_meta=True, label=label, date=date)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("· \nMay 3", [meta(date="May 3")]),
        ("·\nfoo bar", [meta(date="foo bar")]),
        ("acme ACME Labs\n·", [meta("acme ACME Labs")]),
        ("·", [meta()]),
        ("2 authors\n·\nMay 3\n·\nMay 4", [meta("2 authors", "May 3"), meta(date="May 4")]),
        ("2 authors\n·\nMay 3\n·", [meta("2 authors", "May 3"), Part("·")]),
        ("(torn) line\n·\nMay 3", [Part("(torn) line"), meta(date="May 3")]),
        ("(torn) line\n·\nof a proof", [Part("(torn) line · of a proof")]),
        ("One.\n2 authors\n·\nMay 3\nTwo.", [Part("One."), meta("2 authors", "May 3"), Part("Two.")]),
        ("One.\nacme ACME Labs\n·\nMay 3", [Part("One."), meta("acme ACME Labs", "May 3")]),
        (f"2 authors\n·\n{'x' * 40}", [meta("2 authors", "x" * 40)]),
        (f"2 authors\n·\n{'x' * 41}", [meta("2 authors"), Part("x" * 41)]),
        ("2 authors", [meta("2 authors")]),
        ("2 authors\nMay 3", [meta("2 authors", "May 3")]),
        ("2 authors\nMay 3\nmore", [Part("2 authors May 3 more")]),
        ("2 authors\nmore", [Part("2 authors more")]),
        ("Daily Papers\nDec 18", [Part("Daily Papers"), Part("Dec 18")]),
        ("new\nSubscribe\nDec 18 3", [Part("new"), Part("Subscribe"), Part("Dec 18 3")]),
        ("Daily Papers\nare many", [Part("Daily Papers are many")]),
        ("\u200bOne\n\xad\nTwo\u200f", [Part("One"), Part("Two")]),
        ("", []),
    ],
)
def test_blocks_and_meta_blocks(text: str, found: list[Part]) -> None:
    assert parts(text) == found


def test_what_is_too_long_for_the_page_s_head_is_a_dash() -> None:
    assert bare(f" A{'b ' * 39}") == f"a{'b' * 39}"
    assert (bare("X" * 80), bare("X" * 81)) == ("x" * 80, "-")


@pytest.mark.parametrize(
    ("torn", "published", "authors", "comments"),
    [
        ("  • 2 authors\n\n·\nMay 3", date(2025, 5, 3), 2, None),
        ("  • 2 authors\n·\n\nMay 3 7", date(2025, 5, 3), 2, 7),
        ("  • 2 authors\n·\nJu\n\nn 15, 2022", date(2022, 6, 15), 2, None),
        ("  • 2 authors\n·\nJun 15, 2022 1\n\n 7 ", date(2022, 6, 15), 2, 1),
        ("  •\n\n2 authors\n·\nMay 3", date(2025, 5, 3), 2, None),
        ("  • 1\n\n2 authors\n·\nMay 3", date(2025, 5, 3), 12, None),
    ],
)
def test_a_meta_block_that_blank_lines_have_torn(
    torn: str, published: date, authors: int, comments: int | None
) -> None:
    paper = read(f"{MOSS}\n\n{torn}").papers[0]
    assert (paper.title, paper.published, paper.author_count, paper.comments) == ("Moss", published, authors, comments)


def test_digits_alone_after_a_torn_date_are_a_title() -> None:
    found = read(f"{MOSS}\n\n  • 2 authors\n·\nJun 15, 20\n\n22\n\nA number and what became of it.")
    assert [paper.title for paper in found.papers] == ["22"]
    assert found.rejects[0].errors[0].message == "'Jun 15, 20' is no date like 'Nov 8' or 'Oct 25, 2023'"
    assert found.rejects[0].errors[0].path == "published"


def test_a_bullet_that_begins_no_number_of_authors_is_a_block() -> None:
    found = read(f"{MOSS}\n\n- foo\n\n  • 2 authors\n·\nMay 3")
    assert [reject.raw for reject in found.rejects] == [
        {
            "blocks": ["Moss"],
            "meta": None,
            "date": None,
            "until": "2025-12-18",
            "problem": found.rejects[0].errors[0].message,
        }
    ]
    assert [(paper.title, paper.abstract, paper.author_count) for paper in found.papers] == [
        ("Moss grows on all sides of a model.", "- foo", 2)
    ]


@pytest.mark.parametrize(
    ("text", "title", "organization"),
    [
        (f"{MOSS}\n\nacme ACME Labs\n\n·\nMay 3", "Moss", {"name": "acme", "fullname": "ACME Labs"}),
        (f"{MOSS}\n\nacme\n·\nMay 3", "Moss", {"name": "acme", "fullname": None}),
        ("Moss\n\nacme ACME Labs\n\n·\nMay 3", "Moss", None),
    ],
)
def test_an_organization_torn_from_its_dot(text: str, title: str, organization: dict[str, str] | None) -> None:
    paper = read(text).papers[0]
    assert (paper.title, paper.organization) == (title, organization)


ALONE = "a block left over: a title without an abstract, or an abstract without a title"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("  • 2 authors\n·\nMay 3", ["a meta block ends an entry, but no block stands before it"]),
        ("acme ACME Labs\n\n·\nMay 3", ["a meta block ends an entry, but one block stands alone before it"]),
        (
            f"Owls\n\n{MOSS}\n\nacme\n·\nMay 3",
            [ALONE, "torn: 'acme' is neither '6 authors' nor an organisation's handle and name"],
        ),
        (f"Owls\n\n{'t' * 250}\n\nab\n\n2 authors\n·\nMay 3", [ALONE]),
        (
            f"Owls\n\n{'t' * 251}\n\nab\n\n2 authors\n·\nMay 3",
            [ALONE, "torn: what stands where the title should be is an abstract's length"],
        ),
        (f"Owls\n\n{'t' * 300}\n\n{'a' * 60}\n\n2 authors\n·\nMay 3", [ALONE]),
        (
            f"Owls\n\n{'t' * 301}\n\n{'a' * 60}\n\n2 authors\n·\nMay 3",
            [ALONE, "torn: what stands where the title should be is an abstract's length"],
        ),
    ],
)
def test_an_entry_with_a_problem_says_which(text: str, messages: list[str]) -> None:
    found = read(f"{text}\n\n{ONE}")
    assert [reject.errors[0].message for reject in found.rejects] == messages
    assert {reject.errors[0].path for reject in found.rejects} == {""}
    assert found.papers[-1].title == "Owls at Noon"


@pytest.mark.parametrize(
    ("sizes", "out"),
    [
        ([10, 12, 10], 2),
        ([12, 10, 12], 0),
        ([10, 10, 10], 0),
        ([10, 12, 20], 0),
        ([10, 200, 150, 10, 200], 2),
        ([150, 10, 200, 10, 200], 0),
        ([10, 200, 10, 200, 10], 4),
        ([10, 200, 10, 200, 150, 10, 200], 4),
        ([10, 30, 40, 21, 10], 4),
        ([10, 30, 40, 20, 10], 2),
        ([10, 200, 10, 200, 10, 200, 10], 6),
    ],
)
def test_of_an_odd_number_of_blocks_the_one_that_fits_worst_is_left_over(sizes: list[int], out: int) -> None:
    blocks = [chr(ord("a") + number) * size for number, size in enumerate(sizes)]
    found = read(f"{HEAD}Dec 18\n\n" + "\n\n".join(blocks))
    rest = blocks[:out] + blocks[out + 1 :]
    assert [(paper.title, paper.abstract) for paper in found.papers] == [*zip(rest[::2], rest[1::2], strict=True)]
    assert [(reject.raw["blocks"], reject.errors[0].message) for reject in found.rejects] == [  # type: ignore[index]
        ([blocks[out]], ALONE)
    ]


def test_one_block_alone_below_the_head_is_left_over() -> None:
    assert [reject.errors[0].message for reject in read(f"{HEAD}Dec 18\n\nMoss").rejects] == [ALONE]


@pytest.mark.parametrize(
    ("text", "day", "claimed", "notes"),
    [
        (f"{HEAD}Dec 18\n\n{MOSS}\n\n{HEAD}Dec 18, 2025\n\n{ONE}", DAY, DAY, ()),
        (
            f"{HEAD}Dec 18\n\n{ONE}\n\n{HEAD}Jan 2\n\n{ONE}",
            None,
            None,
            (
                "the text holds lists of Dec 18, Jan 2",
                "the list date 'Dec 18' has no year; nor has any entry, so dates without a year stay null (1); "
                "name the day (--day) to be sure",
                "the list date 'Jan 2' has no year; nor has any entry, so dates without a year stay null (1); "
                "name the day (--day) to be sure",
            ),
        ),
        (
            f"{HEAD}Dec 18\n\n{ONE}, 2023\n\n{ONE}",
            None,
            None,
            (
                "the list date 'Dec 18' has no year; 2024, the first year after all that are printed, was inferred "
                "(dates without a year: 1); name the day (--day) to be sure",
            ),
        ),
        (ONE, DAY, None, ("the text shows no list date; 2025-12-18, as given, stands for it",)),
        (
            ONE,
            None,
            None,
            (
                "the text shows no list date; nor has any entry, so dates without a year stay null (1); "
                "name the day (--day) to be sure",
            ),
        ),
    ],
)
def test_what_a_text_claims_of_its_day(
    text: str, day: date | None, claimed: date | None, notes: tuple[str, ...]
) -> None:
    claims = read(text, day).claims
    assert (claims.day, claims.period, claims.notes) == (claimed, "day" if claimed else None, notes)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("\n \nOne  line.\nAnother.", "'One line.'"),
        ("x" * 101, f"'{'x' * 100}'"),
        (f"a{' ' * 998}bc", "'a b'"),
        ("\xfcber", "'\\xfcber'"),
    ],
)
def test_a_text_without_an_entry_is_quoted_from_its_first_line(text: str, start: str) -> None:
    with pytest.raises(ParseError) as raised:
        read(text)
    assert raised.value.url == ""
    assert str(raised.value) == (
        f"page: no entry in a text that begins with {start}; an entry of a copied listing is a title, a blank line, an "
        "abstract, a blank line, and three lines like '• 6 authors' (or 'acme ACME Labs'), '·' and 'Oct 25, 2023 3'"
    )


def test_a_printed_date_that_no_calendar_has_is_near_to_nothing() -> None:
    assert PrintedDate(2, 29, 2023).nearest(DAY) is None
    assert PrintedDate(2, 29, 2023).latest(DAY) is None
    assert PrintedDate(2, 29, 2024).nearest(DAY) == PrintedDate(2, 29, 2024).latest(DAY) == date(2024, 2, 29)


def test_a_leap_year_is_looked_for_over_eight_years() -> None:
    assert year_of_list(PrintedDate(2, 29), [PrintedDate(6, 15, 1896)]) == 1904
    assert year_of_list(PrintedDate(2, 29), [PrintedDate(6, 15, 9997)]) is None
    assert year_of_list(PrintedDate(3, 1), [PrintedDate(6, 15, 9998)]) == 9999


def test_a_text_is_a_listing_by_any_sign_of_one() -> None:
    found = read(f"{ONE}\n\n{MOSS}\n\nacme ACME Labs\n·\n(torn)")
    assert [paper.title for paper in found.papers] == ["Owls at Noon"]
    assert found.rejects[0].errors[0].message == "'(torn)' is no date like 'Nov 8' or 'Oct 25, 2023'"


def test_a_torn_list_date_may_stand_first_but_only_once() -> None:
    assert read(f"Dec\n\n 18\n\n{ONE}").claims.day == DAY
    found = read(f"{HEAD}De\n\nc 18\n\nJan\n\n2\n\n{ONE}")
    assert next((paper.title, paper.abstract) for paper in found.papers) == ("Jan", "2")
    assert found.claims.day == DAY


def test_a_list_date_between_a_title_and_its_abstract_parts_them_not() -> None:
    title, abstract = MOSS.split("\n\n")
    found = read(f"{HEAD}Dec 18\n\n{title}\n\n{HEAD}Jan 2\n\n{abstract}\n\n{ONE}")
    assert next((paper.title, paper.abstract) for paper in found.papers) == (title, abstract)


def test_what_is_no_text_in_its_encoding_costs_its_entry() -> None:
    broken = f"{ONE}\n\nM\ud800ss\n\nMoss grows on all sides of a model.\n\n  • 2 authors\n·\nMay 3"
    half = ("\ufeff" + broken).encode("utf-16-le", "surrogatepass")
    page_of_windows = broken.replace("\ud800", "o").encode("cp1252").replace(b"Moss\n", b"M\x81ss\n")
    for body in (half, page_of_windows):
        found = read(body)
        assert [paper.title for paper in found.papers] == ["Owls at Noon"]
        assert "UTF-8 has not" in found.rejects[0].errors[0].message
