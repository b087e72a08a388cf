"""What shows that a file of a store has changed, and of which time a store of the past is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.marks import archives_mark, certificate_marks, day_marks, read_as_of, write_as_of

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


def test_the_mark_of_a_day_changes_with_each_of_its_files(store: Store) -> None:
    def changed(change: Callable[[], object]) -> set[str]:
        before = day_marks(store, DAILY)
        change()
        after = day_marks(store, DAILY)
        return {day for day in before | after if before.get(day) != after.get(day)}

    papers, archive = store.papers(DAILY, DAY), store.pages(DAILY, DAY) / "1.warc.gz"
    assert day_marks(store, DAILY).keys() == {f"{DAY}", f"{NEXT}"}
    assert changed(lambda: None) == set()
    assert changed(lambda: papers.write_bytes(b"ab")) == {f"{DAY}"}
    assert changed(lambda: os.utime(papers, ns=(0, 1))) == {f"{DAY}"}
    assert changed(store.rejects(DAILY, NEXT).touch) == {f"{NEXT}"}
    assert changed(store.certificate(DAILY, NEXT).unlink) == {f"{NEXT}"}
    assert changed(store.papers(DAILY, DAY).with_name(f"{DAY}.jsonl.tmp").touch) == set()
    assert changed((store.pages(DAILY, DAY) / "2.warc.gz").touch) == {f"{DAY}"}
    assert changed(lambda: archive.write_bytes(b"ab")) == set()
    other = store.root / "snapshots/hf-daily/notes" / f"{DAY}.jsonl"
    other.parent.mkdir()
    assert changed(other.touch) == set()
    assert day_marks(store, Series("hf-weekly")) == {}


def test_a_file_with_the_same_size_and_time_is_another_by_its_inode(store: Store) -> None:
    papers = store.papers(DAILY, DAY)
    os.utime(papers, ns=(0, 7))
    before = day_marks(store, DAILY)
    papers.with_name("new").write_bytes(b"b")
    os.utime(papers.with_name("new"), ns=(0, 7))
    papers.with_name("new").rename(papers)
    assert day_marks(store, DAILY)[f"{DAY}"] != before[f"{DAY}"]


def test_the_mark_of_archives_is_of_their_files_alone(store: Store) -> None:
    before, folder = archives_mark(store, DAILY, DAY), store.pages(DAILY, DAY)
    (folder / ".fetch.tmp").touch()
    assert archives_mark(store, DAILY, DAY) == before
    os.utime(folder / "1.warc.gz", ns=(0, 1))
    again = archives_mark(store, DAILY, DAY)
    assert again != before
    (folder / "0.warc.gz").touch()
    assert archives_mark(store, DAILY, DAY) != again
    missing = [archives_mark(store, DAILY, DAY - timedelta(days=number)) for number in (1, 2)]
    assert missing[0] == missing[1]


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
