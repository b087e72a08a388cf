"""The nouns: the record's form on a line, its strictness, identity, text, and the package's surface."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dailypapers import parsers
from dailypapers.parsers import versions
from dailypapers.parsers.keys import ARXIV_ID, key, split_arxiv
from dailypapers.parsers.model import FieldError, NotAListing, Page, Paper, ParseError, Reject, line, reject_line
from dailypapers.parsers.text import day_of, squeeze

COLUMNS = [
    "key", "source", "day", "rank", "title", "abstract", "authors", "author_count", "organization", "published",
    "published_inferred", "updated", "listed", "submitter", "upvotes", "comments", "github_stars", "arxiv_id",
    "arxiv_version", "doi", "categories", "announce_type", "license", "journal_ref", "author_comment",
    "keywords", "ai_summary", "url", "pdf_url", "code_url", "project_url", "thumbnail_url", "media_urls",
    "withdrawn", "first_seen", "last_seen", "extra",
]  # fmt: skip
MISSING: dict[str, Any] = {"authors": [], "categories": [], "keywords": [], "media_urls": [], "extra": {}}
MISSING |= {"published_inferred": False, "withdrawn": False}


def paper(**values: Any) -> Paper:
    return Paper.model_validate({"key": "arxiv:2608.99001", "source": "hf-daily", "title": "Lamps"} | values)


def wrong(**values: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        paper(**values)
    return str(raised.value)


def test_a_line_holds_every_column_in_order_and_null_for_what_is_missing() -> None:
    record = json.loads(line(paper()))
    assert list(record) == COLUMNS
    assert {name: value for name, value in record.items() if value is not None} == {
        "key": "arxiv:2608.99001",
        "source": "hf-daily",
        "title": "Lamps",
    } | MISSING


def test_a_line_reads_back_equal() -> None:
    full = paper(
        day=date(2026, 8, 19),
        title="Ümläut \u2028 \U0001f3ee",
        authors=[{"name": "Ö", "user": None, "hidden": False, "affiliation": "Lab"}],
        organization={"name": "lab", "fullname": None},
        upvotes=0,
        first_seen=datetime(2026, 8, 20, 1, tzinfo=UTC),
        extra={"b": 1, "a": 0.5, "d": "x", "c": True},
    )
    assert Paper.model_validate_json(line(full)) == full
    assert "Ümläut".encode() in line(full)
    assert list(full.extra) == ["a", "b", "c", "d"]


def test_times_are_utc_in_whole_seconds_with_z() -> None:
    east = timezone(timedelta(hours=5))
    seen = paper(first_seen=datetime(2026, 8, 20, 3, 4, 5, 678901, tzinfo=east))
    assert json.loads(line(seen))["first_seen"] == "2026-08-19T22:04:05Z"
    copied = seen.model_copy(update={"last_seen": datetime(2026, 8, 21, 0, 0, 0, 999, tzinfo=UTC)})
    assert json.loads(line(copied))["last_seen"] == "2026-08-21T00:00:00Z"
    assert list(json.loads(line(copied))) == COLUMNS
    assert "timezone" in wrong(first_seen=datetime(2026, 8, 20, 3))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"upvotes": -1}, "greater than or equal to 0"),
        ({"upvotes": True}, "valid integer"),
        ({"upvotes": "3"}, "valid integer"),
        ({"upvotes": 2**63}, "less than"),
        ({"rank": 0}, "greater than or equal to 1"),
        ({"published": "2026-08-19"}, "valid date"),
        ({"title": ""}, "at least 1 character"),
        ({"title": "half \ud83d"}, "unicode"),
        ({"arxiv_id": 2608.9901}, "is the number 2608.9901, but ids are strings"),
        ({"arxiv_id": "2608.99001v2"}, "no arXiv id"),
        ({"key": "2608.99001"}, "match pattern"),
        ({"authors": [{"name": "A"}]}, "Field required"),
        ({"extra": {"weight": float("inf")}}, "finite"),
        ({"extra": {"nested": {}}}, "valid string"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_what_no_record_may_hold(values: dict[str, Any], message: str) -> None:
    assert message in wrong(**values)


def test_a_record_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        paper().title = "Kettles"


def test_missing_lists_are_not_shared() -> None:
    paper().authors.append({"name": "A", "user": None, "hidden": None, "affiliation": None})
    assert paper().authors == []


def test_the_schema_names_every_column() -> None:
    assert list(Paper.model_json_schema()["properties"]) == COLUMNS


def test_a_reject_is_a_line_in_ascii() -> None:
    reject = Reject(3, (FieldError("title", "Ü"),), {"title": "half \ud83d"})
    assert reject_line(reject) == (
        b'{"position": 3, "errors": [{"path": "title", "message": "\\u00dc"}], "raw": {"title": "half \\ud83d"}}'
    )


def test_a_header_is_found_in_any_case_the_first_of_its_name() -> None:
    page = Page("", 200, (("Link", "a"), ("link", "b")), b"", None)
    assert page.header("LINK") == "a"
    assert page.header("ETag") is None


def test_errors_carry_address_and_reason() -> None:
    error = NotAListing("https://site.example/papers", "a challenge page came")
    assert isinstance(error, ParseError)
    assert str(error) == "https://site.example/papers: a challenge page came"
    assert (error.url, error.reason) == ("https://site.example/papers", "a challenge page came")


def test_the_key_is_the_arxiv_id_else_the_doi_else_the_title() -> None:
    assert key(title="T", arxiv_id="2608.99010", doi="10.1/A") == "arxiv:2608.99010"
    assert key(title="T", doi="10.1000/ABC") == "doi:10.1000/abc"
    assert key(title="T", doi="10.48550/arXiv.2608.99010v2") == "arxiv:2608.99010"
    assert key(title="T", doi="10.48550/arXiv.math.GT/0309136") == "arxiv:math/0309136"
    assert key(title="T", doi="10.48550/arXiv.") == "doi:10.48550/arxiv."
    assert key(title="Lamps") == "title:dfe0b81f6809a85a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lamps Without Keepers!", "LAMPS without  keepers"),
        ("ﬁne tuning", "Fine-Tuning"),  # a ligature
        ("Large\n  Models", "Large Models"),
        ("Stra\u00dfe", "STRASSE"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("x\u00b2", "x2"),
        ("???", " ??? "),
    ],
)
def test_titles_that_are_the_same(one: str, other: str) -> None:
    assert key(title=one) == key(title=other)


def test_titles_that_are_not_the_same() -> None:
    titles = ["Lamps 1", "Lamps 2", "???", "!!!", "C", "C++ 1", "\u706f"]
    assert len({key(title=title) for title in titles}) == len(titles)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2408.00118", ("2408.00118", None)),
        ("2408.00110v12", ("2408.00110", 12)),
        ("0704.0001", ("0704.0001", None)),
        ("hep-th/9901001v2", ("hep-th/9901001", 2)),
        ("math.GT/0309136", ("math/0309136", None)),
        ("2408.1", None),
        ("2408.001188", None),
        ("2408.00118 ", None),
        ("2408.00118\n", None),
        ("\u0662\u0664\u0660\u0668.00118", None),  # digits, but not ASCII
        ("", None),
    ],
)
def test_arxiv_ids(text: str, parts: tuple[str, int | None] | None) -> None:
    assert split_arxiv(text) == parts
    assert bool(ARXIV_ID.fullmatch(text)) == (parts is not None)


@pytest.mark.parametrize(
    "blank", ["\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u3000", " ", "  "]
)
def test_each_blank_is_squeezed(blank: str) -> None:
    for text in (f"a{blank}b", f"{blank}a b", f"a b{blank}", blank, f"a{blank}{blank}b"):
        assert squeeze(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2026-08-19T00:00:00.000Z", date(2026, 8, 19)),
        ("2026-08-19T23:59:59.999Z", date(2026, 8, 19)),
        ("2026-08-19", date(2026, 8, 19)),
        ("2026-08-19T23:30:00-04:00", date(2026, 8, 20)),
        ("2026-08-19T02:00:00+05:00", date(2026, 8, 18)),
    ],
)
def test_dates_are_of_utc(stamp: str, day: date) -> None:
    assert day_of(stamp) == day


@pytest.mark.parametrize(
    "stamp", ["", "yesterday", "2026-13-01", "2026-02-30T00:00:00.000Z", "0001-01-01T00:00:00+05:00"]
)
def test_no_dates(stamp: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        day_of(stamp)


def test_the_surface_is_what_it_says() -> None:
    assert {name: getattr(parsers, name).__name__ for name in parsers.__all__} == {n: n for n in parsers.__all__}
    with pytest.raises(AttributeError, match="no attribute 'Scraper'"):
        parsers.Scraper  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import dailypapers.parsers, sys; print({'pydantic', 'selectolax', 'orjson'} & set(sys.modules))"
    root = Path(str(parsers.__file__)).parents[1]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_a_parser_s_versions_are_its_own_and_those_of_what_it_is_built_on() -> None:
    numbers = {name: versions.version(name) for name in ("hf_html", "hf_item", "hf_cards")}
    assert versions.versions("hf_html") == numbers
    assert numbers["hf_html"] == versions.MODULES["hf_html"].version > 1
    with pytest.raises(KeyError, match="owls"):
        versions.versions("owls")
