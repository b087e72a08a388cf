"""The names of the files of a store, and the days that they stand for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dailypapers.snapshots.store.layout import Series, Store

DAILY, SEARCH = Series("hf-daily"), Series("hf-search", "Mixture of Experts!")
DAY = date(2025, 12, 10)


def touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_each_file_has_its_name() -> None:
    store = Store(Path("store"))
    names = [
        store.lock,
        store.fetch_lock(DAILY),
        store.pages(DAILY, DAY),
        store.aside(DAILY, DAY),
        store.papers(DAILY, DAY),
        store.rejects(DAILY, DAY),
        store.metrics(DAILY, DAY),
        store.certificate(DAILY, DAY),
        store.runs(DAY),
        store.push_lock,
        store.part(DAILY, DAY, 7),
        store.attempts(SEARCH, DAY),
        store.waived,
        store.as_of,
        store.joins,
        store.certificate(SEARCH, date(987, 1, 2)),
        *store.derived(SEARCH, DAY).values(),
    ]
    assert [f"{name}" for name in names] == [
        "store/.lock",
        "store/pages/hf-daily/.lock",
        "store/pages/hf-daily/2025/2025-12-10",
        "store/pages/hf-daily/2025/2025-12-10/.fetch.tmp",
        "store/snapshots/hf-daily/2025/2025-12-10.jsonl",
        "store/snapshots/hf-daily/2025/2025-12-10.rejects.jsonl",
        "store/snapshots/hf-daily/2025/2025-12-10.metrics.jsonl",
        "store/snapshots/hf-daily/2025/2025-12-10.day.json",
        "store/runs/2025-12-10",
        "store/.push.lock",
        "store/pages/hf-daily/2025/2025-12-10/.fetch-0007.tmp",
        f"store/attempts/{SEARCH.folder}/2025-12-10.json",
        "store/waived.txt",
        "store/as-of.json",
        "store/joins.txt",
        f"store/snapshots/{SEARCH.folder}/0987/0987-01-02.day.json",
        f"store/snapshots/{SEARCH.folder}/2025/2025-12-10.jsonl",
        f"store/snapshots/{SEARCH.folder}/2025/2025-12-10.rejects.jsonl",
        f"store/snapshots/{SEARCH.folder}/2025/2025-12-10.metrics.jsonl",
    ]
    assert list(store.derived(DAILY, DAY)) == ["papers", "rejects", "metrics"]


def test_a_query_has_a_folder_that_can_be_read_and_is_its_own() -> None:
    assert f"{SEARCH.folder}" == "hf-search/mixture-of-experts-f6c8b1c4"
    assert Series("hf-search", "mixture of experts").folder != SEARCH.folder
    assert Series("hf-search", "日本語").folder.name == "query-77710aed"
    long = Series("hf-search", "a" * 39 + " b").folder.name
    assert long.rpartition("-")[0] == "a" * 39
    assert Series("hf-search", "a" * 50).folder.name.startswith("a" * 40 + "-")
    assert (str(DAILY), str(SEARCH)) == ("hf-daily", 'hf-search "Mixture of Experts!"')


def test_archives_come_in_the_order_of_their_names_and_nothing_else_is_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.pages(DAILY, DAY)
    touched(folder / "2.warc.gz", folder / "1.warc.gz", folder / ".fetch.tmp", folder / "1.warc")
    assert [path.name for path in store.archives(DAILY, DAY)] == ["1.warc.gz", "2.warc.gz"]
    assert store.archives(DAILY, date(2025, 12, 11)) == []


def test_the_days_of_a_series_are_those_with_pages_or_certificates(tmp_path: Path) -> None:
    store = Store(tmp_path)
    days = [date(2025, 12, number) for number in (9, 10, 11, 12)]
    touched(store.pages(DAILY, days[1]) / "1.warc.gz", store.pages(DAILY, days[0]) / "1.warc.gz")
    touched(store.pages(DAILY, days[2]) / ".fetch.tmp")
    touched(store.certificate(DAILY, days[3]), store.certificate(DAILY, days[0]), store.papers(DAILY, days[1]))
    touched(store.pages(DAILY, DAY).parent / "2025-13-10" / "1.warc.gz")
    assert store.days_with_pages(DAILY) == days[:2]
    assert store.days_with_snapshots(DAILY) == [days[0], days[3]]
    assert store.stored_days(DAILY) == [days[0], days[1], days[3]]
    assert store.stored_days(SEARCH) == []


def test_a_range_includes_both_of_its_ends(tmp_path: Path) -> None:
    store = Store(tmp_path)
    days = [date(2025, 12, number) for number in (9, 10, 11)]
    touched(*(store.certificate(DAILY, day) for day in reversed(days)))
    assert store.days_with_snapshots(DAILY, days[1], days[1]) == [days[1]]
    assert store.days_with_snapshots(DAILY, since=days[1]) == days[1:]
    assert store.days_with_snapshots(DAILY, until=days[1]) == days[:2]


def test_days_with_runs_and_with_rejects(tmp_path: Path) -> None:
    store = Store(tmp_path)
    touched(store.runs(DAY) / "1.json", store.runs(date(2025, 12, 9)) / "1.json", tmp_path / "runs" / "old" / "1.json")
    touched(store.rejects(DAILY, DAY), store.rejects(DAILY, date(2025, 12, 9)), store.papers(DAILY, date(2025, 12, 8)))
    assert store.days_with_runs() == [date(2025, 12, 9), DAY]
    assert store.days_with_rejects(DAILY) == [date(2025, 12, 9), DAY]


def test_parts_come_in_the_order_of_their_pages(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.parts(DAILY, DAY) == []
    parts = [store.part(DAILY, DAY, number) for number in (1, 2, 10, 10_000)]
    touched(*reversed(parts), store.aside(DAILY, DAY), store.pages(DAILY, DAY) / ".fetch-x.tmp")
    assert store.parts(DAILY, DAY) == parts


def test_days_with_attempts_are_those_of_a_series(tmp_path: Path) -> None:
    store = Store(tmp_path)
    earlier = date(2025, 12, 9)
    touched(store.attempts(DAILY, DAY), store.attempts(DAILY, earlier), store.attempts(SEARCH, date(2025, 12, 8)))
    touched(store.attempts(DAILY, DAY).with_name("2025-12-07.json.tmp"))
    assert store.days_with_attempts(DAILY) == [earlier, DAY]
    assert store.days_with_attempts(Series("hf-weekly")) == []


@pytest.mark.parametrize("kind", ["pages", "certificate"])
def test_a_series_has_days_with_pages_or_a_certificate(tmp_path: Path, kind: str) -> None:
    store = Store(tmp_path)
    touched(store.papers(DAILY, DAY), store.aside(DAILY, DAY))
    assert not store.has_days(DAILY)
    touched(store.certificate(DAILY, DAY) if kind == "certificate" else store.pages(DAILY, DAY) / "1.warc.gz")
    assert store.has_days(DAILY)
    assert not store.has_days(SEARCH)


def test_only_folders_of_years_hold_days(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for year in ("25", "20255", "x", "\u0662\u0660\u0662\u0665"):
        touched(tmp_path / "snapshots/hf-daily" / year / f"{DAY}.day.json")
    touched(tmp_path / "snapshots/hf-daily/2024", store.certificate(DAILY, DAY).with_name("2025-12-9.day.json"))
    assert store.days_with_snapshots(DAILY) == []
