"""What the certificate of a day says about its fetches, its papers and the views that showed them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from dailypapers.ingest.build.accumulation import _duplicates
from dailypapers.parsers.model import timestamp
from dailypapers.parsers.versions import SCHEMA
from tests.papersite import PaperSite, switches
from tests.papersite.answers import Switch
from tests.product import DAY, SERIES, Product
from tests.support.written_days import paper

BEGIN = datetime(2025, 12, 10, tzinfo=UTC)
API, PAGE = f"/api/daily_papers?date={DAY}", f"/papers/date/{DAY}"
Items = list[dict[str, Any]]


@pytest.fixture
def fetch(product: Product, site: PaperSite) -> Callable[..., dict[str, Any]]:
    """Fetches the day some hours after its begin; gives its certificate."""

    def at(hours: float, *changes: Switch, day: date = DAY) -> dict[str, Any]:
        site.switches[:] = changes
        product("run", "--day", f"{day}", now=BEGIN + timedelta(hours=hours))
        return product.certificate(day)

    return at


Fetch = Callable[..., dict[str, Any]]


def with_fields(*numbers: int) -> Callable[[Items], Items]:
    def edit(items: Items) -> Items:
        for number in numbers:
            items[number]["paper"]["newField"] = 1
        return items

    return edit


def of_another_day(items: Items) -> Items:
    items[0]["paper"]["submittedOnDailyAt"] = "2025-12-09T10:00:00.000Z"
    return items


def test_a_fetch_has_its_file_and_the_numbers_of_its_papers(product: Product, fetch: Fetch) -> None:
    fetch(13)
    certificate = fetch(14, *(switches.items(where, lambda items: items[3:]) for where in (API, PAGE)))
    first, second = certificate["fetches"]
    for entry, path in zip((first, second), product.archives(), strict=True):
        content = path.read_bytes()
        assert (entry["file"], entry["bytes"]) == (path.name, len(content))
        assert entry["sha256"] == sha256(content).hexdigest()
    names = ("at", "at_known", "kind", "papers", "new", "left", "elsewhere")
    assert [first[name] for name in names] == ["2025-12-10T13:00:00Z", True, "fetch", 12, 12, 0, False]
    assert [second[name] for name in names] == ["2025-12-10T14:00:00Z", True, "fetch", 9, 0, 3, False]
    assert [view["view"] for view in first["views"]] == ["api", "html"]
    certificate = fetch(15, *(switches.items(where, lambda items: items[1:]) for where in (API, PAGE)))
    # Of the newest fetch alone nothing left.
    assert [certificate["fetches"][2][name] for name in names[3:]] == [11, 0, 0, False]
    head = [certificate[name] for name in ("schema", "source", "query", "day", "as_of", "papers", "gone", "rejects")]
    assert head == [SCHEMA, "hf-daily", None, f"{DAY}", "2025-12-10T15:00:00Z", 12, 0, 0]


def test_papers_that_left_are_counted_and_stay(product: Product, fetch: Fetch) -> None:
    fetch(13)
    for hours in (26, 28):
        certificate = fetch(hours, *(switches.items(where, lambda items: items[2:]) for where in (API, PAGE)))
    assert (certificate["papers"], certificate["gone"]) == (12, 2)
    assert len([paper for paper in product.papers() if paper["last_seen"] is not None]) == 2


def test_what_only_one_view_shows_is_named_and_what_differs_counted(fetch: Fetch) -> None:
    fetch(13, switches.items(API, lambda items: items[1:]))
    certificate = fetch(14, switches.items(API, lambda items: items[2:]), switches.items(PAGE, with_fields(5)))
    # Of the newest fetch alone.
    assert [(view, len(keys)) for view, keys in certificate["only_in"].items()] == [("html", 2)]
    assert {field: each["papers"] for field, each in certificate["disagreements"]["api/html"].items()} == {"extra": 1}
    assert certificate["agreement"]["api/html"]["title"] == [10, 10]
    assert certificate["agreement"]["html: blob/cards"]["title"] == [12, 12]
    assert certificate["coverage"]["title"] == 12
    # The API has a rank, the page has none.
    assert certificate["coverage"]["rank"] == 10


def test_an_unknown_field_is_counted_in_the_view_and_fetch_that_has_most(fetch: Fetch) -> None:
    fetch(13, switches.items(API, with_fields(0)), switches.items(PAGE, with_fields(0, 1, 2)))
    certificate = fetch(14, switches.items(API, with_fields(0, 1)))
    assert certificate["unknown_fields"] == {"paper.newField": 3}


def test_entries_with_the_same_title_and_no_other_key_are_noted() -> None:
    keys = ["title:b", "title:a", "arxiv:1", "title:b", "arxiv:1", "title:c", "title:c", "title:b"]
    assert _duplicates([paper(key=key) for key in keys]) == [
        "3 entries have the key title:b; they are one line",
        "2 entries have the key title:c; they are one line",
    ]


def test_a_paper_that_says_another_day_is_left_out_and_named_with_its_view(product: Product, fetch: Fetch) -> None:
    both = [switches.items(where, of_another_day) for where in (API, PAGE)]
    assert fetch(13, *both)["papers"] == 12
    certificate = fetch(14, both[0], switches.items(PAGE, lambda items: items[1:]))
    (note,) = certificate["notes"]
    assert note.startswith("api: ")
    assert "2025-12-09" in note
    assert [view["papers"] for view in certificate["fetches"][1]["views"]] == [11, 11]
    # In another view alone it counts as well; of a paper that another view lists too, nothing is wrong.
    certificate = fetch(15, both[1], switches.items(API, lambda items: items[1:]))
    assert [note.partition(":")[0] for note in certificate["notes"]] == ["api", "html"]


def test_an_etag_that_changes_without_the_body_is_noted_with_its_view(fetch: Fetch) -> None:
    for number in range(3):
        certificate = fetch(
            13 + number, switches.header(API, "ETag", f'"{number}"'), switches.header(PAGE, "etag", "1")
        )
    assert certificate["notes"] == ["api: its ETag changes though the body does not"]


@pytest.mark.parametrize(
    ("hours", "profiled", "timely"),
    [
        ([13], 13, True),
        ([13, 20], 20, True),
        ([13, 23.9, 24], 23.9, True),
        ([13, 20, 40], 20, True),
        ([40, 60], 40, True),
        ([50], 50, True),
        ([50.1, 60], 50.1, False),
    ],
)
def test_the_profile_is_of_the_newest_fetch_before_the_end_or_of_the_first(
    fetch: Fetch, hours: list[float], profiled: float, timely: bool
) -> None:
    """A late fetch shows what was added to the site since."""
    for each in hours:
        certificate = fetch(each)
    assert [*certificate["profiles"]] == ["api", "html"]
    for view in certificate["profiles"].values():
        assert view["at"] == timestamp(BEGIN + timedelta(hours=profiled))
        assert view["file"] == next(each["file"] for each in certificate["fetches"] if each["at"] == view["at"])
        assert (view["timely"], view["at_known"], view["items"]) == (timely, True, 12)


def test_a_profile_has_the_values_of_the_first_view_and_the_presence_of_the_other(fetch: Fetch) -> None:
    profiles = fetch(13)["profiles"]
    assert "types" in profiles["api"]["fields"]["paper.title"]
    assert "types" not in profiles["html"]["fields"]["paper.title"]
    assert (profiles["api"]["reading"], profiles["html"]["reading"]) == ("api", "blob")
    assert profiles["html"]["matched"]["article"] == 12


def test_a_fetch_whose_view_shows_nothing_is_not_profiled(fetch: Fetch) -> None:
    fetch(13)
    certificate = fetch(14, switches.items(API, lambda _: []))
    assert [view["at"][11:13] for view in certificate["profiles"].values()] == ["13", "14"]


def test_rejects_are_counted_once_however_often_they_are_shown(product: Product, fetch: Fetch) -> None:
    for hours in (13, 14):
        certificate = fetch(hours, switches.bad_item(API))
    assert certificate["rejects"] == len(product.store.rejects(SERIES, DAY).read_bytes().splitlines()) == 1
