"""The benchmarks' own logic; nothing here is timed by a real clock."""

import json
from functools import partial
from itertools import count

import pytest

from parsers import parse
from parsers.model import line
from tests.benchmarks.mapping import record
from tests.benchmarks.same import DifferentError, check
from tests.benchmarks.served import DAY, PAPERS, SOURCE, served
from tests.benchmarks.table import Figure, Table, Target, factor, lines, plain
from tests.benchmarks.turns import WARM_UPS, Contender, take_turns


def table(ours: float, *targets: Target) -> Table:
    figures = (Figure("ours", "ours", (ours,)), Figure("floor", "least", (2.0,)))
    return Table(1, "work", figures, targets)


def test_plain_mapping_writes_what_the_parser_writes() -> None:
    items = json.loads(served().answer.body)
    plainly = [json.dumps(record(item, str(DAY), rank)).encode() for rank, item in enumerate(items, 1)]
    parsed = parse(served().answer, "hf_api", source=SOURCE, day=DAY)
    assert len(plainly) == PAPERS
    check(b"\n".join(map(line, parsed.papers)), b"\n".join(plainly), "plain")


def test_page_and_answer_are_of_the_size_of_real_ones() -> None:
    assert 250_000 < len(served().answer.body) < 330_000
    assert 550_000 < len(served().page.body) < 670_000


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (b'{"key": "a", "title": "x"}', "title: ours None, theirs 'x'"),
        (b'{"key": "a"}', "title: ours None, theirs missing"),
        (b'{"title": null, "key": "a"}\n{}', "2 lines, ours 1"),
    ],
)
def test_other_records_are_named(theirs: bytes, said: str) -> None:
    with pytest.raises(DifferentError, match=f"a peer.*{said}"):
        check(b'{"key": "a", "title": null}', theirs, "a peer")


def test_order_of_keys_is_no_difference() -> None:
    check(b'{"a": 1, "b": [2]}', b'{"b": [2], "a": 1}', "a peer")


def test_contenders_take_turns_and_each_begins_one() -> None:
    ran: list[str] = []
    contenders = [Contender("peer", name, partial(ran.append, name)) for name in ("a", "b", "c")]
    ticks = count()
    seconds = take_turns(contenders, 3, lambda: float(next(ticks)))
    assert "".join(ran[WARM_UPS * 3 :]) == "abcbcacab"
    assert seconds == {"a": [1, 1, 1], "b": [1, 1, 1], "c": [1, 1, 1]}


def test_short_work_is_done_several_times_a_turn() -> None:
    ran: list[int] = []
    ticks = count()
    seconds = take_turns([Contender("floor", "a", lambda: ran.append(1))], 2, lambda: next(ticks) / 1000)
    assert len(ran) == WARM_UPS + 2 * 20
    assert seconds["a"] == pytest.approx([0.001 / 20] * 2)


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target("least", 2.0), True),
        (Target("least", 2.0, below=True), False),
        (Target("least", 1.9), False),
        (Target("least", 2.1, below=True), True),
    ],
)
def test_a_target_is_met_or_missed(target: Target, met: bool) -> None:
    found = table(4.0, target)
    assert found.missed == ([] if met else [target])
    assert ("NOT MET" in "\n".join(lines(found))) is not met
    assert plain(found)["targets"][0]["met"] is met


def test_a_ratio_is_taken_turn_by_turn() -> None:
    """Half of the turns were twice as slow for both: the ratio stays what it is."""
    figures = (Figure("ours", "ours", (3.0, 6.0, 3.0, 6.0, 60.0)), Figure("floor", "least", (1.0, 2.0, 1.0, 2.0, 2.0)))
    assert Table(1, "work", figures, ()).ratio("least") == 3


def test_a_target_against_nothing_measured_is_no_pass() -> None:
    with pytest.raises(KeyError):
        _ = table(1.0, Target("gone", 5)).missed


@pytest.mark.parametrize(("ratio", "said"), [(7.5, "7.5x"), (1, "1x"), (0.4, "1/2.5"), (0.1, "1/10")])
def test_ratios_read_as_people_say_them(ratio: float, said: str) -> None:
    assert factor(ratio) == said
