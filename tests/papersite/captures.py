"""A folder of real captured answers, served as the site served them, and listings derived from them.

`/api/daily_papers?date=D` answers the bytes of the file whose name begins with D and which holds a list of
items, `[]` for a day without one; a saved page is served for the day that its hydration blob claims.
A week or month is the union of its captured days, best voted first; trending is the newest captured day; a
search finds items that contain a word of it. These answers and pages are built in the form of 2026.
A single paper is taken from the newest list with it. Everything else is 404.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

import orjson

from tests.papersite.answers import HTML, JSON, Answer, Request, html_error, json_answer, json_error
from tests.papersite.api import DEFAULT_LIMIT, MAX, RefusedError, number
from tests.papersite.entries import Entry, Item
from tests.papersite.hub import Hub
from tests.papersite.periods import midnight, parse_period

BLOB = re.compile(r'data-target="DailyPapers" data-props="([^"]*)"')
NAME = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
ERA = date(2026, 5, 18)  # the new page; these papers have no links, which would have to be invented


class Captured:
    """The captured day lists, independent of the time."""

    def __init__(self, lists: Mapping[date, Path]) -> None:
        self._lists = lists
        self._entries = lru_cache(maxsize=400)(self._loaded)

    def listing(self, day: date, _: datetime) -> tuple[Entry, ...]:
        return self._entries(day)

    def recent(self, _: datetime) -> list[date]:
        return sorted(self._lists, reverse=True)

    def trending(self, _: datetime) -> tuple[Entry, ...]:
        return self._entries(max(self._lists)) if self._lists else ()

    def find(self, identifier: str, _: datetime) -> Entry | None:
        return self._known.get(identifier)

    @cached_property
    def _known(self) -> dict[str, Entry]:
        return {entry.id: entry for day in sorted(self._lists) for entry in self._entries(day)}

    def _loaded(self, day: date) -> tuple[Entry, ...]:
        return tuple(map(Entry, orjson.loads(self._lists[day].read_bytes()))) if day in self._lists else ()


class Captures:
    """Raises FileNotFoundError if the folder holds neither a day list nor a page."""

    def __init__(self, folder: Path, remembered: int = 128) -> None:
        self._lists: dict[date, Path] = {}
        self._load = lru_cache(maxsize=remembered)(Path.read_bytes)
        for path, day in _named(folder):
            if day not in self._lists and _is_listing(path.read_bytes()):
                self._lists[day] = path
        claims = ((_claimed(path), path) for path in sorted(folder.rglob("*.html")))
        self._pages = {day: path for day, path in claims if day}
        if not self._lists and not self._pages:
            raise FileNotFoundError(f"{folder}: no day list (D.json) and no page with a list in it")
        self._hub = Hub(Captured(self._lists), ERA, remembered)
        self._end = midnight(max([*self._lists, *self._pages])) + timedelta(days=1)

    def __str__(self) -> str:
        return f"{len(self._lists)} captured day lists and {len(self._pages)} captured pages"

    def answer(self, request: Request) -> Answer:
        if request.hidden is None:
            match request.path.strip("/").split("/"):
                case ["api", "daily_papers"] if "date" in request.query and "sort" not in request.query:
                    return self._list(request.query)
                case ["papers"] if "date" in request.query:
                    return self._page(request.query["date"])
                case ["papers", "date", name]:
                    return self._page(name)
        return self._derived(request)

    def papers(self, day: date, _: datetime) -> list[Item]:
        found: list[Item] = orjson.loads(self._load(self._lists[day])) if day in self._lists else []
        return found

    def _derived(self, request: Request) -> Answer:
        """A time on or after the newest captured day, so that no captured period is in the future."""
        match request.path.strip("/").split("/"):
            case (
                ["api", "daily_papers"]
                | ["api", "papers", _]
                | ["papers"]
                | ["papers", "trending"]
                | ["papers", "date" | "week" | "month", _]
            ):
                return self._hub.answer(replace(request, at=max(request.time, self._end)))
            case ["api", *_]:
                return json_error(404, "Not captured")
        return html_error(404, "Not captured")

    def _list(self, query: dict[str, str]) -> Answer:
        try:
            path = self._lists.get(parse_period("day", query["date"]).first)
            limit, page = number(query, "limit", DEFAULT_LIMIT, 1, MAX), number(query, "p", 0, 0, None)
        except (ValueError, RefusedError) as error:
            return json_error(400, str(error))
        body = self._load(path) if path else b"[]"
        items = orjson.loads(body)
        if page == 0 and len(items) <= limit:
            return Answer(200, [("Content-Type", JSON)], body)
        return json_answer(items[page * limit : (page + 1) * limit])

    def _page(self, name: str) -> Answer:
        try:
            path = self._pages.get(parse_period("day", name).first)
        except ValueError:
            path = None
        if path is None:
            return html_error(404, "Not captured")
        return Answer(200, [("Content-Type", HTML)], self._load(path))


def _named(folder: Path) -> Iterator[tuple[Path, date]]:
    """Files whose names start with a date, those with only a date first."""
    for path in sorted(folder.rglob("*.json"), key=lambda path: (len(path.stem), path)):
        found = NAME.match(path.stem)
        if found:
            try:
                yield path, date.fromisoformat(found.group())
            except ValueError:
                continue


def _is_listing(body: bytes) -> bool:
    try:
        value = orjson.loads(body)
    except ValueError:
        return False
    return isinstance(value, list) and all(isinstance(item, dict) and "paper" in item for item in value)


def _claimed(path: Path) -> date | None:
    found = BLOB.search(path.read_text("utf-8", errors="replace"))
    if found is None:
        return None
    try:
        props = orjson.loads(html.unescape(found[1]))
        return parse_period("day", props.get("dateString") or props.get("date") or "").first
    except ValueError:
        return None
