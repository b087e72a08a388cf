"""The file of waived days: lines are added once, nothing of what others wrote is lost, and only whole lines count."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.plan.waived import Waiver, invalid_lines, waive, waivers
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.written_days import DAILY, DAY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_line_is_added_to_waived_txt_once_and_keeps_what_others_wrote(store: Store) -> None:
    waiver = Waiver("hf-daily", DAY, DAY + timedelta(days=1), "it was 2025")
    before = b"# Gr\xfc\xdfe aus Latin-1\nhf-weekly\t2025-12-08\t2025-12-08\ta reason\twith a tab\nno range"
    weekly = Waiver("hf-weekly", date(2025, 12, 8), date(2025, 12, 8), "a reason\twith a tab")
    store.root.mkdir(exist_ok=True)
    store.waived.write_bytes(before)
    assert waive(store, waiver)
    assert not waive(store, waiver)
    assert store.waived.read_bytes() == before + f"\nhf-daily\t{DAY}\t{DAY + timedelta(days=1)}\tit was 2025\n".encode()
    assert list(waivers(store)) == [weekly, waiver]
    expected = "not waived: expected source, since, until, reason with tabs between"
    assert invalid_lines(store) == [f"{store.waived}:3: {expected}"]
    assert [waiver.covers(DAILY, DAY + timedelta(days=number)) for number in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    assert not waiver.covers(Series("hf-weekly"), DAY)
    (store.root / "waived.txt").unlink()
    assert (list(waivers(store)), invalid_lines(store), waive(store, waiver)) == ([], [], True)


@pytest.mark.parametrize(
    "line",
    [
        "hf-daily 2025-12-08 2025-12-09 the disk was full",
        "hf-daily\t2025-12-08\t2025-12-09",
        "hf-daily\t2025-12-08\tthe disk was full",
        "hf-daily\t2025-12-32\t2025-12-33\tthe disk was full",
        "hf-daily\t\t2025-12-09\tthe disk was full",
    ],
)
def test_a_line_that_is_not_a_range_is_reported_and_waives_nothing(store: Store, line: str) -> None:
    store.waived.write_text(f"{line}\nhf-daily\t2025-12-08\t2025-12-09\tother days\n")
    assert [waiver.reason for waiver in waivers(store)] == ["other days"]
    (message,) = invalid_lines(store)
    assert message.startswith(f"{store.waived}:1: ")


def test_the_words_of_a_search_may_have_spaces(store: Store) -> None:
    search = Series("hf-search", "tiny models")
    waiver = Waiver(str(search), DAY, DAY, "no longer of interest")
    assert waive(store, waiver)
    assert list(waivers(store)) == [waiver]
    assert [waiver.covers(series, DAY) for series in (search, DAILY, Series("hf-search", "tiny"))] == [
        True,
        False,
        False,
    ]
