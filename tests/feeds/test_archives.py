"""Which papers stand in which document: everything is in one of them, and archives never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.feeds import document as archives
from dailypapers.feeds.document import FirstSight, divide, grouped, newest

BEGIN = datetime(2025, 11, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MONTH_SIZE": 40, "PART_SIZE": 7, "LIVE_MIN": 5, "LIVE_MAX": 20}.items():
        monkeypatch.setattr(archives, name, value)


def keys_of(sights: Iterable[FirstSight]) -> list[str]:
    return [key for sight in sights for key in sight.keys]


def instant(hours: int) -> str:
    return f"{BEGIN + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


@st.composite
def histories(draw: st.DrawFn) -> list[FirstSight]:
    """Papers in the order of their first sight, over some months."""
    steps = draw(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 12)), max_size=40))
    sights, hours, number = [], 0, 0
    for step, count in steps:
        hours += step
        keys = [f"arxiv:2512.{number + each:05}" for each in range(count)]
        sights.append(FirstSight(instant(hours), instant(hours)[:10], keys))
        number += count
    return sights


@given(histories())
def test_each_paper_is_in_one_archive_or_in_the_live_document_alone(sights: list[FirstSight]) -> None:
    documents = divide(sights)
    archived = [key for archive in documents.archives for key in keys_of(archive.sights)]
    live = keys_of(documents.live)
    assert len(archived) == len(set(archived))
    assert len(live) == len(set(live))
    assert set(archived) | set(live) == set(keys_of(sights))
    assert archived == keys_of(sights)[: len(archived)]
    assert len({archive.name for archive in documents.archives}) == len(documents.archives)


@given(histories())
def test_the_live_document_is_the_end_and_neither_small_nor_large(sights: list[FirstSight]) -> None:
    documents = divide(sights)
    live, every = keys_of(documents.live), keys_of(sights)
    archived = sum(len(keys_of(archive.sights)) for archive in documents.archives)
    assert live == every[len(every) - len(live) :]
    assert min(5, len(every)) <= len(live) <= max(20, len(every) - archived)
    if sights:
        begin = f"{datetime.fromisoformat(sights[-1].first_seen) - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
        week = keys_of(sight for sight in sights if sight.first_seen >= begin)
        assert len(live) >= min(20, len(week))


@given(histories(), st.integers(0, 40))
def test_an_archive_never_changes_when_papers_come_later(sights: list[FirstSight], number: int) -> None:
    before, after = divide(sights[:number]), divide(sights)
    later = {archive.name: archive for archive in after.archives}
    newest_month = sights[-1].first_seen[:7] if sights else ""
    for archive in before.archives:
        is_part = "part" in archive.name
        assert archive.name in later or (is_part and not archive.name.startswith(newest_month))
        if archive.name in later:
            assert keys_of(later[archive.name].sights) == keys_of(archive.sights)


def test_the_names_of_archives() -> None:
    november = [FirstSight(f"2025-11-{day:02}T10:00:00Z", "", [f"n{day}.{n}" for n in range(5)]) for day in (20, 25)]
    big = [FirstSight("2025-12-05T10:00:00Z", "", [f"d{n}" for n in range(85)])]
    january = [FirstSight("2026-01-01T00:00:00Z", "", [f"j{n}" for n in range(15)])]
    names = [archive.name for archive in divide([*november, *big, *january]).archives]
    assert names == ["2025-11", "2025-12", "2025-12-2", "2025-12-3", "2026-01-part-1", "2026-01-part-2"]
    assert [archive.name for archive in divide([*november, *big[:1]]).archives][0:2] == ["2025-11", "2025-12-part-1"]


def test_a_full_part_is_an_archive_once_there_is_a_paper_after_it() -> None:
    def parts(count: int) -> Sequence[str]:
        sight = FirstSight("2025-12-05T10:00:00Z", "", [f"d{n}" for n in range(count)])
        return [archive.name for archive in divide([sight]).archives]

    assert (parts(7), parts(8), parts(14)) == ([], ["2025-12-part-1"], ["2025-12-part-1"])


def test_no_papers_are_no_archive_and_an_empty_live_document() -> None:
    assert divide([]) == ((), ())
    assert newest([]) == []


def test_the_real_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    sizes = (archives.LIVE_MIN, archives.LIVE_MAX, archives.LIVE_SPAN, archives.PART_SIZE, archives.MONTH_SIZE)
    assert sizes == (100, 1000, timedelta(days=7), 300, 2000)
    week = [FirstSight(f"2025-12-{day:02}T10:00:00Z", "", [f"{day}.{n}" for n in range(30)]) for day in range(1, 16)]
    assert len(keys_of(newest(week))) == 8 * 30
    seldom = [FirstSight(f"2025-12-{day:02}T10:00:00Z", "", [f"{day}.{n}" for n in range(9)]) for day in range(1, 16)]
    assert len(keys_of(newest(seldom))) == 100


def test_a_paper_of_several_days_is_first_seen_once() -> None:
    days = {
        "2025-12-09": {"2025-12-09T10:00:00Z": ["a", "b"], "2025-12-10T12:00:00Z": ["c"]},
        "2025-12-10": {"2025-12-10T10:00:00Z": ["b", "c", "d"], "2025-12-10T12:00:00Z": ["a"]},
        "2025-12-08": {"2025-12-10T10:00:00Z": ["d", "e"]},
    }
    listings = ((seen, day, key) for day, times in days.items() for seen, keys in times.items() for key in keys)
    assert grouped(sorted(listings)) == [
        FirstSight("2025-12-09T10:00:00Z", "2025-12-09", ["a", "b"]),
        FirstSight("2025-12-10T10:00:00Z", "2025-12-08", ["d", "e"]),
        FirstSight("2025-12-10T10:00:00Z", "2025-12-10", ["c"]),
    ]
