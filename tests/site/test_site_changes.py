"""What changed at the source, on the calendar of the site."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.ingest.monitor.drift import drift
from dailypapers.ingest.sources.calendars import hugging_face
from dailypapers.ingest.sources.registry import source_named
from dailypapers.snapshots.certificate import read_certificate
from dailypapers.snapshots.store.layout import Store
from tests.support.drift_histories import certificate
from tests.support.written_days import DAILY, paper, write_day

from .site_store import make_site, tree

DAYS = [day for day in (date(2025, 10, 1) + timedelta(days=number) for number in range(70)) if not hugging_face(day)]
CHANGE = 35
"""From the day of this index on, a field of the items has another name."""
HOSTILE = "<script>alert(1)</script>"


def items(number: int) -> list[dict[str, Any]]:
    name = "before" if number < CHANGE else HOSTILE
    return [
        {"title": f"Paper {number:02} {each:02}", name: f"https://example.org/{number:02}/{each:02}"}
        for each in range(20)
    ]


def write(store: Store, number: int) -> None:
    day = DAYS[number]
    (profile,) = certificate(day, items(number), known=True)["profiles"].values()
    write_day(store, [paper(number + 1)], day=day, profiles={"api": {**profile, "at": f"{day}T12:00:00Z"}})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("changed"))
    for number in range(len(DAYS)):
        write(store, number)
    return store


def test_the_calendar_names_each_change_with_its_day_and_marks_it(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path)
    page = (tmp_path / "calendar" / "2025.html").read_text("utf-8")
    _, found, changes = page.partition("What changed at the site")
    assert found
    assert changes.count("<time ") == changes.count(f'<time datetime="{DAYS[CHANGE]}">') == 1
    assert "before: became &#39;&lt;script&gt;alert(1)&lt;/script&gt;&#39;" in changes
    assert HOSTILE not in page
    marked = re.findall(r'class="day closed changed" href="\.\./hf-daily/(.*?)\.html"', page)
    assert marked == [f"{DAYS[CHANGE]}"]


def test_the_file_of_a_quarter_has_what_drift_finds(store: Store, tmp_path: Path) -> None:
    make_site(store, tmp_path)
    (row,) = orjson.loads((tmp_path / "data" / "hf-daily" / "2025q4.changes.json").read_bytes())
    certificates = [read_certificate(store.certificate(DAILY, day)) for day in DAYS]
    (change,) = drift(source_named("hf-daily"), [each for each in certificates if each is not None])
    assert (row["field"], row["first"], row["confidence"]) == ("before", f"{DAYS[CHANGE]}", "certain")
    assert (change.field, change.first, change.description) == ("before", DAYS[CHANGE], row["description"])


def test_a_change_of_today_is_drawn_by_the_next_build(tmp_path: Path) -> None:
    store, site = Store(tmp_path / "store"), tmp_path / "site"
    for number in range(CHANGE):
        write(store, number)
    make_site(store, site)
    assert "What changed" not in (site / "calendar" / "2025.html").read_text("utf-8")
    for number in range(CHANGE, len(DAYS)):
        write(store, number)
    make_site(store, site)
    assert "What changed" in (site / "calendar" / "2025.html").read_text("utf-8")
    make_site(store, tmp_path / "new")
    assert tree(site) == tree(tmp_path / "new")
