"""Selections: conditions are ANDed, orders are total, and few or many papers give the same answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product as combinations
from random import Random
from typing import Any

import pytest

from dailypapers.snapshots.catalog import selection as selection_module
from dailypapers.snapshots.catalog.catalog import Catalog, open_catalog
from dailypapers.snapshots.catalog.model import CatalogPaper, Selection
from dailypapers.snapshots.store.layout import Series, Store
from tests.support.catalog_days import DAILY, NEW, at, paper, write_day

FIRST = date(2025, 10, 1)
DAYS = 60
MONTHLY = Series("hf-monthly")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    store = Store(tmp_path_factory.mktemp("store"))
    random = Random(1)
    for days in range(DAYS):
        day = FIRST + timedelta(days=days)
        for series in (DAILY, NEW):
            papers = {number: _paper(series, day, number, random) for number in random.sample(range(90), 4)}
            write_day(store, series, day, papers.values())
    write_day(store, MONTHLY, FIRST, [paper("Of a month", source="hf-monthly", day=FIRST, arxiv_id="2510.00095")])
    with open_catalog(store) as opened:
        yield opened


def _paper(series: Series, day: date, number: int, random: Random) -> Any:
    site = series == DAILY
    return paper(
        f"Paper {number}",
        source=series.source,
        day=day,
        arxiv_id=f"2510.{number:05}",
        upvotes=random.choice([None, 0, 3, 9]) if site else None,
        keywords=random.sample(["Graphs", "Ions", "Sets"], random.randint(0, 2)) if site else [],
        organization={"name": f"org{number % 3}", "fullname": "Ørg " + str(number % 3)} if site else None,
    )


CONDITIONS: list[dict[str, Any]] = [
    {"since": at(FIRST, 12) + timedelta(days=20)},
    {"known_by": at(FIRST, 12) + timedelta(days=40)},
    {"day": FIRST + timedelta(days=7)},
    {"source": "hf-daily"},
    {"source": "hf-weekly"},
    {"series": NEW},
    {"series": DAILY, "day": FIRST + timedelta(days=9)},
    {"organization": "ORG1"},
    {"organization": "ørg 2"},
    {"keyword": "graphs"},
    {"min_upvotes": 3},
]


def meets(found: CatalogPaper, selection: Selection) -> bool:
    """The same conditions, checked on what is given."""
    fields = found.fields
    organization = fields["organization"] or {}
    listings = [
        each
        for each in found.listings
        if selection.day in {None, each.day}
        and selection.source in {None, each.series.source}
        and selection.series in {None, each.series}
        and (selection.known_by is None or each.first_seen <= selection.known_by)
    ]
    first_seen = min(each.first_seen for each in found.listings)
    return (
        bool(listings)
        and (selection.since is None or first_seen > selection.since)
        and (selection.organization or "").casefold() in {"", *(name.casefold() for name in organization.values())}
        and (selection.keyword or "").casefold() in {"", *(word.casefold() for word in fields["keywords"])}
        and (selection.min_upvotes is None or (fields["upvotes"] or 0) >= selection.min_upvotes)
    )


@pytest.mark.parametrize("few", [0, 30, 20_000])
def test_conditions_are_anded_whatever_way_is_taken(
    catalog: Catalog, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection_module, "FEW", few)
    every = catalog.papers(Selection(limit=None))
    assert len(every) > 80
    for one, other in combinations(CONDITIONS, CONDITIONS):
        chosen = Selection(**{**one, **other}, limit=None)
        expected = [found.key for found in every if meets(found, chosen)]
        assert [found.key for found in catalog.papers(chosen)] == expected
        assert len(catalog.papers(Selection(**{**one, **other}, limit=3))) == min(3, len(expected))


def test_orders(catalog: Catalog) -> None:
    new = catalog.papers(Selection(limit=None))
    keys = [(each.fields["first_seen"], each.first_day, _reversed(each.key)) for each in new]
    assert keys == sorted(keys, reverse=True)
    top = catalog.papers(Selection(sort="upvotes", limit=None))
    votes = [(each.fields["upvotes"], each.first_day, _reversed(each.key)) for each in top]
    assert votes == sorted(votes, reverse=True)
    assert len(top) == sum(each.fields["upvotes"] is not None for each in new)
    rising = catalog.papers(Selection(sort="rising", limit=None))
    newest = max(each.first_day for each in new)
    window = newest - timedelta(days=selection_module.RISING_DAYS)
    assert {each.key for each in rising} == {each.key for each in top if each.first_day >= window}
    rates = [_rate(each) for each in rising]
    assert rates == sorted(rates, reverse=True)


def _reversed(key: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in key)


def _rate(found: CatalogPaper) -> float:
    observed = max(listing.observed for listing in found.listings)
    since = (observed - at(found.first_day, 0)).total_seconds() / 86400
    return float(found.fields["upvotes"] / max(1.0, since))


def test_a_month_says_little_about_the_day(catalog: Catalog) -> None:
    (found,) = catalog.papers(Selection(source="hf-monthly"))
    assert found.first_day == FIRST
    assert catalog.papers(Selection(limit=0)) == []
