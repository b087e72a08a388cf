"""Property tests depend on neither chance nor the load of the machine."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.hypothesis_examples import MUTANT, examples


def test_the_same_examples_are_tried_in_each_run() -> None:
    tried: list[int] = []

    @examples(10)
    @given(st.integers())
    def note(number: int) -> None:
        tried.append(number)

    note()
    note()
    assert len(tried) == 20
    assert tried[:10] == tried[10:]


def test_an_example_may_take_as_long_as_a_loaded_machine_needs() -> None:
    @given(st.just(0))
    def slow(_: int) -> None:
        time.sleep(0.3)

    slow()
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_a_mutant_is_tried_with_few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MUTANT, raising=False)
    assert examples(150).max_examples == 150
    monkeypatch.setenv(MUTANT, "dailypapers.parsers.text.x_squeeze__mutmut_1")
    assert (examples(150).max_examples, examples(5).max_examples) == (15, 5)
    assert Phase.shrink not in examples(5).phases
