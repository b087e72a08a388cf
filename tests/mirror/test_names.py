"""The names in a mirror: years, series and days are found by them, and any other name is refused and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from dailypapers.mirror.mirror import Mirror, RemoteFile
from dailypapers.mirror.names import MirrorDay, all_days, days_in
from dailypapers.snapshots.store.layout import Store
from tests.mirror.test_pull import FOREIGN
from tests.product import SERIES
from tests.support.killed_push import files_to_mirror

DAY = date(2025, 12, 10)
SLUG = "diffusion-models-0123abcd"
ARCHIVE = "20251210T120000Z-0123abcd.warc.gz"
SEARCH = f"hf-search/{SLUG}"
Put = Callable[..., Mirror]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Makes a mirror in a folder of files with these names."""

    def put_files(*names: str) -> Mirror:
        for name in names:
            path = tmp_path / "mirror" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        return Mirror(f"file://{tmp_path}/mirror")

    return put_files


def test_the_days_of_all_series_once_and_in_order(put: Put) -> None:
    days, refused = all_days(
        put(
            f"pages/hf-daily/2025/{DAY}/{ARCHIVE}",
            f"snapshots/hf-daily/2025/{DAY}.jsonl",
            "snapshots/hf-daily/2024/2024-12-10.jsonl",
            f"pages/{SEARCH}/2025/{DAY}/{ARCHIVE}",
            f"snapshots/arxiv-oai/2025/{DAY}.jsonl",
            f"snapshots/arxiv-oai/{SLUG}/2023/2023-12-10.jsonl",
            "joins.txt",
            "waived.txt",
        )
    )
    assert [(day.folder, day.day.year) for day in days] == [
        ("arxiv-oai", 2025),
        (f"arxiv-oai/{SLUG}", 2023),
        ("hf-daily", 2024),
        ("hf-daily", 2025),
        (SEARCH, 2025),
    ]
    assert refused == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "pages/hf-nightly",
        "pages/hf-daily/25",
        "pages/hf-daily/20255",
        # A series without a query has no slug, and one with a query alone has no year.
        f"pages/hf-daily/{SLUG}",
        "pages/hf-search/2025",
        "pages/hf-search/no-digest",
        f"pages/hf-search/{SLUG}x",
        f"pages/hf-search/{'a' * 41}-0123abcd",
        f"snapshots/{SEARCH}/latest",
        f"snapshots/{SEARCH}/{SLUG}",
        f"snapshots/arxiv-oai/{SLUG}/{SLUG}",
        "snapshots/arxiv-oai/latest",
    ],
)
def test_another_name_is_refused_where_it_stands(put: Put, name: str) -> None:
    day = f"2025/{DAY}.jsonl"
    mirror = put(f"{name}/file", f"snapshots/hf-daily/{day}", f"snapshots/{SEARCH}/{day}", f"snapshots/arxiv-oai/{day}")
    days, refused = all_days(mirror)
    assert refused == [name]
    assert [each.folder for each in days] == ["arxiv-oai", "hf-daily", SEARCH]


def test_several_names_at_the_top_are_in_order(put: Put) -> None:
    assert all_days(put("b/x", "a", "c")) == ([], ["a", "b", "c"])


@pytest.mark.parametrize("folder", ["", "pages/", "pages/hf-daily/", "pages/hf-search/", f"pages/{SEARCH}/"])
@pytest.mark.parametrize("name", [".lock", ".push.lock", "attempts", "catalog", "runs"])
def test_what_a_store_has_besides_is_no_name_of_a_mirror_and_not_refused(put: Put, folder: str, name: str) -> None:
    assert all_days(put(f"{folder}{name}/x")) == ([], [])


def test_an_empty_mirror_has_no_day(put: Put) -> None:
    assert all_days(put()) == ([], [])


def listed(*names: str) -> tuple[list[date], list[str]]:
    class Listed(Mirror):
        def files(self, *_: str) -> dict[str, RemoteFile]:
            return {name: RemoteFile(1, None) for name in names}

    days, refused = days_in(Listed("memory://x/y"), "pages", "snapshots")
    return [day.day for day in days], refused


@pytest.mark.parametrize("suffix", [".jsonl", ".day.json", ".rejects.jsonl", ".metrics.jsonl"])
def test_the_derived_files_of_a_day(suffix: str) -> None:
    assert listed(f"snapshots/hf-daily/2025/{DAY}{suffix}") == ([DAY], [])
    assert listed(f"pages/hf-daily/2025/{DAY}{suffix}")[0] == []
    assert listed(f"snapshots/hf-daily/2025/{DAY}{suffix}x")[0] == []


@pytest.mark.parametrize(
    "name",
    [
        f"pages/hf-daily/2025/{DAY}/{ARCHIVE}x",
        f"pages/hf-daily/2025/{DAY}/x{ARCHIVE}",
        f"pages/hf-daily/2025/{DAY}/x/{ARCHIVE}",
        f"pages/hf-daily/2025/{ARCHIVE}",
        f"pages/hf-daily/2025/20251210/{ARCHIVE}",
        f"pages/hf-daily/2025/2025-W50-3/{ARCHIVE}",
        f"pages/hf-daily/2025/2024-12-10/{ARCHIVE}",
        f"pages/hf-daily/2024/{DAY}/{ARCHIVE}",
        f"snapshots/hf-daily/2025/{DAY}",
        "snapshots/hf-daily/2025/20251210.jsonl",
        "snapshots/hf-daily/2025/2024-12-10.jsonl",
        "snapshots/hf-daily/2025/.jsonl",
    ],
    ids=map(str, count()),
)
def test_a_name_that_no_store_has_belongs_to_no_day(name: str) -> None:
    assert listed(name) == ([], [name])


@pytest.mark.parametrize("name", FOREIGN)
def test_only_names_of_a_store_belong_to_a_day(name: str) -> None:
    days, (refused,) = listed(name)
    assert days == []
    assert name.startswith(refused)


def test_the_names_of_a_store_belong_to_its_days(prepared: Path) -> None:
    names = [name for name in files_to_mirror(prepared) if "/hf-daily/" in name]
    days, refused = listed(*names)
    assert not refused
    assert days == Store(prepared).stored_days(SERIES)


def test_temporary_files_are_passed_over() -> None:
    assert listed(f"snapshots/hf-daily/2025/{DAY}.jsonl.tmp", "x.tmp") == ([], [])


def test_the_files_of_a_day_by_their_own_names(put: Put) -> None:
    certificate = f"snapshots/hf-daily/2025/{DAY}.day.json"
    other = f"pages/hf-daily/2025/{DAY}/20251211T120000Z-0123abcd.warc.gz"
    names = [f"pages/hf-daily/2025/{DAY}/{ARCHIVE}", other, f"snapshots/hf-daily/2025/{DAY}.jsonl", certificate]
    days, refused = days_in(put(*names, "snapshots/hf-daily/2025/2025-01-02.jsonl"), "pages", "snapshots")
    assert refused == []
    first, day = days
    assert (first.day, day.folder, day.day) == (date(2025, 1, 2), "hf-daily", DAY)
    assert dict(day.files) == {name: RemoteFile(len(name), None) for name in names}
    assert list(day.archives.items()) == [(ARCHIVE, names[0]), (other.rpartition("/")[2], other)]
    assert day.derived == {f"{DAY}.day.json": certificate, f"{DAY}.jsonl": names[2]}
    assert day.certificate == certificate


def test_the_certificate_of_a_day_has_its_name_before_it_is_there() -> None:
    assert MirrorDay(SEARCH, DAY, {}).certificate == f"snapshots/{SEARCH}/2025/{DAY}.day.json"
    assert MirrorDay(SEARCH, DAY, {}).pages == f"pages/{SEARCH}/2025/{DAY}"
