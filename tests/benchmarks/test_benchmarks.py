"""The benchmarks' own logic; nothing here is timed by a real clock."""

import json
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from dailypapers.parsers import parse
from dailypapers.parsers.model import line
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.catalog_corpus import COMMON, Corpus, remove_days, write_days
from tests.benchmarks.mapping import record
from tests.benchmarks.same import DifferentError, check
from tests.benchmarks.served import DAY, PAPERS, SOURCE, served
from tests.benchmarks.table import Figure, Table, Target, factor, lines, plain, printed
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


def test_a_table_is_printed_when_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    tables = printed(table(ours) for ours in (1.0, 2.0))
    assert next(tables) == table(1.0)
    assert capsys.readouterr().out.count("Row 1") == 1
    assert list(tables) == [table(2.0)]


def test_a_paper_of_the_corpus_is_always_the_same_and_no_other() -> None:
    corpus, day = Corpus(), date(2025, 12, 8)
    numbers = (0, 1, 99_999, 100_000, 1_200_000, 2_999_999)
    papers = [corpus.record(number, day) for number in numbers]
    assert len({paper["key"] for paper in papers}) == len(papers)
    assert [Corpus().record(number, day) for number in numbers[:2]] == papers[:2]


def test_the_words_of_the_corpus_follow_zipfs_law_to_the_rarest() -> None:
    corpus, day = Corpus(), date(2025, 12, 8)
    words = [word for number in range(200) for word in corpus.record(number, day)["abstract"].split()]
    assert 0.029 < sum(word.lower() == COMMON[0] for word in words) / len(words) < 0.039
    assert set(corpus.drawn) == set(corpus.words)


def test_days_of_the_corpus_are_written_once_and_removed(tmp_path: Path) -> None:
    store, corpus = Store(tmp_path), Corpus()
    assert len(list(write_days(store, corpus, 0, 20, a_day=10))) == 4
    assert [day.day for _, day in write_days(store, corpus, 0, 30, a_day=10)] == [6, 6]
    remove_days(store, 10, a_day=10)
    assert [path.name for path in sorted(tmp_path.rglob("*.jsonl"))] == ["2016-01-04.jsonl"] * 2


@pytest.mark.parametrize(("ratio", "said"), [(7.5, "7.5x"), (1, "1x"), (0.4, "1/2.5"), (0.1, "1/10")])
def test_ratios_read_as_people_say_them(ratio: float, said: str) -> None:
    assert factor(ratio) == said
