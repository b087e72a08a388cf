"""What a page says it lists, and how many items it promises."""

from datetime import date
from typing import Any

import orjson
import pytest

from dailypapers.parsers import Claims, Page, parse
from dailypapers.parsers.hf.claims import claims_of_blob, claims_of_date, count_of


@pytest.mark.parametrize(
    ("stamp", "period", "day", "known"),
    [
        ("2026-08-19", None, date(2026, 8, 19), "day"),
        ("2026-08-19", "day", date(2026, 8, 19), "day"),
        ("2026-08-19T00:00:00.000Z", "week", date(2026, 8, 17), "week"),
        ("2026-08-19", "month", date(2026, 8, 1), "month"),
        ("2026-W34", None, date(2026, 8, 17), "week"),
        ("2026-W34", "day", date(2026, 8, 17), "day"),
        ("2026-08", None, date(2026, 8, 1), "month"),
        ("2026-08", "day", date(2026, 8, 1), "day"),
        ("2026-08-19", "year", date(2026, 8, 19), "day"),
        ("2026-08-19", 7, date(2026, 8, 19), "day"),
        ("2026-08-19", [], date(2026, 8, 19), "day"),
    ],
)
def test_a_date_claims_the_first_day_of_its_period(stamp: str, period: object, day: date, known: str) -> None:
    assert claims_of_date(stamp, period) == Claims(day=day, period=known)


@pytest.mark.parametrize(
    ("stamp", "note"),
    [
        (None, "the page claims no date: the value null"),
        (7, "the page claims no date: the value 7"),
        ("soon", "the page claims no date that can be read: the text 'soon'"),
        ("2026-W54", "the page claims no date that can be read: the text '2026-W54'"),
        ("2026-13", "the page claims no date that can be read: the text '2026-13'"),
    ],
)
def test_what_is_no_date_is_noted(stamp: object, note: str) -> None:
    assert claims_of_date(stamp) == Claims(notes=(note,))


@pytest.mark.parametrize(
    ("props", "claims"),
    [
        ({"dateString": "2026-08-19", "date": "2020-01-01", "periodType": "week", "totalCount": 3},
         Claims(date(2026, 8, 17), "week", 3)),
        ({"date": "2024-08-01T00:00:00.000Z"}, Claims(date(2024, 8, 1), "day")),
        ({"dateString": "", "date": "2024-08-01", "isTrending": False, "query": " "}, Claims(date(2024, 8, 1), "day")),
        ({"isTrending": True, "totalCount": "70", "dateString": "2026-08-19"},
         Claims(None, "trending", 70, notes=("the page is the trending list, of no day",))),
        ({"isTrending": True, "query": "owls"},
         Claims(None, "trending", notes=("the page is the trending list, of no day",))),
        ({"isTrending": 1, "query": "öwls", "totalCount": 2},
         Claims(None, "search", 2, notes=("the page is a search for '\\xf6wls', of no day",))),
        ({"isTrending": 1, "query": 7, "date": "2024-08-01"}, Claims(date(2024, 8, 1), "day")),
    ],
)  # fmt: skip
def test_a_blob_claims_a_day_unless_it_is_trending_or_a_search(props: dict[str, object], claims: Claims) -> None:
    assert claims_of_blob(props) == claims


@pytest.mark.parametrize(
    ("found", "count"),
    [
        (0, 0), (7, 7), (-1, None), (True, None), (7.0, None), (None, None), ("7", 7), ("0", 0), ("-7", None),
        ("", None), ("٧", None), ("7.0", None), ("1" * 19, int("1" * 18)),
        ("1" * 18, int("1" * 18)), ("1" * 5000, int("1" * 18)),
    ],
)  # fmt: skip
def test_a_promise_is_a_number_of_items(found: object, count: int | None) -> None:
    assert count_of(found) == count


def claims_of_answer(items: list[Any], *headers: tuple[str, str]) -> Claims:
    return parse(Page("", 200, headers, orjson.dumps(items), None), "hf_api", source="hf-daily").claims


def item(stamp: object) -> dict[str, Any]:
    return {"paper": {"id": "2608.99001", "title": "Lamps", "submittedOnDailyAt": stamp}}


def test_an_answer_claims_the_day_of_most_of_its_items_and_what_its_headers_say() -> None:
    stamps = ["2026-08-19T01:00:00.000Z", "2026-08-19", "2026-08-18", "2026-08-19", "2026-08-20", "soon", 7]
    headers = ("X-Total-Count", "70"), ("Link", '<https://a.example/?p=2>; rel="next"')
    assert claims_of_answer([*map(item, stamps), {}], *headers) == Claims(
        day=date(2026, 8, 19),
        promised=70,
        next_url="https://a.example/?p=2",
        notes=("1 of 5 items says 2026-08-18", "1 of 5 items says 2026-08-20"),
    )


@pytest.mark.parametrize(
    ("stamps", "note"),
    [
        (["2026-08-18", "2026-08-20"], "2 items say 2 days, 2026-08-18 to 2026-08-20, none of them most"),
        (["2026-08-18", "2026-08-18", "2026-08-20", "2026-08-19"],
         "4 items say 3 days, 2026-08-18 to 2026-08-20, none of them most"),
    ],
)  # fmt: skip
def test_an_answer_of_several_days_claims_none(stamps: list[str], note: str) -> None:
    assert claims_of_answer([*map(item, stamps)]) == Claims(period="mixed", notes=(note,))


def test_an_answer_without_days_claims_nothing() -> None:
    assert claims_of_answer([item(None), {"paper": None}]) == claims_of_answer([]) == Claims()
