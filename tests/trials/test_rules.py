"""A sample of the trial of the rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .months import Month, healthy_month, sick_month
from .rules import try_month


@pytest.mark.parametrize(("make", "numbers"), [(healthy_month, range(3)), (sick_month, range(9))])
def test_no_day_is_decided_wrongly_or_never(make: Callable[[int], Month], numbers: range) -> None:
    outcomes = [try_month(make, number) for number in numbers]
    assert [wrong for outcome in outcomes for wrong in outcome.wrong] == []
    assert sum(outcome.counts["times closed"] for outcome in outcomes) > 50
