"""Each reader of what is new gets every paper exactly once, or is told that papers may be repeated."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.freshness import rebuild
from dailypapers.snapshots.catalog.model import Cursor
from dailypapers.snapshots.catalog.schema import catalog_file
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, NEW, TEXT, at, paper, write_day
from tests.support.hypothesis_examples import examples

DAY = date(2025, 12, 8)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def put(store: Store, *numbers: int, day: date = DAY, series: Series = DAILY) -> None:
    """List papers for a day, with those that it had before: a day only grows."""
    made = [paper(f"Paper {number}", source=series.source, day=day, arxiv_id=f"2512.{number:05}") for number in numbers]
    write_day(store, series, day, made)


def new(store: Store, since: Cursor | None, series: Series | None = None) -> tuple[list[str], Cursor, bool]:
    with open_catalog(store) as catalog:
        found = catalog.arrivals(since, series)
    return [entry.paper.key[-1] for entry in found.entries], found.cursor, found.resync


def test_a_paper_arrives_once_whatever_day_lists_it_again(store: Store) -> None:
    put(store, 1, 2)
    keys, cursor, resync = new(store, None)
    assert (sorted(keys), resync) == (["1", "2"], False)
    put(store, 1, 2, 3)
    put(store, 1, day=DAY + timedelta(days=6))
    put(store, 4, day=DAY - timedelta(days=400))
    keys, cursor, resync = new(store, cursor)
    assert (sorted(keys), resync) == (["3", "4"], False)
    assert new(store, cursor) == ([], cursor, False)


def test_a_paper_arrives_once_in_each_series(store: Store) -> None:
    put(store, 1, series=NEW)
    _, everywhere, _ = new(store, None)
    _, in_daily, _ = new(store, None, DAILY)
    put(store, 1, day=DAY + timedelta(days=1))
    put(store, 1, day=DAY + timedelta(days=2))
    assert new(store, everywhere)[0] == []
    with open_catalog(store) as catalog:
        (entry,) = catalog.arrivals(in_daily, DAILY).entries
    assert (entry.series, entry.day) == (DAILY, DAY + timedelta(days=1))


def test_a_paper_that_two_series_list_when_the_catalog_is_made_arrives_in_both(store: Store) -> None:
    put(store, 1)
    put(store, 1, series=NEW)
    assert [new(store, None, series)[0] for series in (DAILY, NEW)] == [["1"], ["1"]]


def test_a_title_that_meets_its_id_does_not_arrive_again(store: Store) -> None:
    title = "Attention over graphs of molecules"
    write_day(store, TEXT, DAY, [paper(title, source="hf-text", day=DAY)])
    keys, cursor, _ = new(store, None)
    assert len(keys) == 1
    write_day(store, DAILY, DAY, [paper(title, day=DAY, arxiv_id="2512.00001")])
    assert new(store, cursor)[0] == []
    assert new(store, None)[0] == ["1"]


def test_a_day_that_is_gone_and_comes_back_brings_nothing_new(store: Store) -> None:
    put(store, 1)
    _, cursor, _ = new(store, None)
    put(store)
    assert new(store, None)[0] == []
    put(store, 1)
    assert new(store, cursor)[0] == []


def test_pages_give_what_all_at_once_gives(store: Store) -> None:
    put(store, *range(7))
    put(store, *range(5, 9), day=DAY + timedelta(days=1))
    found: list[str] = []
    cursor, more = None, True
    with open_catalog(store) as catalog:
        while more:
            page = catalog.arrivals(cursor, limit=2)
            assert len(page.entries) <= 2
            found += [entry.paper.key[-1] for entry in page.entries]
            assert len(found) <= 9, "a page is given again and again"
            cursor, more = page.cursor, page.more
    assert found == new(store, None)[0]
    assert len(found) == 9


def test_a_rebuild_keeps_arrivals_and_generation(store: Store) -> None:
    put(store, 1, 2)
    _, cursor, _ = new(store, None)
    before = new(store, None)
    rebuild(store)
    assert new(store, None) == before
    put(store, 1, 2, 3)
    assert new(store, cursor)[0] == ["3"]


def test_an_older_copy_of_the_catalog_says_resync_and_misses_nothing(store: Store, tmp_path: Path) -> None:
    put(store, 1)
    new(store, None)
    shutil.copytree(catalog_file(store).parent, tmp_path / "backup")
    put(store, 2, 3, day=DAY + timedelta(days=2))
    _, cursor, _ = new(store, None)
    shutil.rmtree(catalog_file(store).parent)
    (tmp_path / "backup").rename(catalog_file(store).parent)
    # It takes the number that another one had.
    put(store, 4, day=DAY + timedelta(days=1))
    keys, fresh, resync = new(store, cursor)
    assert (resync, "4" in keys) == (True, True)
    assert new(store, fresh) == ([], fresh, False)


def test_a_cursor_between_two_noted_checksums_is_of_the_same_catalog(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.snapshots.catalog.arrivals.STEP", 4)
    put(store, *range(6))
    new(store, None)
    put(store, *range(15))
    everything, _, _ = new(store, None)
    with open_catalog(store) as catalog:
        cursors = [catalog.arrivals(None, limit=count).cursor for count in range(1, 15)]
    rebuild(store)
    for count, cursor in enumerate(cursors, 1):
        assert cursor.seq == count
        keys, _, resync = new(store, cursor)
        assert (resync, keys) == (False, everything[count:])


def test_a_lost_catalog_says_resync_and_misses_nothing_in_pages_too(store: Store) -> None:
    put(store, 1, day=date(2020, 1, 6))
    put(store, 2)
    _, cursor, _ = new(store, None)
    shutil.rmtree(catalog_file(store).parent)
    # An import of an old page: only the time of its file shows that it is new.
    put(store, 3, day=date(2020, 1, 7))
    keys, fresh, resync = new(store, cursor)
    assert (resync, "3" in keys) == (True, True)
    assert new(store, fresh) == ([], fresh, False)
    found: list[str] = []
    step, more = cursor, True
    with open_catalog(store) as catalog:
        while more:
            page = catalog.arrivals(step, limit=1)
            assert page.resync
            found += [entry.paper.key[-1] for entry in page.entries]
            assert len(found) <= len(keys), "a page is given again and again"
            step, more = page.cursor, page.more
            assert Cursor.parse(str(step)) == step
    assert (found, step) == (keys, fresh)


def test_a_resync_leaves_out_what_was_there_long_before(store: Store) -> None:
    put(store, 1)
    put(store, 2, day=DAY + timedelta(days=60))
    with open_catalog(store) as catalog:
        newest = catalog.cursor()
    lost = Cursor(newest.time + timedelta(days=30), "00000000", 9)
    assert new(store, lost)[0] == []
    early = Cursor(datetime(2025, 12, 31, tzinfo=UTC), "00000000", 9)
    assert "2" in new(store, early)[0]


def test_a_cursor_from_after_the_newest_arrival_is_of_another_catalog(store: Store) -> None:
    put(store, 1)
    with open_catalog(store) as catalog:
        now = catalog.cursor()
    assert new(store, Cursor(now.time, now.generation, now.seq + 5))[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-12-10",
        "2025-12-10T12:00:00Z.1a2b3c4d",
        "2025-12-10T12:00:00Z.xyz.1",
        "2025-99-10T12:00:00Z.1a2b3c4d.1",
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cursor.parse(text)


def test_a_cursor_is_read_as_it_was_written() -> None:
    cursor = Cursor(at(DAY), "1a2b3c4d", 12345)
    assert str(cursor) == "2025-12-08T12:00:00Z.1a2b3c4d.12345"
    assert Cursor.parse(str(cursor)) == cursor


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 3), st.sampled_from([DAILY, NEW])),
        st.tuples(st.just("old"), st.integers(0, 3), st.sampled_from([DAILY, NEW])),
        st.tuples(st.sampled_from(["first", "second", "rebuild", "lose"]), st.just(0), st.just(DAILY)),
    ),
    max_size=14,
)


@given(STEPS)
@examples(60)
def test_two_readers_get_every_paper_once_or_hear_of_a_resync(steps: list[tuple[str, int, Series]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        store.root.mkdir()
        listed: dict[tuple[Series, date], set[int]] = {}
        cursors: dict[str, Cursor | None] = {"first": None, "second": None}
        given_to: dict[str, list[str]] = {"first": [], "second": []}
        resynced = {"first": False, "second": False}
        count = 0
        for kind, number, series in [*steps, ("first", 0, DAILY), ("second", 0, DAILY)]:
            if kind in {"put", "old"}:
                day = DAY + timedelta(days=number) - timedelta(days=2000 if kind == "old" else 0)
                count += 1
                # A new paper, and one that other days may have.
                listed.setdefault((series, day), set()).update({count, number})
                put(store, *listed[series, day], day=day, series=series)
            elif kind == "rebuild":
                rebuild(store)
            elif kind == "lose":
                shutil.rmtree(catalog_file(store).parent, ignore_errors=True)
            else:
                with open_catalog(store) as catalog:
                    found = catalog.arrivals(cursors[kind])
                cursors[kind] = found.cursor
                resynced[kind] |= found.resync
                given_to[kind] += [entry.paper.key for entry in found.entries]
        every = {f"arxiv:2512.{number:05}" for numbers in listed.values() for number in numbers}
        for reader, keys in given_to.items():
            assert set(keys) == every
            assert resynced[reader] or len(keys) == len(every)
