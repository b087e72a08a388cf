"""A few at once, some killed; and the judge of the many refuses what it is there to refuse."""

from collections import Counter

import pytest

from tests.torture.concurrent_runs import Round, _differences, crowded, verdicts

ALONE = {"a.day.json": b"1", "b.jsonl": b"2"}
GOOD = Round(0, Counter(["/api", "/page"]))


def test_a_few_at_once_leave_the_store_of_one() -> None:
    assert [one for one in crowded(2, 4, 3) if not one.passed] == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.day.json": b"1"}, "b.jsonl is missing"),
        ({**ALONE, "b.jsonl": b"3"}, "b.jsonl holds something else"),
        ({**ALONE, "b.jsonl.tmp": b""}, "b.jsonl.tmp should not be there"),
    ],
)
def test_another_store_is_told(files: dict[str, bytes], said: str) -> None:
    (found,) = _differences(files, ALONE, 7)
    assert found == f"round 7: {said}"
    broken = [one for one in verdicts([GOOD, Round(1, GOOD.asked, wrong=[found])], ALONE, 1) if not one.passed]
    assert [one.details for one in broken] == [(found,)]


@pytest.mark.parametrize(
    ("killed", "asked", "failed"),
    [(0, 3, []), (1, 5, []), (0, 2, ["round 1: exit 3"])],
    ids=["twice", "often", "failed"],
)
def test_pages_fetched_twice_and_failures_are_told(killed: int, asked: int, failed: list[str]) -> None:
    one = Round(killed, Counter({"/api": asked - 1, "/page": 1}), failed=failed)
    assert [verdict for verdict in verdicts([GOOD], ALONE, 1) if not verdict.passed] == []
    assert [verdict for verdict in verdicts([GOOD, one], ALONE, 1) if not verdict.passed] != []
