"""The catalog's own knowledge of records is that of the record model."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.ingest.sources.registry import READABLE
from dailypapers.parsers.keys import key
from dailypapers.parsers.model import Paper
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.day_file import number_of_title
from dailypapers.snapshots.catalog.fields import (
    BIT,
    EMPTY_RECORD,
    FIELDS,
    PLAIN,
    SOURCE_ORDER,
    decode,
    encode,
    mask_of,
    source_rank,
)
from dailypapers.snapshots.catalog.keys import node_of, parse_key, stated_doi, title_key
from dailypapers.snapshots.store.layout import Store
from tests.support.catalog_days import DAILY, paper, write_day
from tests.support.hypothesis_examples import examples

DAY = date(2025, 12, 8)


def test_the_fields_are_those_of_a_record_in_its_order() -> None:
    assert list(FIELDS) == list(Paper.model_fields)
    without = Paper(key="arxiv:2512.00001", source="hf-daily", title="A title")
    assert {**EMPTY_RECORD, "key": without.key, "source": without.source, "title": without.title} == without.__dict__


def test_every_source_of_hugging_face_and_arxiv_has_its_place_and_others_come_last() -> None:
    assert set(SOURCE_ORDER) == {name for name in READABLE if name.startswith(("hf-", "arxiv-"))}
    assert [source_rank(name) for name in (*SOURCE_ORDER, "lantern-daily")] == list(range(len(SOURCE_ORDER) + 1))


@given(
    st.dictionaries(
        st.sampled_from(FIELDS[4:]), st.sampled_from((None, 0, 1, "", "x", "cross", [], ["x"], {}, {"a": 1}))
    )
)
@examples(200)
def test_the_mask_of_a_record_has_the_fields_with_a_value(values: dict[str, Any]) -> None:
    """Numbers may be 0; the sources of arXiv alone say that a paper is not withdrawn, and they say it by False.

    A cross-list says nothing about how a paper was announced.
    """
    numbers = {name for name, kind in PLAIN.items() if kind == "INTEGER"}
    record = {**EMPTY_RECORD, "key": "arxiv:2512.00001", "title": "A title"}
    record |= {name: value for name, value in values.items() if (name in numbers) == isinstance(value, int)}
    with_value = {name for name, value in record.items() if value or (name in numbers and value == 0)}
    with_value -= {name for name in ("published_inferred", "withdrawn") if not record[name]}
    with_value -= {"announce_type"} if record["announce_type"] == "cross" else set()
    for source, said in (("hf-daily", set[str]()), ("arxiv-oai", {"withdrawn"})):
        mask = mask_of(record | {"source": source})
        assert {name for name, bit in BIT.items() if mask & bit} == with_value | {"source"} | said


@given(st.text(min_size=1))
@examples(200)
def test_the_number_of_a_title_is_that_of_its_key(title: str) -> None:
    assert title_key(number_of_title(title)) == key(title=title)


@pytest.mark.parametrize("title", ["A plain title, in ASCII: 1.5", "...", "  ...  ", "Łódź", "x\x1fy\x0bz"])
def test_the_number_of_an_odd_title_is_that_of_its_key(title: str) -> None:
    assert title_key(number_of_title(title)) == key(title=title)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    full: dict[str, Any] = {
        "organization": {"name": "handle", "fullname": None},
        "keywords": ["a; b", "ł"],
        "categories": ["cs.CL"],
        "media_urls": ["https://example.org/a.png"],
        "extra": {"a": 1, "b": True, "c": 2**64 - 1},
        "withdrawn": True,
        "published": DAY,
        "published_inferred": True,
        "upvotes": 0,
        "project_url": "https://example.org/",
    }
    made = paper("A title\u0000with; more", day=DAY, arxiv_id="2512.00001", **full).model_copy(
        update={"authors": [{"name": "Ada; Łoń", "user": "ada", "hidden": False, "affiliation": None}]}
    )
    write_day(Store(tmp_path), DAILY, DAY, [made])
    with open_catalog(Store(tmp_path)) as catalog:
        (found,) = catalog.papers()
    assert found.record == made
    assert list(found.fields) == list(FIELDS)
    assert decode(found.key, encode(found.fields)) == found.fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2512.00001", "arxiv:2512.00001"),
        ("arxiv:2512.00001v12", "arxiv:2512.00001"),
        ("https://arxiv.org/pdf/2512.00001v2.pdf", "arxiv:2512.00001"),
        ("http://export.arxiv.org/abs/hep-th/9901001", "arxiv:hep-th/9901001"),
        ("https://huggingface.co/papers/2512.00001", "arxiv:2512.00001"),
        (" 10.1000/ABC ", "doi:10.1000/abc"),
        ("https://doi.org/10.48550/arXiv.2512.00001", "arxiv:2512.00001"),
        ("title:0123456789abcdef", "title:0123456789abcdef"),
        ("words", "words"),
    ],
)
def test_keys_as_people_type_them(text: str, expected: str) -> None:
    assert parse_key(text) == expected
    assert node_of(expected) == expected


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        (None, None),
        ("", None),
        ("none yet", None),
        ("10.1000/X", "doi:10.1000/x"),
        ("https://doi.org/10.1000/x", "doi:10.1000/x"),
        ("10.48550/arXiv.2512.00001", None),
    ],
)
def test_the_doi_that_a_record_states(doi: str | None, expected: str | None) -> None:
    assert stated_doi(doi) == expected
