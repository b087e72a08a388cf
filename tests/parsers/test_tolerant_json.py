"""JSON as sites serve it, the words for what was found in it, and what becomes of an item that is no paper."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from dailypapers import parsers
from dailypapers.parsers import Page, Parsed, ParseError, driver, model, parse
from dailypapers.parsers.model import FieldError, ItemError, timestamp
from dailypapers.parsers.text import day_of
from dailypapers.parsers.tolerant_json import MAX_DEPTH, Unreadable, describe, loads
from tests.support.changed_parsers import set_fields


def read(content: bytes) -> Parsed:
    return parse(Page("", 200, (), content, None), "hf_api", source="hf-daily")


def errors(item: object) -> list[tuple[str, str]]:
    """The errors of an item that stands beside a good one."""
    (reject,) = read(json.dumps([item, {"paper": {"id": "2608.99002", "title": "Lamps"}}]).encode()).rejects
    return [(error.path, error.message) for error in reject.errors]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a" * 100, f"the text '{'a' * 100}'"),
        ("a" * 101, f"the text '{'a' * 100}...'"),
        ("\xfc\ud83d", "the text '\\xfc\\ud83d'"),
        (int("1" * 101), f"the value {'1' * 100}"),
        ({"a": 1, "b": 2}, "an object with the keys 'a, b'"),
    ],
)
def test_what_was_found_is_shown_in_a_hundred_letters(value: object, words: str) -> None:
    assert describe(value) == words


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", float(-(2**63))),
        ("1.5", 1.5),
        ("1e999", "1e999"),
        ("-1e999", "-1e999"),
        ("NaN", "NaN"),
        ("9" * 400, "9" * 400),
    ],
)
def test_numbers_beside_a_lone_surrogate(written: str, value: object) -> None:
    found = loads(b'["\\ud800", ' + written.encode() + b"]").value
    assert found == ["\ud800", value]
    assert isinstance(found, list)
    assert type(found[1]) is type(value)


def test_a_text_is_decoded_like_its_bytes_and_a_byte_order_mark_is_passed_over() -> None:
    assert loads('["\ud800"]').value == loads(b'\xef\xbb\xbf["\\ud800"]').value == ["\ud800"]


def test_items_that_cannot_be_written_are_marked_with_the_reason() -> None:
    decoded = loads(b'["\\ud800", "\xff", "\xc3\xbc"]')
    assert isinstance(decoded.value, list)
    assert decoded.items(decoded.value) == [
        Unreadable("\ud800", "holds '\\ud800', a lone surrogate or a broken byte, which UTF-8 has not"),
        Unreadable("\udcff", "holds '\\udcff', a lone surrogate or a broken byte, which UTF-8 has not"),
        "ü",
    ]


TOO_DEEP = "nested too deeply to be read"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}"), ('{"[": 0, "a\\"]": [0, ', "]}")])
@pytest.mark.parametrize("text", [r"\ud800", r"\ud800 \" ] }"])
def test_the_limit_of_nesting_is_the_same_on_every_interpreter(opening: str, closing: str, text: str) -> None:
    levels = MAX_DEPTH // len(closing)
    assert loads(opening * levels + f'"{text}"' + closing * levels).value
    with pytest.raises(ValueError, match=f"^{TOO_DEEP}$"):
        loads(opening * (levels + 1) + f'"{text}"' + closing * (levels + 1))


@pytest.mark.parametrize("page", [b"[" * 100_000, b"[" * 2_000 + b"]" * 2_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000])
def test_nesting_that_no_page_has_is_refused(page: bytes) -> None:
    with pytest.raises(ValueError, match=f"^{TOO_DEEP}$"):
        loads(page)


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (7, [("", "expected an object with a paper, found the value 7")]),
        ({}, [("paper", "is missing")]),
        ({"paper": "x"}, [("paper", "expected an object, found the text 'x'")]),
        ({"paper": {"title": "Lamps"}}, [("arxiv_id", "is missing")]),
        (
            {"paper": {"id": "2608.99001v2", "title": ""}},
            [("title", "String should have at least 1 character; found the text ''")],
        ),
        (
            {"paper": {"id": 2608.9901, "title": "Lamps", "upvotes": -1, "authors": [{}]}},
            [
                ("authors.0.name", "Input should be a valid string; found the value null"),
                ("upvotes", "Input should be greater than or equal to 0; found the value -1"),
                (
                    "arxiv_id",
                    "is the number 2608.9901, but ids are strings: a number loses its closing zeros",
                ),
            ],
        ),
    ],
)
def test_every_error_of_an_item_is_named_with_its_place(item: object, found: list[tuple[str, str]]) -> None:
    assert errors(item) == found


def test_an_id_is_quoted_in_a_hundred_letters() -> None:
    assert errors({"paper": {"id": "y" * 101, "title": "Lamps"}}) == [
        ("arxiv_id", f"'{'y' * 100}' is no arXiv id like 2408.00118 or hep-th/9901001")
    ]


def test_other_faults_of_an_item_are_named_by_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> dict[str, object]:
        raise KeyError("owls")

    set_fields(monkeypatch, "hf_api", broken)
    (reject,) = read(b'[{"paper": {}}]').rejects
    assert reject.errors == (FieldError("", "KeyError: 'owls'"),)
    assert (reject.position, reject.raw) == (1, {"paper": {}})


@pytest.mark.parametrize(("depth", "kept"), [(63, True), (64, False)])
def test_an_item_is_kept_down_to_a_depth(depth: int, kept: bool) -> None:
    nest: Any = 1
    for number in range(depth - 2):
        nest = [nest] if number % 2 else {"in": nest}
    item = {"paper": {"id": 7, "nest": nest}}
    (reject,) = read(json.dumps([item]).encode()).rejects
    assert reject.raw == (item if kept else "(left out: nested more than 64 deep)")


def test_unknown_names_are_counted_in_order_of_the_alphabet() -> None:
    items = [{"zeal": 1, "paper": {"moss": 1}}, {"zeal": 1, "ash": 1, "\ud83d": 1, "paper": {}}, 7]
    assert list(read(json.dumps(items).encode()).unknown.items()) == [("paper.moss", 1), ("zeal", 1)]


def test_a_page_without_an_address_is_called_a_page() -> None:
    assert str(ParseError("", "is empty")) == "page: is empty"
    assert (str(FieldError("title", "is missing")), str(FieldError("", "is torn"))) == ("title: is missing", "is torn")


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own time is not UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_time_is_written_in_utc(far_east: None) -> None:
    east = timezone(timedelta(hours=5))
    assert timestamp(datetime(2026, 8, 20, 3, 4, 5, 999_999, tzinfo=east)) == "2026-08-19T22:04:05Z"
    seen = model.Paper(key="doi:1", source="x", title="T", first_seen=datetime(2026, 8, 20, 3, 4, 5, 9, tzinfo=east))
    assert seen.first_seen == datetime(2026, 8, 19, 22, 4, 5, tzinfo=UTC)
    assert seen.first_seen.tzinfo is UTC


def test_a_day_is_of_utc_wherever_the_machine_is(far_east: None) -> None:
    assert day_of("2026-08-19T01:00:00") == date(2026, 8, 19)
    assert day_of("2026-08-19T23:30:00+00:00") == date(2026, 8, 19)
    # The time of a stamp as the sites write it is not looked at.
    assert day_of("2026-08-19T99:99:99.999Z") == date(2026, 8, 19)
    with pytest.raises(ValueError, match=r"^'0001-01-01T00:00:00\+05:00' lies outside the calendar in UTC$"):
        day_of("0001-01-01T00:00:00+05:00")


def test_an_item_error_reads_like_its_field_error() -> None:
    assert (str(ItemError("paper", "is missing")), str(ItemError("", "is torn"))) == ("paper: is missing", "is torn")


def test_the_package_loads_a_name_when_it_is_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in (("parse", driver), ("Page", model)):
        monkeypatch.delitem(vars(parsers), name, raising=False)
        assert getattr(parsers, name) is getattr(module, name)
        assert vars(parsers)[name] is getattr(module, name)
    with pytest.raises(AttributeError) as raised:
        parsers.Owls  # noqa: B018
    assert str(raised.value) == "module 'dailypapers.parsers' has no attribute 'Owls'"
