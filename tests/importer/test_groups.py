"""Which imported pages are one fetch: by their day, their time and their page numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.archive.model import Fault, Fetch, ViewPass, served
from dailypapers.ingest.archive.writer import write_fetch
from dailypapers.ingest.importer.scan import AcceptedPage, FileScan
from dailypapers.ingest.importer.store import group_pages, store_fetches
from dailypapers.ingest.importer.warc import FilePage
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series, Store
from tests.product import DAY, NOW, SERIES

ROOT = Path(__file__).parents[2]
SOURCE = SOURCES["hf-daily"]
AT = datetime(2025, 12, 11, 7, 50, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def accepted(
    number: int = 0, at: datetime | None = AT, name: str = "a", view: int = 0, day: date = DAY
) -> AcceptedPage:
    def load() -> Page:
        raise AssertionError("is not read to be grouped")

    page = FilePage(name, Path(name), (number, name), at, is_plain_file=True, is_resource=True, load=load)
    return AcceptedPage(page, SOURCE.views[view], day)


def grouped(pages: Sequence[AcceptedPage], fetched_at: datetime | None = None) -> list[Any]:
    groups = group_pages(pages, fetched_at)
    return [(group.fetched_at, [page.file_page.name for page in group.pages]) for group in groups]


@pytest.mark.parametrize(
    ("number", "later", "together"),
    [
        (1, MINUTE, True),
        (1, 10 * MINUTE, True),
        (1, 10 * MINUTE + timedelta(seconds=1), False),
        (0, MINUTE, False),
        (0, timedelta(0), True),
    ],
)
def test_a_listing_goes_on_with_a_higher_page_number_within_ten_minutes(
    number: int, later: timedelta, together: bool
) -> None:
    pages = [accepted(0), accepted(number, AT + later, "b")]
    assert grouped(pages) == ([(AT, ["a", "b"])] if together else [(AT, ["a"]), (AT + later, ["b"])])
    assert grouped(pages[::-1]) == grouped(pages)


def test_the_highest_number_of_the_view_counts() -> None:
    pages = [accepted(number, AT + number * MINUTE, f"{number}") for number in (0, 2)]
    other = accepted(1, AT + 3 * MINUTE, "other", view=1)
    again = accepted(2, AT + 4 * MINUTE, "again")
    assert grouped([*pages, other, again]) == [(AT, ["0", "2", "other"]), (AT + 4 * MINUTE, ["again"])]


def test_days_and_pages_of_unknown_time_are_fetches_of_their_own() -> None:
    midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    unknown, known = accepted(at=None, name="unknown"), accepted(1, midnight, "known")
    other_day = accepted(1, AT, "other", day=DAY + timedelta(days=1))
    assert grouped([unknown, known]) == [(midnight, ["unknown"]), (midnight, ["known"])]
    assert [group.time_known for group in group_pages([unknown, known], None)] == [False, True]
    assert grouped([accepted(), other_day]) == [(AT, ["a"]), (AT, ["other"])]
    assert grouped([unknown, accepted(1, AT, "b")], AT) == [(AT, ["unknown", "b"])]


def test_a_copied_text_is_of_the_day_that_it_names_without_a_year(tmp_path: Path) -> None:
    entry = "A Title of Some Paper\n\nAn abstract that says what it is about.\n\n  • 3 authors\n·\nDec 8\n\n"
    saved = tmp_path / "listing.txt"
    saved.write_text(f"Daily Papers\n\nbyAK and the research community\n\nDec 9\n\n{entry}")
    found = []
    for day in (date(2025, 12, 9), date(2025, 12, 10), date(2024, 12, 9)):
        scan = FileScan(SourceSeries(SOURCES["hf-text"], Series("hf-text")), day, NOW)
        scan.scan([saved])
        found.append([page.day for page in scan.accepted] or str(scan.refused[0]))
    other = f"{saved}: taken for 2025-12-10, but it lists the day 2025-12-09"
    assert found == [[date(2025, 12, 9)], other, [date(2024, 12, 9)]]


def test_a_page_is_stored_beside_a_fetch_with_a_fault_and_once(tmp_path: Path) -> None:
    store, source_day = Store(tmp_path / "store"), SourceSeries(SOURCE, SERIES).on(DAY)
    empty = served(Page(source_day.canonical_url(SOURCE.views[0]), 200, (), b"[]", AT))
    views = (ViewPass("api", (empty,)), ViewPass("html", (Fault("/papers", "connection refused"),)))
    assert write_fetch(store, Fetch(SERIES, DAY, AT, views), {}) is not None
    saved = tmp_path / f"{DAY}.json"
    saved.write_bytes(b"[]")
    scan = FileScan(SourceSeries(SOURCE, SERIES), None, NOW)
    scan.scan([saved])

    def stored(at: datetime) -> list[int]:
        return list(store_fetches(store, source_day, group_pages(scan.accepted, at)))

    # The same content at the same time is there; at another time it is another fetch, and that once.
    assert [stored(at) for at in (AT, AT + MINUTE, AT + MINUTE)] == [[0], [1], [0]]
    assert len(store.archives(SERIES, DAY)) == 2


def test_an_import_waits_for_a_fetch_of_its_day(tmp_path: Path) -> None:
    store, source_day = Store(tmp_path / "store"), SourceSeries(SOURCE, SERIES).on(DAY)
    saved = tmp_path / f"{DAY}.json"
    saved.write_bytes(b"[]")
    scan = FileScan(SourceSeries(SOURCE, SERIES), None, NOW)
    scan.scan([saved])
    code = (
        "import sys; from datetime import date; from pathlib import Path; "
        "from dailypapers.snapshots.store.layout import Series, Store\n"
        "from dailypapers.snapshots.store.locks import fetching\n"
        "with fetching(Store(Path(sys.argv[1])), Series('hf-daily'), date.fromisoformat(sys.argv[2])):\n"
        "    print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(store.root), f"{DAY}"]
    with (
        ThreadPoolExecutor(1) as pool,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as fetch,
    ):
        assert fetch.stdout is not None
        assert fetch.stdin is not None
        assert fetch.stdout.readline() == "locked\n"
        importing = pool.submit(lambda: list(store_fetches(store, source_day, group_pages(scan.accepted, AT))))
        with pytest.raises(TimeoutError):
            importing.result(timeout=0.3)
        fetch.stdin.close()
        assert importing.result(timeout=60) == [1]
