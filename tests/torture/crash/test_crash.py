"""A sample of what `make torture` does at every call, and that its judges refuse what they are there to refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import pytest

from tests.torture.crash import fulldisk, killed_then_cut, strace_counts
from tests.torture.crash.bench import SCENARIOS, Bench, Scenario, files, unreadable
from tests.torture.crash.fork_server import At
from tests.torture.crash.points import errors, kills, tried
from tests.torture.crash.powercut import cuts, needless, ours, survived
from tests.torture.crash.shim import Mode, missing

KILLS, ERRORS, STATES = 3, 3, 5
"""Of each scenario."""
One = TypeVar("One")

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"{missing()}")
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def sample(things: Sequence[One], size: int) -> Sequence[One]:
    """At least this many of them, evenly spread."""
    return things[:: max(1, len(things) // size)]


@each_scenario
def test_points_of_a_sample(bench: Bench, scenario: Scenario) -> None:
    killed, failed = list(kills(bench, scenario)), list(errors(bench, scenario))
    outcomes = [tried(bench, point) for point in (*sample(killed, KILLS), *sample(failed, ERRORS))]
    assert len(outcomes) >= KILLS + ERRORS
    assert [(f"{one.point}", one.status, one.wrong) for one in outcomes if one.wrong] == []


@each_scenario
def test_power_cuts_of_a_sample(bench: Bench, scenario: Scenario) -> None:
    found = sample(cuts(bench, scenario, mixtures=0), STATES)
    assert [(f"{cut}", wrong) for cut in found if (wrong := survived(bench, cut))] == []


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one.needs_each_sync], ids=lambda one: one.name)
def test_each_sync_is_needed(bench: Bench, scenario: Scenario) -> None:
    assert len(ours(bench, scenario)) >= 3
    assert needless(bench, scenario) == []


def test_a_point_that_is_never_reached_is_no_kill(bench: Bench) -> None:
    point = next(iter(kills(bench, SCENARIOS[0])))
    outcome = tried(bench, replace(point, at=At(100_000, Mode.KILL)))
    assert outcome.wrong == ("was to be killed, ended with 0",)


def test_a_store_that_cannot_be_read_is_noticed(bench: Bench) -> None:
    disk = bench.disk(bench.undisturbed(SCENARIOS[0]).disk)
    for name in files(disk):
        if name.endswith(".day.json"):
            (disk / name).write_bytes(b"{")
    assert ["the reader fails" in what for what in unreadable(bench, disk)] == [True]


def test_a_second_run_syncs_what_the_killed_one_could_not(bench: Bench) -> None:
    runs = list(killed_then_cut.interrupted(bench, every=4))
    assert "." in {one.folder for one in runs}
    for one in runs:
        size, wrong = killed_then_cut.unmended(bench, one)
        assert (size > 20, wrong) == (True, []), one.folder


def test_strace_counts_the_same_calls(bench: Bench) -> None:
    unable = strace_counts.unable()
    if unable is not None:
        pytest.skip(unable)
    ours, theirs = strace_counts.counts(bench, SCENARIOS[0])
    assert ours == theirs
    assert ours.total() > 100


def test_a_file_system_that_is_full(bench: Bench) -> None:
    unable = fulldisk.unable(bench.disk().parent)
    if unable is not None:
        pytest.skip(unable)
    came = {free: fulldisk.filled(bench, free) for free in (0, 80, 180, 600)}
    assert [wrong for _, wrong in came.values() if wrong] == []
    assert (came[0][0], came[600][0]) == (3, 0)
