"""Pages of Hugging Face's listings, and readers of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from dailypapers.ingest.archive.model import served
from dailypapers.ingest.listing.view_reader import ViewReader
from dailypapers.ingest.sources.model import SourceDay, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.parsers.model import Page
from dailypapers.snapshots.store.layout import Series
from tests.papersite import PaperSite, Request
from tests.support.written_days import DAY

NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)
URL = "https://huggingface.co/x"
OTHER = DAY + timedelta(days=1)


def on(day: date = DAY, name: str = "hf-daily", query: str | None = None) -> SourceDay:
    """A listing of a source."""
    return SourceSeries(SOURCES[name], Series(name, query)).on(day)


def reader(source_day: SourceDay | None = None, view: int = 0, at: datetime = NOW) -> ViewReader:
    """A reader of one view that has read nothing yet."""
    source_day = source_day or on()
    return ViewReader(source_day, source_day.source.views[view], at)


def take(reading: ViewReader, body: bytes, status: int = 200, **headers: str) -> str | None:
    """Give a reader an answer; returns the next page that it requests."""
    names = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return reading.take(served(Page(URL, status, names, body, NOW)))


def item(number: int, day: date | None = DAY, **fields: object) -> dict[str, Any]:
    """An item of the API."""
    listed = {"submittedOnDailyAt": f"{day}T09:00:00.000Z"} if day else {}
    return {"paper": {"id": f"2512.{number:05}", "title": f"Paper {number}", **listed, **fields}}


def items(first: int, last: int, day: date | None = DAY) -> bytes:
    """The items of the API with these numbers."""
    return orjson.dumps([item(number, day) for number in range(first, last)])


def html(day: date) -> bytes:
    """The page of a day with three papers."""
    site = PaperSite(seed=1, now=NOW, sizes=3)
    return site.content.answer(Request("GET", f"/papers/date/{day}", at=NOW)).body


def keys(first: int, last: int) -> frozenset[str]:
    """The keys of the papers with these numbers."""
    return frozenset(f"arxiv:2512.{number:05}" for number in range(first, last))
