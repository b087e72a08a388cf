"""`history`: when each arXiv version of a paper was seen, and in which listing."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.history import paper_history
from dailypapers.snapshots.store.layout import Series
from tests.product import Product
from tests.support.catalog_days import DAILY, NEW, at, paper, write_day

DAY = date(2025, 12, 1)
API = Series("arxiv-api", "cat:cs.CL")
DESCRIBED = Series("arxiv-papers", "hf-daily")


def listed(product: Product, series: Series, number: int, *, later: int = 0, **fields: Any) -> None:
    """List the paper on the day with that number, first seen at its noon and last read that many days later."""
    day = DAY + timedelta(days=number)
    made = paper("Lamps\x1b[31m that sleep", source=series.source, day=day, arxiv_id="2512.00001", **fields)
    write_day(product.store, series, day, [made], at(day + timedelta(days=later)))


@pytest.fixture
def versions(product: Product) -> Product:
    """A paper with three versions, which was also on a list that shows none."""
    listed(product, DAILY, 0)
    listed(product, NEW, 1, arxiv_version=1)
    listed(product, Series("arxiv-new", "cs.LG"), 2, arxiv_version=1)
    listed(product, NEW, 4, arxiv_version=3)
    listed(product, DESCRIBED, 3, arxiv_version=2, updated=DAY + timedelta(days=2))
    return product


def test_each_version_is_shown_with_the_listing_that_showed_it_first(versions: Product) -> None:
    assert versions("history", "2512.00001").out.splitlines() == [
        "arxiv:2512.00001: Lamps\\x1b[31m that sleep",
        '  v1                 seen by 2025-12-02T12:00:00Z  arxiv-new "cs.CL" 2025-12-02',
        '  v2  of 2025-12-03  seen by 2025-12-04T12:00:00Z  arxiv-papers "hf-daily" 2025-12-04',
        '  v3                 seen by 2025-12-05T12:00:00Z  arxiv-new "cs.CL" 2025-12-05',
        "  no numbers were ever listed",
    ]
    rows = json.loads(versions("history", "2512.00001", "--json").out)
    assert [(row["source"], row["day"], row["arxiv_version"]) for row in rows] == [
        ("arxiv-new", "2025-12-02", {"number": 1, "updated": None, "seen_by": "2025-12-02T12:00:00Z"}),
        ("arxiv-new", "2025-12-05", {"number": 3, "updated": None, "seen_by": "2025-12-05T12:00:00Z"}),
        ("arxiv-new", "2025-12-03", {"number": 1, "updated": None, "seen_by": "2025-12-03T12:00:00Z"}),
        ("arxiv-papers", "2025-12-04", {"number": 2, "updated": "2025-12-03", "seen_by": "2025-12-04T12:00:00Z"}),
        ("hf-daily", "2025-12-01", None),
    ]


@pytest.mark.parametrize(
    ("version", "updated", "seen"),
    [
        # The first version, at its first look; another one, submitted after it.
        (1, 0, "2025-12-01T12:00:00Z"),
        (2, 0, "2025-12-08T12:00:00Z"),
        (2, 3, "2025-12-08T12:00:00Z"),
        (2, -1, "2025-12-01T12:00:00Z"),
    ],
)
def test_a_version_that_came_under_its_day_was_not_seen_at_the_first_look(
    product: Product, version: int, updated: int, seen: str
) -> None:
    listed(product, API, 0, later=7, arxiv_version=version, updated=DAY + timedelta(days=updated))
    (row,) = json.loads(product("history", "2512.00001", "--json").out)
    assert row["arxiv_version"]["seen_by"] == seen


def test_a_version_that_left_its_day_was_seen_while_it_was_there(product: Product) -> None:
    gone = at(DAY + timedelta(days=2))
    listed(product, API, 0, later=7, arxiv_version=2, updated=DAY, last_seen=gone)
    (row,) = json.loads(product("history", "2512.00001", "--json").out)
    assert row["arxiv_version"]["seen_by"] == "2025-12-03T12:00:00Z"


def test_a_line_whose_version_cannot_be_read_is_named(product: Product) -> None:
    listed(product, API, 0, arxiv_version=2, updated=DAY)
    path = product.store.papers(API, DAY)
    path.write_bytes(path.read_bytes().replace(b'"updated":"2025-12-01"', b'"updated":"yesterday."'))
    with pytest.raises(StoreError, match=re.escape(f"{path}: damaged (")):
        next(paper_history(product.store, [(API, DAY, "arxiv:2512.00001")]))
