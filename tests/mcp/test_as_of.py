"""`as_of`: answers as they were, by the copies of a store that were made then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.sources.model import bounds_of
from dailypapers.mcp.days import Context
from dailypapers.mcp.server import call
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.completeness.state import state_of, summaries
from dailypapers.snapshots.history import read_metrics
from dailypapers.snapshots.store.layout import Store
from dailypapers.store import PaperStore
from tests.product import SERIES
from tests.support.hourly_copies import DAYS, Copy, between, copies_of_a_run, short_script

HOURS = 60

History = tuple[Store, list[Copy]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A store with a catalog, and a copy of it for each hour in which something was fetched."""
    folder = tmp_path_factory.mktemp("history")
    copies = list(copies_of_a_run(folder, short_script(), HOURS, ("hf-daily", "hf-weekly")))
    store = Store(folder / "store")
    with open_catalog(store):
        return store, copies


def ask(history: History, tool: str, **values: Any) -> dict[str, Any]:
    store, copies = history
    context = Context(store, lambda: copies[-1].at + timedelta(days=1))
    answered: dict[str, Any] = orjson.loads(call(context, tool, values).model_dump_json())
    return answered


def rows(path: Path) -> dict[str, dict[str, Any]]:
    lines = path.read_bytes().splitlines() if path.exists() else []
    return {row["key"]: row for row in map(orjson.loads, lines)}


def test_states_and_numbers_of_papers_are_those_of_the_copy(history: History) -> None:
    store, copies = history
    context, compared = Context(store, lambda: copies[-1].at), 0
    for number, copy in enumerate(copies):
        at = between(copies, number)
        for series in all_stored_series(Store(copy.root)):
            for day in Store(copy.root).days_with_snapshots(series.series):
                certificate = read_certificate(Store(copy.root).certificate(series.series, day))
                assert certificate is not None
                expected = state_of(summaries(certificate["fetches"]), bounds_of(series.source, day), at)
                state = context.state(series.on(day), at)
                assert (state.state, state.reason, state.papers) == (*expected, certificate["papers"])
                compared += 1
    assert compared > 50


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_day_is_that_of_the_copy(history: History, share: float) -> None:
    _, copies = history
    number = int(len(copies) * share)
    at, copy = timestamp(between(copies, number)), Store(copies[number].root)
    for day in DAYS:
        expected = rows(copy.papers(SERIES, day))
        answer = ask(history, "list_day", day=f"{day}", as_of=at)
        assert {entry["key"]: entry["upvotes"] for entry in answer["papers"]} == {
            key: row["upvotes"] for key, row in expected.items()
        }
        certificate = read_certificate(copy.certificate(SERIES, day))
        evidence = ask(history, "day_certificate", day=f"{day}", as_of=at)
        assert evidence["papers"] == (certificate["papers"] if certificate else None)
        assert [fetch["at"] for fetch in evidence["fetches"]] == [
            fetch["at"] for fetch in (certificate["fetches"] if certificate else [])
        ]


def test_a_paper_is_that_of_the_copy(history: History) -> None:
    _, copies = history
    number = len(copies) // 2
    at, copy = timestamp(between(copies, number)), Store(copies[number].root)
    for key, row in rows(copy.papers(SERIES, DAYS[0])).items():
        answer = ask(history, "get_paper", key=key, as_of=at)
        assert answer["paper"] == PaperStore(history[0].root).paper(key, as_of=at).fields
        listing = next(
            each for each in answer["listings"] if each["day"] == f"{DAYS[0]}" and each["source"] == "hf-daily"
        )
        assert {name: listing[name] for name in ("rank", "upvotes", "first_seen", "last_seen")} == {
            name: row[name] for name in ("rank", "upvotes", "first_seen", "last_seen")
        }
        (points,) = [
            each["points"]
            for each in ask(history, "paper_history", key=key, as_of=at)["history"]
            if (each["source"], each["day"]) == ("hf-daily", f"{DAYS[0]}")
        ]
        assert [(point["at"], point["upvotes"]) for point in points] == [
            (timestamp(metric.at), metric.upvotes) for metric in read_metrics(copy.metrics(SERIES, DAYS[0]), key)
        ]


def test_no_paper_of_later_is_found(history: History) -> None:
    _, copies = history
    for number in range(0, len(copies), 3):
        at, copy = timestamp(between(copies, number)), Store(copies[number].root)
        known = {
            key
            for stored in all_stored_series(copy)
            for day in copy.days_with_snapshots(stored.series)
            for key in rows(copy.papers(stored.series, day))
        }
        answer = ask(history, "new_since", since="2025-01-01", as_of=at)
        assert {entry["key"] for entry in answer["papers"]} == known
        assert (answer["more"], answer["cursor"]) == (False, None)
