"""The columns of the tables: the record's names, types and nulls, whatever the values are."""

from __future__ import annotations

import types
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime

from dailypapers.export.month import certificate_columns, metric_columns, paper_columns
from dailypapers.export.schema import METRICS, PAPERS
from dailypapers.parsers.model import Author, Organization, Paper
from dailypapers.snapshots.history import NUMBERS, Metric, metric_lines
from dailypapers.snapshots.reader import verified_day
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.writer import day_bytes
from tests.support.hypothesis_examples import examples
from tests.support.written_days import DAILY, DAY, HOSTILE, START, paper, papers, write_day

ARROW = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    date: pa.date32(),
    AwareDatetime: pa.timestamp("us", "UTC"),
    dict: pa.string(),
}


def arrow_type(annotation: Any) -> tuple[pa.DataType, bool]:
    """The Arrow type of an annotation of the record, and whether it may be None."""
    if get_origin(annotation) is Annotated:
        return arrow_type(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        (value,) = (each for each in get_args(annotation) if each is not type(None))
        return arrow_type(value)[0], True
    if get_origin(annotation) is list:
        return pa.list_(arrow_type(get_args(annotation)[0])[0]), False
    if annotation in (Author, Organization):
        hints = get_type_hints(annotation, include_extras=True)
        return pa.struct({name: arrow_type(hint)[0] for name, hint in hints.items()}), False
    return ARROW[get_origin(annotation) or annotation], False


def test_the_schema_is_that_of_the_record() -> None:
    hints = get_type_hints(Paper, include_extras=True)
    expected = [(name, *arrow_type(hints[name])) for name in Paper.model_fields]
    assert [(field.name, field.type, field.nullable) for field in PAPERS] == expected


def test_the_metrics_are_the_numbers_of_the_record() -> None:
    assert METRICS.names[-len(NUMBERS) :] == list(NUMBERS)
    assert all(METRICS.field(name).equals(PAPERS.field(name)) for name in NUMBERS)


def as_paper(row: dict[str, Any]) -> Paper:
    return Paper.model_validate(row | {"extra": orjson.loads(row["extra"])})


@examples(100)
@given(st.lists(papers(), max_size=4))
def test_rows_are_the_records(records: list[Paper]) -> None:
    columns = paper_columns(day_bytes(records))
    assert columns.schema.equals(PAPERS)
    assert [as_paper(row) for row in columns.to_pylist()] == records


def test_a_column_without_values_keeps_its_type() -> None:
    columns = paper_columns(day_bytes([paper(1), paper(2)]))
    assert columns.column("doi").null_count == 2
    assert columns.schema.field("doi").type == pa.string()
    assert columns.schema.field("github_stars").type == pa.int64()


@pytest.mark.parametrize("text", HOSTILE)
def test_extra_is_the_text_of_the_line(text: str) -> None:
    record = paper(1, title=text, extra={text: text, "extra": 2**64 - 1, "float": 0.1})
    (row,) = paper_columns(day_bytes([record])).to_pylist()
    assert row["extra"].encode() in day_bytes([record])
    assert orjson.loads(row["extra"]) == record.extra


@pytest.mark.parametrize("line", [b'{"key":1}', b'{"key":"a"', b'{"unknown":"a"}', b'{"key":"a","extra":{}}'])
def test_what_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON parse error|null values"):
        paper_columns(line + b"\n")


@examples(50)
@given(st.lists(st.tuples(st.none() | st.integers(0, 2**63 - 1), st.sampled_from(HOSTILE)), max_size=4))
def test_metrics_are_the_lines_with_series_and_day(values: list[tuple[int | None, str]]) -> None:
    metrics = [Metric(START, f"title:{text}", number, None, 0) for number, text in values]
    content = b"".join(line + b"\n" for line in metric_lines(metrics))
    columns = metric_columns(Series("hf-search", "a b"), f"{DAY}", content)
    assert columns.schema.equals(METRICS)
    rows = columns.to_pylist()
    assert {(row.pop("series"), row.pop("day")) for row in rows} <= {("hf-search/a-b-c8687a08", DAY)}
    assert [Metric(**row) for row in rows] == metrics


def test_a_certificate_is_a_row_with_its_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    certificate = write_day(store, [paper(1), paper(2)], state="partial", reason=HOSTILE[0], lost=["a"], notes=["n"])
    verified = verified_day(store, DAILY, DAY)
    assert verified is not None
    (row,) = certificate_columns(DAILY, verified.certificate, verified.text).to_pylist()
    assert row["certificate"].encode() == store.certificate(DAILY, DAY).read_bytes()
    assert (row["series"], row["source"], row["query"], row["day"]) == ("hf-daily", "hf-daily", None, DAY)
    assert (row["state"], row["reason"], row["papers"], row["fetches"]) == ("partial", HOSTILE[0], 2, 0)
    assert (row["papers_sha256"], row["lost"]) == (certificate["files"]["papers"]["sha256"], ["a"])
    assert f"{row['as_of']:%Y-%m-%dT%H:%M:%SZ}" == certificate["as_of"]
