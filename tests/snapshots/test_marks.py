"""What shows that a file of a store has changed, and of which time a store of the past is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from snapshots.store.as_of_mark import read_as_of, write_as_of
from snapshots.store.layout import Series, Store
from snapshots.store.marks import certificate_marks

DAILY = Series("hf-daily")
DAY = date(2025, 12, 10)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with files of two days."""
    made = Store(tmp_path)
    for day in (NEXT, DAY):
        for path in (made.papers(DAILY, day), made.certificate(DAILY, day), made.pages(DAILY, day) / "1.warc.gz"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a")
    return made


def test_certificates_are_marked_by_size_and_time(store: Store) -> None:
    path = store.certificate(DAILY, DAY)
    path.write_bytes(b"abc")
    os.utime(path, ns=(0, 5))
    marks = certificate_marks(store, DAILY)
    assert list(marks) == [f"{DAY}", f"{NEXT}"]
    assert marks[f"{DAY}"] == "3 5"


def test_a_store_of_the_past_says_of_which_time_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    assert read_as_of(store) is None
    write_as_of(store, datetime(2025, 12, 8, 10, 0, 5, 9, UTC))
    assert store.as_of.read_bytes() == b'{"as_of":"2025-12-08T10:00:05Z"}\n'
    assert read_as_of(store) == "2025-12-08T10:00:05Z"


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"7", b"null"])
def test_a_damaged_mark_of_the_past_is_an_unknown_time(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    store.as_of.write_bytes(content)
    assert read_as_of(store) == "an unknown time"
