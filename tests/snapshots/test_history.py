"""The history of a paper from the files of the days that list it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.snapshots.certificate import Witness, is_witness, parse_witness
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.history import (
    ArxivVersion,
    Metric,
    PaperHistory,
    arxiv_version,
    first_versions,
    paper_history,
)
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.fetch_evidence import FETCH, WITNESS
from tests.support.written_days import DAILY, DAY, START, paper, write_day

KEY = paper(1).key
WEEKLY = Series("hf-weekly")
NEXT = DAY + timedelta(days=1)
LAST = datetime(2025, 12, 12, 8, tzinfo=UTC)
"""The time of the newest fetch of a day that `write_day` writes."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two days of one series and a day of another that list a paper, beside others."""
    written = Store(tmp_path)
    write_day(written, [paper(1, upvotes=3), paper(2)], fetches=[FETCH, {**FETCH, "witness": WITNESS}])
    write_day(written, [paper(1, title="Paper 1, again"), paper(12)], day=NEXT)
    write_day(written, [paper(12), paper(1)], series=WEEKLY)
    return written


def test_a_history_has_each_day_in_the_order_given(store: Store) -> None:
    listings = [(DAILY, NEXT, KEY), (WEEKLY, DAY, KEY), (DAILY, DAY, KEY)]
    found = list(paper_history(store, listings))
    assert [(each.series, each.day, each.key) for each in found] == listings
    assert [each.title for each in found] == ["Paper 1, again", "Paper 1", "Paper 1"]
    assert [each.metrics for each in found][2] == [Metric(START, KEY, 3, None, None)]
    assert [each.version for each in found] == [None, None, None]
    assert [each.witnesses for each in found] == [{}, {}, {LAST: WITNESS}]


@pytest.mark.parametrize("key", ["arxiv:2512.0000", "title", "Paper 2", "\ud83d"])
def test_a_day_whose_file_does_not_have_the_key_is_left_out(store: Store, key: str) -> None:
    listings = [(DAILY, DAY - timedelta(days=1), KEY), (DAILY, DAY, key), (DAILY, NEXT, KEY)]
    assert [each.day for each in paper_history(store, listings)] == [NEXT]


def test_a_key_in_the_text_of_another_paper_is_not_found(store: Store) -> None:
    write_day(store, [paper(2, title=KEY), paper(3, keywords=[KEY])])
    assert list(paper_history(store, [(DAILY, DAY, KEY)])) == []


def test_a_day_without_a_certificate_has_no_witnesses(store: Store) -> None:
    write_day(store, [paper(1, arxiv_version=2, updated=DAY)])
    store.certificate(DAILY, DAY).unlink()
    (found,) = paper_history(store, [(DAILY, DAY, KEY)])
    assert (found.witnesses, found.version) == ({}, ArxivVersion(2, DAY, START))


@pytest.mark.parametrize(
    "damage",
    [
        b'{"key":"%b","title"' % KEY.encode(),
        b'{"title":"A","doi":"%b"}' % KEY.encode(),
        b'["%b"]' % KEY.encode(),
        b'{"key":"%b"}' % KEY.encode(),
        b'{"key":"%b","title":"A","arxiv_version":1}' % KEY.encode(),
        b'{"key":"%b","title":"A","arxiv_version":1,"first_seen":"now","last_seen":null,"updated":null}' % KEY.encode(),
    ],
)
def test_a_damaged_day_file_is_named(store: Store, damage: bytes) -> None:
    path = store.papers(DAILY, DAY)
    path.write_bytes(damage + b"\n")
    with pytest.raises(StoreError) as error:
        list(paper_history(store, [(DAILY, DAY, KEY)]))
    assert f"{error.value}".startswith(f"{path}: damaged (")
    assert f"{error.value}".endswith("); run dailypapers build --all")


def test_a_title_is_text_whatever_the_line_has(store: Store) -> None:
    store.papers(DAILY, DAY).write_text(f'{{"key":"{KEY}","title":7}}\n')
    (found,) = paper_history(store, [(DAILY, DAY, KEY)])
    assert found.title == "7"


def row(**fields: Any) -> dict[str, Any]:
    known = {"first_seen": "2025-12-10T08:00:00Z", "last_seen": None, "arxiv_version": 2, "updated": f"{DAY}"}
    return known | fields


@pytest.mark.parametrize(
    ("fields", "seen_by"),
    [
        ({}, LAST),
        ({"last_seen": "2025-12-11T08:00:00Z"}, LAST - timedelta(days=1)),
        ({"arxiv_version": 1}, START),
        ({"updated": None}, START),
        ({"updated": "2025-12-09"}, START),
        ({"updated": "2025-12-11"}, LAST),
    ],
)
def test_a_later_version_counts_from_the_newest_fetch(store: Store, fields: dict[str, Any], seen_by: datetime) -> None:
    certificate = write_day(store, [paper(1)])
    version = arxiv_version(row(**fields), certificate)
    assert version is not None
    assert (version.number, version.seen_by) == (fields.get("arxiv_version", 2), seen_by)
    assert version.updated == (date.fromisoformat(updated) if (updated := row(**fields)["updated"]) else None)


def test_without_a_certificate_a_version_counts_from_the_first_fetch() -> None:
    assert arxiv_version(row(), None) == ArxivVersion(2, DAY, START)
    assert arxiv_version(row(arxiv_version=None), None) is None
    assert arxiv_version({}, None) is None


def listing(number: int | None, hours: int) -> PaperHistory:
    seen = ArxivVersion(number, None, START + timedelta(hours=hours)) if number else None
    return PaperHistory(DAILY, DAY, KEY, f"after {hours} h", [], {}, seen)


def test_each_version_comes_from_the_listing_that_showed_it_first() -> None:
    found = first_versions(
        [listing(None, 0), listing(2, 9), listing(1, 4), listing(2, 6), listing(1, 5), listing(2, 6)]
    )
    assert [(version.number, history.title) for version, history in found] == [(1, "after 4 h"), (2, "after 6 h")]
    assert all(version is history.version for version, history in found)
    earlier, later = listing(1, 3), listing(1, 3)
    assert first_versions([earlier, later])[0][1] is earlier


@pytest.mark.parametrize(
    "value",
    [1, "git", [], {}, {**WITNESS, "blob": None}, {**WITNESS, "x": ""}, dict(list(WITNESS.items())[1:]), "a" * 200],
)
def test_what_is_not_a_witness_is_named(value: object) -> None:
    assert not is_witness(value)
    with pytest.raises(ValueError, match=r"^its witness is ") as error:
        parse_witness(value)
    assert f"{error.value}" == f"its witness is {value!r}"[: len("its witness is ") + 80]


def test_a_witness_is_read_as_it_is() -> None:
    assert (parse_witness(None), is_witness(None)) == (None, True)
    expected: Witness | dict[str, str] = WITNESS
    assert (parse_witness(WITNESS), is_witness(WITNESS)) == (expected, True)
