"""Which archived page becomes a fixture, and what its metadata says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.archive.model import Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.errors import CaptureError, UsageError
from dailypapers.ingest.fixtures.capture import (
    MAX_BYTES,
    META,
    Case,
    Selection,
    capture,
    check_case,
    digest,
    meta_bytes,
)
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers import Page
from dailypapers.snapshots.store.layout import Store
from tests.product import DAY, NOW, SERIES

SOURCE = SOURCES["hf-daily"]
API, HTML = SOURCE.views
URL = f"https://huggingface.co/api/daily_papers?date={DAY}&limit=100"
TOKEN = "hf-token-of-a-user"


def listing(*numbers: int, **fields: object) -> bytes:
    """An answer of the API with these papers."""
    items = [{"paper": {"id": f"2512.{number:05}", "title": f"Paper {number}", **fields}} for number in numbers]
    return json.dumps(items).encode()


def page(body: bytes, status: int = 200, url: str = URL, at: datetime = NOW, **headers: str) -> Page:
    return Page(url, status, (("Content-Type", "application/json"), *headers.items()), body, at)


def archived(store: Store, *pages: Page, hours: int = 0, view: str = "api", **changes: Any) -> Path:
    """Archive a fetch of one view."""
    at = NOW + timedelta(hours=hours)
    fetch = Fetch(SERIES, DAY, at, (ViewPass(view, tuple(map(served, pages))),), **changes)
    written = write_fetch(store, fetch, {})
    assert written is not None
    return written.path


def captured(store: Store, token: str | None = None, **selection: Any) -> Case:
    return capture(store, Selection(SourceDay(SOURCE, SERIES, DAY), selection.pop("view", API), **selection), token)


def refused(store: Store, **selection: Any) -> str:
    with pytest.raises(CaptureError) as error:
        captured(store, **selection)
    return f"{error.value}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in which nothing is archived yet."""
    return Store(tmp_path / "store")


def test_metadata_describes_the_page(store: Store) -> None:
    body = listing(1, 2)
    archived(store, page(body, ETag='"1"', Server="a", Date="b"))
    case = captured(store, note="two papers")
    assert case.suffix == "json"
    assert case.page.body == body
    assert case.meta == {
        "url": URL,
        "status": 200,
        "headers": [["Content-Type", "application/json"], ["ETag", '"1"']],
        "fetched_at": "2025-12-19T12:00:00Z",
        "parser": "hf_api",
        "day": f"{DAY}",
        "synthetic": False,
        "note": "two papers",
        "cut": None,
        "scrubbed": ["header Date", "header Server"],
        "sha256": {"page.json": digest(body)},
    }
    assert captured(store, synthetic=True).meta["synthetic"] is True


def test_a_page_of_another_site_is_synthetic_and_has_the_address_of_the_real_one(store: Store) -> None:
    url = f"http://127.0.0.1:8080/api/daily_papers?date={DAY}&next=http://127.0.0.1:8080/"
    archived(store, page(listing(1), url=url, Link="<http://127.0.0.1:8080/a>, <http://127.0.0.1:8080/b>"))
    meta = captured(store).meta
    expected = f"https://huggingface.co/api/daily_papers?date={DAY}&next=http://000.0.0.0:8080/"
    assert (meta["synthetic"], meta["url"], meta["scrubbed"]) == (True, expected, ["1 network address"])
    assert ["Link", "<https://huggingface.co/a>, <https://huggingface.co/b>"] in meta["headers"]


def test_the_user_s_token_is_masked_wherever_it_is(store: Store) -> None:
    text = f"a challenge for {TOKEN}"
    archived(store, page(f"<title>{text}</title>".encode(), url=f"{URL}&a={TOKEN}", ETag=TOKEN))
    case = captured(store, TOKEN)
    assert TOKEN not in json.dumps(case.meta)
    assert TOKEN.encode() not in case.page.body
    assert "xx-xxxxx-xx-x-xxxx" in case.meta["error"]
    assert case.meta["scrubbed"] == ["3 tokens"]


def test_a_page_without_a_known_time_has_none(store: Store) -> None:
    archived(store, page(listing(1)), kind="import", at_known=False)
    assert captured(store).meta["fetched_at"] is None


@pytest.mark.parametrize(
    ("status", "chosen"), [((200, 200), 2), ((200, 503), 1), ((404, 503), 2), ((503, 200), 2), ((200, 301), 1)]
)
def test_the_newest_good_answer_is_chosen_else_the_newest(store: Store, status: tuple[int, int], chosen: int) -> None:
    for number, each in enumerate(status, 1):
        archived(store, page(listing(number), each), hours=number)
    assert captured(store).page.body == listing(chosen)


@pytest.mark.parametrize("status", [300, 399])
def test_a_redirect_is_no_page(store: Store, status: int) -> None:
    archived(store, page(b"", status, Location="/"), page(listing(1)), page(listing(2), 400))
    assert captured(store).page.body == listing(1)
    assert captured(store, number=2).page.body == listing(2)
    path = archived(store, page(b"", status, Location="/"), page(listing(1)), hours=1)
    assert refused(store, number=2) == f"{path}: api has 1 pages; there is no page 2"


def test_a_fetch_is_named_by_the_beginning_of_its_file(store: Store) -> None:
    first, second = (archived(store, page(listing(hours)), hours=hours).name for hours in (1, 2))
    assert captured(store, fetch=first).page.body == listing(1)
    assert captured(store, fetch=second[:12]).page.body == listing(2)
    message = refused(store, fetch="1999")
    assert message == (f"hf-daily {DAY}: no intact archive file begins with '1999'; there are: {first}, {second}")


def test_a_view_without_an_answer_names_those_that_have_one(store: Store) -> None:
    fault = ViewPass("api", (Fault(URL, "refused"),))
    html = ViewPass("html", (served(page(b"<p>a</p>")),))
    write_fetch(store, Fetch(SERIES, DAY, NOW, (fault, html)), {})
    assert refused(store) == f"hf-daily {DAY}: no answer of the view api; try --view html"
    archived(store, page(listing(1)), hours=1)
    assert captured(store, view=HTML).suffix == "html"


def test_what_is_not_archived_names_what_is(store: Store) -> None:
    where = f"hf-daily {DAY}: not in the archive {store.root / 'pages'}; "
    advice = f"Fetch the day with `dailypapers run hf-daily --day {DAY}`, or import it"
    assert refused(store) == f"{where}it has no day of this source. {advice}"
    for days in (1, 3):
        fetch = Fetch(SERIES, DAY + timedelta(days=days), NOW, (ViewPass("api", (served(page(listing(1))),)),))
        write_fetch(store, fetch, {})
    expected = f"{where}it has 2 days, {DAY + timedelta(days=1)} to {DAY + timedelta(days=3)}. {advice}"
    assert refused(store) == expected


@pytest.mark.parametrize(("items", "cut"), [("2", {"items": [1, 2], "of": 3}), ("3", None), (None, None)])
def test_a_page_of_which_all_items_are_selected_is_whole(
    store: Store, items: str | None, cut: dict[str, object] | None
) -> None:
    body = listing(1, 2, 3)
    archived(store, page(body))
    case = captured(store, items=items)
    assert case.meta["cut"] == cut
    assert (case.page.body == body) is (cut is None)
    assert len(json.loads(case.page.body)) == (2 if cut else 3)


def test_a_page_that_is_not_a_listing_cannot_be_cut(store: Store) -> None:
    archived(store, page(b'{"error": "down"}'))
    message = refused(store, items="1")
    assert message.endswith("; it has no items, so capture it whole")
    reason = message.removeprefix(f"{URL}: ").partition(";")[0]
    assert captured(store).meta["error"] == reason


@pytest.mark.parametrize(("size", "is_too_large"), [(MAX_BYTES - 1, False), (MAX_BYTES, True)])
def test_a_fixture_is_smaller_than_its_limit(store: Store, size: int, is_too_large: bool) -> None:
    body = listing(1, summary="a" * (size - len(listing(1, summary=""))))
    assert len(body) == size
    archived(store, page(body))
    if is_too_large:
        expected = f"{URL}: {size} bytes, and a fixture must have less than 200000; cut it, e.g. with --items 3"
        assert refused(store) == expected
    else:
        assert len(captured(store).page.body) == size


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a--b", "../a", "a\n", "a b"])
def test_a_case_has_a_plain_name(name: str) -> None:
    with pytest.raises(UsageError) as error:
        check_case(name)
    example = "use lowercase letters, digits and hyphens, e.g. api-2026-no-votes"
    assert f"{error.value}" == f"--case {name!r}: {example}"
    assert [check_case(good) for good in ("a", "7", "api-2026-no-votes")] == ["a", "7", "api-2026-no-votes"]


@pytest.mark.parametrize("existing", [["meta.json"], ["page.json", "meta.json"], ["notes.txt", "page.json"]])
def test_a_case_is_never_written_over(store: Store, tmp_path: Path, existing: Sequence[str]) -> None:
    archived(store, page(listing(1)))
    case, folder = captured(store), tmp_path / "case"
    folder.mkdir()
    for name in existing:
        (folder / name).write_bytes(b"before")
    with pytest.raises(CaptureError) as error:
        case.write(folder)
    advice = "this case exists already; choose another --case, or delete the folder"
    assert f"{error.value}" == f"{folder}: {advice}"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == dict.fromkeys(existing, b"before")


def test_a_file_where_the_case_should_be_is_left_alone(store: Store, tmp_path: Path) -> None:
    archived(store, page(listing(1)))
    (tmp_path / "case").write_bytes(b"before")
    with pytest.raises(CaptureError, match="this case exists already"):
        captured(store).write(tmp_path / "case")
    assert (tmp_path / "case").read_bytes() == b"before"


def test_metadata_has_its_keys_in_order_and_unknown_ones_last() -> None:
    meta: dict[str, Any] = {"mine": 1, **{name: None for name in reversed(META) if name != "error"}}
    content = meta_bytes(meta)
    assert list(json.loads(content)) == [*(name for name in META if name != "error"), "mine"]
    assert content.startswith(b'{\n  "url": null,\n')
    assert content.endswith(b"\n}\n")
