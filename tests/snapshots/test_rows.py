"""Lines of day files as plain JSON, and their keys without decoding the lines."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import first_seen_keys, read_rows
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.marks import certificate_marks
from dailypapers.snapshots.writer import day_bytes
from tests.support.written_days import DAILY, DAY, HOSTILE, START, paper, papers, write_day


def grouped(content: bytes) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for row in map(orjson.loads, content.splitlines()):
        keys.setdefault(row["first_seen"], []).append(row["key"])
    return keys


@given(st.lists(papers(), max_size=4))
def test_keys_by_first_sight_are_those_of_the_decoded_lines(listed: list[Paper]) -> None:
    seen = [each if each.first_seen else each.model_copy(update={"first_seen": START}) for each in listed]
    content = day_bytes(seen)
    assert first_seen_keys(content) == grouped(content)


@pytest.mark.parametrize("text", [*HOSTILE, '"first_seen":"x', '","source":"', "\\", 'a"b\\"c'])
def test_no_text_of_a_site_is_taken_for_another_field(text: str) -> None:
    hostile = paper(1, key=f"doi:{text}", title=text, abstract=text, extra={"first_seen": text, text: "a"})
    content = day_bytes([hostile])
    assert first_seen_keys(content) == grouped(content) == {"2025-12-10T08:00:00Z": [f"doi:{text}"]}


def test_rows_are_the_lines(tmp_path: Path) -> None:
    store = Store(tmp_path)
    write_day(store, [paper(1), paper(2)])
    path = store.papers(DAILY, DAY)
    assert list(read_rows(path)) == [orjson.loads(text) for text in path.read_bytes().splitlines()]
    assert list(read_rows(tmp_path / "nothing.jsonl")) == []


@pytest.mark.parametrize(("damage", "said"), [(b"[]", "not a record; run"), (b"{", "not a record (unexpected end")])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, damage: bytes, said: str) -> None:
    path = tmp_path / "day.jsonl"
    path.write_bytes(b"{}\n" + damage + b"\n")
    with pytest.raises(StoreError) as error:
        list(read_rows(path))
    assert f"{error.value}".startswith(f"{path}:2: {said}")
    assert f"{error.value}".endswith("run dailypapers build")


def test_the_marks_of_certificates_are_in_the_order_of_days_and_change_with_their_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    days = [DAY.replace(year=2026), DAY, DAY.replace(day=9)]
    for day in days:
        write_day(store, [paper(1)], day=day)
    store.certificate(DAILY, DAY).with_name("2025-12-10.day.json.tmp").write_bytes(b"")
    before = certificate_marks(store, DAILY)
    assert list(before) == [f"{day}" for day in sorted(days)]
    stat = store.certificate(DAILY, DAY).stat()
    assert before[f"{DAY}"] == f"{stat.st_size} {stat.st_mtime_ns}"
    write_day(store, [paper(1), paper(2)], day=DAY)
    after = certificate_marks(store, DAILY)
    assert {day for day in after if after[day] != before[day]} == {f"{DAY}"}
    assert certificate_marks(store, Series("hf-weekly")) == {}
