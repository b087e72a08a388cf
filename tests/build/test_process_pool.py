"""How many processes a command uses, and what they give."""

from __future__ import annotations

import os

import pytest

from dailypapers.ingest.build.workers import WORTH, cores, in_order, local_workers


def test_the_cores_that_this_process_may_use_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert cores() == 3
    # macOS has no affinities.
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


@pytest.mark.parametrize(
    ("items", "jobs", "processes"),
    [
        (0, None, None),
        (WORTH - 1, None, None),
        (WORTH, None, 2),
        (2 * WORTH, None, 3),
        (10_000, None, 4),
        (1, 3, None),
        (2, 3, 3),
        (100, 1, None),
        (100, 2, 2),
        (100, 7, 7),
    ],
)
def test_there_are_as_many_processes_as_pay_off(
    monkeypatch: pytest.MonkeyPatch, items: int, jobs: int | None, processes: int | None
) -> None:
    """No process is started before there is work."""
    monkeypatch.setattr("dailypapers.ingest.build.workers.cores", lambda: 4)
    with local_workers(items, jobs) as workers:
        assert getattr(workers.executor, "_max_workers", None) == processes
        assert (workers.ahead, workers.on_cluster) == (4 * processes if processes else 1, False)


def test_a_task_of_this_process_has_its_result_or_its_error() -> None:
    with local_workers(1) as workers:
        assert workers.executor.submit(int, "11", base=2).result() == 3
        assert isinstance(workers.executor.submit(int, "x").exception(), ValueError)


def test_results_come_in_order_and_no_more_is_begun_than_is_taken() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item * item

    with local_workers(100, 1) as workers:
        results = in_order(work, range(100), workers)
        assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert begun == [0, 1, 2]


def test_processes_give_results_in_order_and_hand_on_errors() -> None:
    with local_workers(20, 2) as workers:
        assert list(in_order(len, ["a" * number for number in range(20)], workers)) == list(range(20))
    with local_workers(3, 2) as workers, pytest.raises(ValueError, match="not one"):
        list(in_order(float, ["1", "not one", "3"], workers))
