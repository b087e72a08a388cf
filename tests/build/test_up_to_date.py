"""The days that a run found up to date: known to the next run as long as nothing of them changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from dailypapers.ingest.build.up_to_date import UpToDateDays, read_disposable, write_disposable
from dailypapers.ingest.plan.inventory import load_day
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Series, Store
from tests.product import BUSY, DAY, SERIES
from tests.support.changed_parsers import set_version
from tests.support.written_days import paper, write_day

TODAY = date(2025, 12, 19)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two days, and an archive of each."""
    store = Store(tmp_path / "store")
    for day in (BUSY, DAY):
        write_day(store, [paper(1)], day=day)
        store.pages(SERIES, day).mkdir(parents=True)
        archive_of(store, day).write_bytes(b"archive")
    return store


def archive_of(store: Store, day: date = DAY) -> Path:
    return store.pages(SERIES, day) / "20251219T120000Z-00000000.warc.gz"


def open_days(store: Store, today: date = TODAY, series: Series = SERIES) -> UpToDateDays:
    return UpToDateDays(store.root.parent / "state", store, SourceSeries(SOURCES[series.source], series), today)


def add(days: UpToDateDays, store: Store, *which: date) -> None:
    for day in which:
        days.add(load_day(store, SourceDay(SOURCES["hf-daily"], SERIES, day)))


def known(days: UpToDateDays) -> list[date]:
    return [day for day in (BUSY, DAY) if day in days]


def file_of(store: Store) -> Path:
    (path,) = (store.root.parent / "state" / "days").iterdir()
    return path


def test_days_that_were_added_are_known_to_the_next_run_and_the_next_day(store: Store) -> None:
    days = open_days(store)
    assert known(days) == []
    add(days, store, BUSY, DAY)
    assert known(days) == [BUSY, DAY]
    days.save()
    assert known(open_days(store)) == known(open_days(store, TOMORROW)) == [BUSY, DAY]


def test_what_is_not_saved_is_forgotten_and_each_series_has_its_own(store: Store) -> None:
    days = open_days(store)
    add(days, store, DAY)
    assert known(open_days(store)) == []
    days.save()
    assert known(open_days(store, series=Series("hf-weekly"))) == []
    other = Store(store.root.with_name("other"))
    store.root.rename(other.root)
    assert known(open_days(other)) == []


def changed(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"\n")


CHANGES: dict[str, Callable[[Store], object]] = {
    "a day file": lambda store: changed(store.papers(SERIES, DAY)),
    "a certificate": lambda store: changed(store.certificate(SERIES, DAY)),
    "a new archive": lambda store: archive_of(store).with_name("20251219T130000Z-00000000.warc.gz").write_bytes(b""),
    "a lost archive": lambda store: archive_of(store).unlink(),
    "a lost day file": lambda store: store.papers(SERIES, DAY).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_day_that_changed_is_not_known(store: Store, change: str) -> None:
    days = open_days(store)
    add(days, store, BUSY, DAY)
    days.save()
    CHANGES[change](store)
    assert known(open_days(store)) == [BUSY]


def test_an_archive_that_is_changed_in_place_is_noticed_once_a_day(store: Store) -> None:
    days = open_days(store)
    add(days, store, BUSY, DAY)
    days.save()
    archive = archive_of(store)
    archive.write_bytes(b"changed")
    os.utime(archive, ns=(0, 0))
    assert known(open_days(store)) == [BUSY, DAY]
    tomorrow = open_days(store, TOMORROW)
    assert known(tomorrow) == [BUSY]
    # It was looked at today: what the first run found out is saved though no day was added.
    tomorrow.save()
    archive_of(store, BUSY).write_bytes(b"changed")
    os.utime(archive_of(store, BUSY), ns=(0, 0))
    assert known(open_days(store, TOMORROW)) == [BUSY]


def test_a_file_that_would_say_the_same_is_not_written_again(store: Store) -> None:
    days = open_days(store)
    add(days, store, DAY)
    days.save()
    path = file_of(store)
    os.utime(path, ns=(0, 0))
    again = open_days(store)
    add(again, store, DAY)
    again.save()
    assert path.stat().st_mtime_ns == 0
    add(again, store, BUSY)
    again.save()
    assert path.stat().st_mtime_ns != 0
    assert known(open_days(store)) == [BUSY, DAY]


def test_days_that_are_gone_are_not_written(store: Store) -> None:
    days = open_days(store)
    add(days, store, BUSY, DAY)
    days.save()
    for path in (*store.derived(SERIES, DAY).values(), store.certificate(SERIES, DAY), archive_of(store)):
        path.unlink(missing_ok=True)
    store.pages(SERIES, DAY).rmdir()
    again = open_days(store, TOMORROW)
    again.save()
    rows = (read_disposable(file_of(store)) or b"").decode().split("\n")
    assert [row[:10] for row in rows[1:]] == [f"{TOMORROW}", f"{BUSY}"]


def test_a_day_that_came_after_the_list_was_read_is_not_added(store: Store) -> None:
    days, new = open_days(store), DAY + timedelta(days=1)
    write_day(store, [paper(1)], day=new)
    add(days, store, new)
    assert new not in days


@pytest.mark.parametrize("damage", ["cut", "of another version"])
def test_a_file_that_does_not_count_is_empty(store: Store, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    days = open_days(store)
    add(days, store, DAY)
    days.save()
    path = file_of(store)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        set_version(monkeypatch, "hf_api", 99)
    assert known(open_days(store)) == []


def test_a_header_with_any_character_is_compared(store: Store) -> None:
    """A store may have a path that no encoding knows."""
    odd = Store(store.root.parent / os.fsdecode(b"odd-\xff\n"))
    store.root.rename(odd.root)
    days = open_days(odd)
    add(days, odd, DAY)
    days.save()
    assert known(open_days(odd)) == [DAY]
    write_disposable(file_of(odd), b"'something else'\n2025-12-19")
    assert known(open_days(odd)) == []
