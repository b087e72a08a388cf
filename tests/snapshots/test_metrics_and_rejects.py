"""Lines of metrics and of rejects: what is written, read back and refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailypapers.parsers.model import FieldError, Reject
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.history import Metric, metric_lines, read_metrics
from dailypapers.snapshots.rejects import Refusal, healed, read_rejects, reject_lines
from dailypapers.snapshots.store.layout import Series
from tests.support.written_days import DAY, START

ODD_KEY = 'title:"a\\b" é\n'
METRICS = [
    Metric(START, "arxiv:1", 1, None, 0),
    Metric(START, "arxiv:12", 2, 3, 4),
    Metric(START, ODD_KEY, None, 5, None),
    Metric(START + timedelta(hours=1, microseconds=9), "arxiv:1", 7, 8, 9),
]
SECOND = START + timedelta(hours=1)


@pytest.fixture
def metrics_file(tmp_path: Path) -> Path:
    path = tmp_path / "day.metrics.jsonl"
    path.write_bytes(b"".join(text + b"\n" for text in metric_lines(METRICS)))
    return path


def test_metrics_are_read_as_they_were_written(metrics_file: Path) -> None:
    last = Metric(SECOND, "arxiv:1", 7, 8, 9)
    assert list(read_metrics(metrics_file)) == [*METRICS[:3], last]
    assert list(read_metrics(metrics_file, "arxiv:1")) == [METRICS[0], last]
    assert list(read_metrics(metrics_file, ODD_KEY)) == [METRICS[2]]
    assert list(read_metrics(metrics_file, "at")) == []
    assert list(read_metrics(metrics_file.with_name("other"))) == []


def test_a_line_has_the_time_in_utc_to_the_second() -> None:
    assert metric_lines(METRICS)[0] == (
        b'{"at":"2025-12-10T08:00:00Z","key":"arxiv:1","upvotes":1,"comments":null,"github_stars":0}'
    )
    assert metric_lines(METRICS)[3].startswith(b'{"at":"2025-12-10T09:00:00Z",')
    assert metric_lines([]) == []


@pytest.mark.parametrize(
    "damage", [b"{", b"[]", b"1", b'{"at": "now"}', b'{"at": 7}', b'{"at":"2025-12-10T08:00:00Z"}']
)
def test_a_damaged_line_of_metrics_is_an_error(metrics_file: Path, damage: bytes) -> None:
    metrics_file.write_bytes(metrics_file.read_bytes() + damage + b"\n")
    with pytest.raises(StoreError) as error:
        list(read_metrics(metrics_file))
    assert f"{error.value}".startswith(f"{metrics_file}: damaged (")
    assert f"{error.value}".endswith("); run dailypapers build --all")
    assert len(list(read_metrics(metrics_file, "arxiv:1"))) == 2


def refusal(raw: object, *messages: str, view: str = "api", identity: str = "1") -> Refusal:
    errors = tuple(FieldError("paper.title", message) for message in messages)
    at = datetime(2025, 12, 10, 8, 30, tzinfo=UTC)
    return Refusal(view, "hf_api", 7, f"https://site.example/{view}", at, Reject(3, errors, raw), identity)


SEARCH = Series("hf-search", "small models")


def written(*refusals: Refusal) -> list[str]:
    return list(reject_lines(SEARCH, DAY, refusals).values())


def test_a_line_says_what_was_rejected_where_and_why() -> None:
    (text,) = written(refusal({"id": 1}, "is missing", "is odd"))
    assert json.loads(text) == {
        "source": "hf-search",
        "day": f"{DAY}",
        "view": "api",
        "parser": "hf_api",
        "version": 7,
        "url": "https://site.example/api",
        "fetched_at": "2025-12-10T08:30:00Z",
        "position": 3,
        "errors": [
            {"path": "paper.title", "message": "is missing"},
            {"path": "paper.title", "message": "is odd"},
        ],
        "raw": {"id": 1},
    }


def test_an_item_with_the_same_errors_is_one_line_that_of_the_first_view() -> None:
    first, again = refusal({"id": 1}, "a"), refusal("<article>", "a", view="html")
    other_error, other_item = refusal({"id": 1}, "b", view="html"), refusal({"id": 2}, "a", identity="2")
    found = [json.loads(text) for text in written(first, again, other_error, other_item)]
    assert [(row["view"], row["raw"], row["errors"][0]["message"]) for row in found] == [
        ("api", {"id": 1}, "a"),
        ("html", {"id": 1}, "b"),
        ("api", {"id": 2}, "a"),
    ]


def test_any_raw_item_can_be_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "day.rejects.jsonl"
    raw = {"title": "\ud83d \u2028\u0085 é", "at": DAY}
    (text,) = written(refusal(raw, "a"))
    assert text.isascii()
    path.write_text(f"{text}\n")
    (row,) = read_rejects(path)
    assert row["raw"] == {"title": raw["title"], "at": f"{DAY}"}


@pytest.mark.parametrize("name", ["view", "parser", "version", "url", "position", "errors", "raw", None])
def test_a_line_without_an_entry_is_damaged(tmp_path: Path, name: str | None) -> None:
    path = tmp_path / "day.rejects.jsonl"
    row = json.loads(written(refusal({"id": 1}, "a"))[0])
    path.write_text(f"{json.dumps(row)}\n" * 2)
    assert read_rejects(path) == [row, row]
    damaged = "{" if name is None else json.dumps({key: value for key, value in row.items() if key != name})
    path.write_text(f"{json.dumps(row)}\n{damaged}\n")
    with pytest.raises(StoreError) as error:
        read_rejects(path)
    assert f"{error.value}" == f"{path}: damaged, not a list of rejects; rebuild it: dailypapers build --all"


@pytest.mark.parametrize("name", ["source", "day", "fetched_at"])
def test_a_line_without_an_entry_that_nothing_reads_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "day.rejects.jsonl"
    row = json.loads(written(refusal({"id": 1}, "a"))[0])
    del row[name]
    path.write_text(json.dumps(row))
    assert read_rejects(path) == [row]


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}], 0),
        ([{"paper": {"id": 1}}], [{"id": 1}], 0),
        ([{"paper": {"id": 1}, "x": 1}, {"paper": {"id": 1}, "x": 2}], [], 1),
        ([1, "1"], [], 2),
        ([], [1], 0),
    ],
)
def test_items_are_the_same_by_what_they_hold(old: list[object], new: list[object], count: int) -> None:
    lines = [[json.dumps({"raw": raw}).encode() for raw in each] for each in (old, new)]
    assert healed(*lines) == count


def test_a_damaged_line_is_no_item() -> None:
    damaged = [b"{", b"7", b"[]", b"{}", b'{"raw": 1']
    assert healed([*damaged, b'{"raw": 1}'], damaged) == 1
