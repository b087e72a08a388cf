"""Which days are built to answer a question about the past: only those that may list the papers of the answer."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dailypapers.ingest.build import as_of as catalog_as_of
from dailypapers.ingest.build.as_of import papers_as_of, store_as_of
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.catalog.model import Selection
from dailypapers.snapshots.store.layout import Store
from tests.papersite import PaperSite
from tests.support.scripted_month import pointed_at, run_command

FIRST = date(2025, 12, 8)
DAYS = [FIRST + timedelta(days=number) for number in range(4)]
NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)


def fetched(number: int) -> datetime:
    """When a day was fetched: all of its papers were first seen then."""
    return datetime(2025, 12, 15, 12, tzinfo=UTC) + timedelta(hours=number)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with four days of five papers each, fetched one by one."""
    folder = tmp_path_factory.mktemp("fetched")
    with PaperSite(seed=3, now=NOW, sizes=dict.fromkeys(DAYS, 5)) as site, pointed_at(site, folder):
        for number, day in enumerate(DAYS):
            assert run_command(folder / "store", fetched(number), "run", "--day", f"{day}").status == 0
    return folder / "store"


@pytest.fixture
def store(root: Path, tmp_path: Path) -> Store:
    shutil.copytree(root, tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[list[date]]:
    """The days of each store that was made."""
    noted: list[list[date]] = []

    def make(store: Store, days: Sequence[SourceDay], *rest: Any, **options: Any) -> Generator[Any, None, None]:
        noted.append([each.day for each in days])
        return store_as_of(store, days, *rest, **options)

    monkeypatch.setattr(catalog_as_of, "store_as_of", make)
    return noted


@pytest.mark.parametrize(
    ("selection", "days", "papers"),
    [
        (Selection(limit=None), DAYS[:3], 15),
        (Selection(limit=5), [DAYS[2]], 5),
        (Selection(limit=6), DAYS[1:3], 6),
        (Selection(limit=5, since=fetched(0)), [DAYS[2]], 5),
        (Selection(limit=None, since=fetched(0)), DAYS[1:3], 10),
        (Selection(day=DAYS[1]), [DAYS[1]], 5),
        (Selection(day=DAYS[1], sort="upvotes"), [DAYS[1]], 5),
        (Selection(day=DAYS[1], min_upvotes=0), [DAYS[1]], 5),
        (Selection(day=DAYS[3]), [], 0),
        (Selection(since=fetched(1), sort="upvotes", limit=2), [DAYS[2]], 2),
        (Selection(limit=4, min_upvotes=0), DAYS, 4),
        (Selection(limit=4, sort="upvotes"), DAYS, 4),
        (Selection(limit=4, sort="rising"), DAYS, 4),
        (Selection(day=DAYS[1], sort="rising"), DAYS, 5),
    ],
)
def test_only_days_that_may_list_the_papers_are_built(
    store: Store, built: list[list[date]], selection: Selection, days: list[date], papers: int
) -> None:
    found = papers_as_of(store, selection, fetched(2) + timedelta(minutes=1))
    assert (built, len(found)) == ([days], papers)
    listed = {day for paper in found for _, day in paper.days}
    assert listed <= {*DAYS[:3]} & {*days} & {selection.day or each for each in days}
