"""What a build changes in the files of a day, and the files that a certificate names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.certificate import certificate_bytes, sha256
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.writer import Report, Snapshot, built_files, compare, day_bytes, rows, write_snapshots
from tests.support.hypothesis_examples import examples
from tests.support.written_days import DAILY, DAY, START, paper, write_day

VOTES = st.dictionaries(st.integers(1, 5), st.integers(0, 1))
REJECT = json.dumps({"raw": {"id": 1}}).encode()


def leaving(number: int) -> Paper:
    """A paper that has left the day."""
    return paper(number, last_seen=START + timedelta(hours=3))


def compared(before: bytes | None, after: bytes, folder: Path) -> Report:
    path = folder / "day.jsonl"
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_bytes(before)
    return compare(path, after)


@pytest.mark.parametrize(
    ("before", "after", "report"),
    [
        (None, [], Report(0, 0, 0, 0)),
        (None, [paper(1), leaving(2), leaving(3)], Report(3, 0, 0, 2)),
        ([], [paper(1)], Report(1, 0, 0, 0)),
        ([paper(1), leaving(2)], [paper(1), leaving(2)], Report(0, 0, 2, 0)),
        ([paper(1), paper(2), paper(3)], [paper(1, upvotes=1), paper(2, upvotes=1), paper(3)], Report(0, 2, 1, 0)),
        ([paper(1)], [paper(1), paper(2), paper(3)], Report(2, 0, 1, 0)),
        ([paper(1), paper(2)], [paper(1)], Report(0, 0, 1, 0)),
        ([paper(1), leaving(2)], [leaving(1), leaving(2), leaving(3)], Report(1, 1, 1, 2)),
        ([leaving(1)], [paper(1)], Report(0, 1, 0, 0)),
    ],
)
def test_papers_are_compared_by_key(
    tmp_path: Path, before: list[Paper] | None, after: list[Paper], report: Report
) -> None:
    stored = None if before is None else day_bytes(before)
    assert compared(stored, day_bytes(after), tmp_path) == report


@examples(50)
@given(old=VOTES, new=VOTES)
def test_the_numbers_of_a_report_are_those_of_sets(
    tmp_path_factory: pytest.TempPathFactory, old: dict[int, int], new: dict[int, int]
) -> None:
    before, after = (day_bytes(paper(number, upvotes=each[number]) for number in each) for each in (old, new))
    report = compared(before, after, tmp_path_factory.getbasetemp())
    assert report.new == len(new.keys() - old.keys())
    assert report.changed == sum(old[number] != new[number] for number in new.keys() & old.keys())
    assert report.total == len(new)


def test_a_line_without_its_end_is_no_change_and_a_damaged_one_is_a_new_paper(tmp_path: Path) -> None:
    content = day_bytes([paper(1), paper(2)])
    assert compared(content[:-1], content, tmp_path) == Report(0, 0, 2, 0)
    assert compared(content[:-9], content, tmp_path) == Report(1, 0, 1, 0)
    assert compared(b"[]\n1\n{}\n" + content, content, tmp_path) == Report(0, 0, 2, 0)


def test_rows_are_the_lines_by_key_without_damaged_ones() -> None:
    content = day_bytes([paper(1), paper(2)])
    first, second = map(orjson.loads, content.splitlines())
    assert rows(content) == {first["key"]: first, second["key"]: second}
    assert rows(b'{"key": 7}\n{"title": "A"}\n[]\n{"key": "a"\n') == {"7": {"key": 7}}


@pytest.mark.parametrize(
    ("report", "text", "total"),
    [
        (Report(1, 2, 3, 4), "1 new, 2 changed, 3 same, 4 gone", 6),
        (Report(0, 0, 3, 0), "3 same", 3),
        (Report(0, 0, 0, 0, healed=2), "", 0),
    ],
)
def test_a_report_names_the_numbers_that_are_not_zero(report: Report, text: str, total: int) -> None:
    assert (str(report), report.total) == (text, total)


@pytest.mark.parametrize(
    ("papers", "rejects", "metrics", "kinds"),
    [
        (b"", [], [], ["papers"]),
        (b"{}\n", [b"{}", b"[]"], [], ["papers", "rejects"]),
        (b"{}\n", [], [b"{}"], ["papers", "metrics"]),
        (b"{}\n", [b"1"], [b"2", b"3"], ["papers", "rejects", "metrics"]),
    ],
)
def test_a_certificate_names_the_files_that_have_a_line(
    tmp_path: Path, papers: bytes, rejects: list[bytes], metrics: list[bytes], kinds: list[str]
) -> None:
    store = Store(tmp_path)
    files = built_files(DAILY, DAY, papers, rejects, metrics)
    assert list(files) == kinds
    certificate = write_day(store, []) | {"files": files}
    write_snapshots(store, [Snapshot(DAILY, DAY, papers, rejects, metrics, certificate)])
    for kind, path in store.derived(DAILY, DAY).items():
        assert path.exists() == (kind in kinds)
        if kind in kinds:
            content = path.read_bytes()
            assert files[kind] == {"file": path.name, "bytes": len(content), "sha256": sha256(content)}


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Store, Snapshot]:
    """A store with one day, and that day as it is there."""
    store = Store(tmp_path)
    certificate = write_day(store, [paper(1)])
    metrics = store.metrics(DAILY, DAY).read_bytes().splitlines()
    content = store.papers(DAILY, DAY).read_bytes()
    return store, Snapshot(DAILY, DAY, content, [], metrics, certificate)


def test_only_files_that_differ_would_be_changed(stored: tuple[Store, Snapshot]) -> None:
    store, snapshot = stored
    assert snapshot.changed_files(store) == []
    assert replace(snapshot, content=b"").changed_files(store) == [f"{DAY}.jsonl"]
    assert replace(snapshot, rejects=[REJECT]).changed_files(store) == [f"{DAY}.rejects.jsonl"]
    assert replace(snapshot, metrics=[]).changed_files(store) == [f"{DAY}.metrics.jsonl"]
    other = replace(snapshot, content=b"", certificate={**snapshot.certificate, "papers": 0})
    assert other.changed_files(store) == [f"{DAY}.jsonl", f"{DAY}.day.json"]


def test_the_certificate_is_the_last_of_the_files(stored: tuple[Store, Snapshot]) -> None:
    store, snapshot = stored
    files = replace(snapshot, rejects=[REJECT, REJECT], metrics=[]).files(store)
    assert list(files.items()) == [
        (store.papers(DAILY, DAY), snapshot.content),
        (store.rejects(DAILY, DAY), REJECT + b"\n" + REJECT + b"\n"),
        (store.metrics(DAILY, DAY), None),
        (store.certificate(DAILY, DAY), certificate_bytes(snapshot.certificate)),
    ]


def test_a_reject_that_is_gone_is_healed_unless_a_file_was_lost(stored: tuple[Store, Snapshot]) -> None:
    store, snapshot = stored
    other = json.dumps({"raw": {"id": 2}}).encode()
    assert write_snapshots(store, [replace(snapshot, rejects=[REJECT, other])]) == [Report(0, 0, 1, 0)]
    assert replace(snapshot, rejects=[other]).compare(store).healed == 1
    assert snapshot.compare(store) == Report(0, 0, 1, 0, healed=2)
    lost = replace(snapshot, certificate={**snapshot.certificate, "lost": ["a.warc.gz"]})
    assert lost.compare(store).healed == 0
    assert write_snapshots(store, [snapshot]) == [Report(0, 0, 1, 0, healed=2)]
    assert not store.rejects(DAILY, DAY).exists()
