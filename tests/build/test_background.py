"""Days that are built in a thread: results in order, groups, errors, and an end that leaves nothing half done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from dailypapers.ingest.build import parallel as background
from dailypapers.ingest.build.parallel import GROUP, BackgroundBuild
from dailypapers.ingest.build.write import BuiltDay, DayResult
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store
from tests.product import DAY, SERIES

Build = Callable[[], BuiltDay | DayResult]


def source_day(number: int) -> SourceDay:
    return SourceDay(SOURCES["hf-daily"], SERIES, DAY + timedelta(days=number))


def building(number: int) -> Build:
    return lambda: BuiltDay(source_day(number))


def failed(number: int) -> DayResult:
    return DayResult(SERIES, source_day(number).day, failed="refused")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The numbers of the days that are written together; the clock stands still."""
    noted: list[list[int]] = []

    def write(_: Store, days: Sequence[BuiltDay]) -> list[DayResult]:
        noted.append([(each.source_day.day - DAY).days for each in days])
        return [DayResult(SERIES, each.source_day.day) for each in days]

    monkeypatch.setattr(background, "write_days", write)
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: 100.0))
    return noted


def numbers(results: Sequence[DayResult]) -> list[int]:
    return [(each.day - DAY).days for each in results]


def test_days_are_written_in_groups_and_given_in_order(store: Store, groups: list[list[int]]) -> None:
    with BackgroundBuild(store) as build:
        results = [each for number in range(2 * GROUP + 3) for each in build.add(building(number))]
        results += build.finish()
        # Nothing is left for a second end.
        assert list(build.finish()) == []
    assert numbers(results) == [*range(2 * GROUP + 3)]
    assert groups[:3] == [[*range(GROUP)], [*range(GROUP, 2 * GROUP)], [*range(2 * GROUP, 2 * GROUP + 3)]]


def test_a_day_without_a_build_has_its_place_among_the_others(store: Store, groups: list[list[int]]) -> None:
    with BackgroundBuild(store) as build:
        results = [
            each for number in (0, 1, 2) for each in build.add(building(number) if number != 1 else lambda: failed(1))
        ]
        results += build.finish()
    assert (numbers(results), groups) == ([0, 1, 2], [[0, 2]])
    assert [each.failed for each in results] == [None, "refused", None]


@pytest.mark.parametrize(("seconds", "expected"), [(1.0, [[0], [1]]), (0.99, [[0, 1]])])
def test_a_day_is_written_when_it_has_waited_for_a_second(
    store: Store, groups: list[list[int]], monkeypatch: pytest.MonkeyPatch, seconds: float, expected: list[list[int]]
) -> None:
    clock = [100.0]

    def slow(number: int) -> BuiltDay:
        clock[0] += seconds
        return BuiltDay(source_day(number))

    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    with BackgroundBuild(store) as build:
        list(build.add(lambda: slow(0)))
        list(build.add(building(1)))
        list(build.finish())
    assert groups == expected


def test_few_days_wait_for_a_build_that_takes_long(store: Store, groups: list[list[int]]) -> None:
    """The caller goes on with GROUP days, whose pages are in memory; then it waits."""
    begun, go_on = threading.Event(), threading.Event()

    def waits() -> BuiltDay:
        begun.set()
        assert go_on.wait(120)
        return BuiltDay(source_day(0))

    with BackgroundBuild(store) as build:
        assert [each for number in range(GROUP) for each in build.add(waits if number == 0 else building(number))] == []
        assert begun.wait(120)
        assert groups == []
        threading.Timer(0.05, go_on.set).start()
        results = list(build.add(building(GROUP)))
        assert go_on.is_set()
        results += build.finish()
    assert numbers(results) == [*range(GROUP + 1)]


def run_all(build: BackgroundBuild, *builds: Build) -> None:
    with build:
        for each in builds:
            list(build.add(each))
        list(build.finish())


def test_an_error_of_a_build_is_raised_where_its_result_would_be(store: Store, groups: list[list[int]]) -> None:
    def refuse() -> BuiltDay:
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        run_all(BackgroundBuild(store), building(0), refuse, building(2))


def stop(build: BackgroundBuild, begun: threading.Event, *builds: Build) -> None:
    """Ctrl-C once the first of them has begun."""
    with build:
        for each in builds:
            list(build.add(each))
        assert begun.wait(120)
        raise KeyboardInterrupt


def test_a_command_that_is_stopped_begins_no_other_build(
    store: Store, groups: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, built = threading.Event(), threading.Event(), list[int]()

    def waits() -> BuiltDay:
        begun.set()
        assert go_on.wait(120)
        return BuiltDay(source_day(0))

    def note() -> BuiltDay:
        built.append(1)
        return BuiltDay(source_day(1))

    build = BackgroundBuild(store)
    join = build._thread.join

    def join_later(timeout: float | None = None) -> None:
        go_on.set()
        join(timeout)

    monkeypatch.setattr(build._thread, "join", join_later)
    with pytest.raises(KeyboardInterrupt):
        stop(build, begun, waits, note)
    join(120)
    assert (built, groups, build._thread.is_alive()) == ([], [], False)


def test_a_process_may_end_though_its_build_waits_for_another(
    store: Store, groups: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "GRACE", 0.01)
    begun, go_on, build = threading.Event(), threading.Event(), BackgroundBuild(store)

    def waits() -> DayResult:
        begun.set()
        assert go_on.wait(120)
        return failed(0)

    with pytest.raises(KeyboardInterrupt):
        stop(build, begun, waits)
    assert (build._thread.is_alive(), build._thread.daemon, build._thread.name) == (True, True, "build")
    go_on.set()
    build._thread.join(120)
    assert not build._thread.is_alive()
