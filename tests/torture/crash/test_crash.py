"""A sample of what `make torture` does at every call, and that its judges refuse what they are there to refuse."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import pytest

from tests.torture.crash.bench import SCENARIOS, Bench, Scenario
from tests.torture.crash.points import errors, kills, tried
from tests.torture.crash.powercut import cuts, history, needless, survived
from tests.torture.crash.shim import missing

KILLS, ERRORS, STATES = 6, 6, 8
"""Of each scenario."""
One = TypeVar("One")

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"{missing()}")
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def sample(things: Sequence[One], size: int) -> Sequence[One]:
    """At least so many of them, evenly spread."""
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


@each_scenario
def test_each_sync_is_needed(bench: Bench, scenario: Scenario) -> None:
    assert len(history(bench, scenario).syncs) > 8
    assert needless(bench, scenario) == []
