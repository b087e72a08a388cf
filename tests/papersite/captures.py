"""A folder of real captured answers, served as the site served them.

`/api/daily_papers?date=D` answers the bytes of the file whose name begins with D and which holds a list of
items, `[]` for a day without one; a saved page is served for the day that its hydration blob claims.
Everything else is 404.
"""

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from tests.papersite.answers import HTML, JSON, Answer, Request, html_error, json_answer, json_error
from tests.papersite.api import DEFAULT_LIMIT, MOST, RefusedError, number
from tests.papersite.periods import parse_period

BLOB = re.compile(r'data-target="DailyPapers" data-props="([^"]*)"')
NAME = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")


class Captures:
    """Raises FileNotFoundError if the folder holds neither a day list nor a page."""

    def __init__(self, folder: Path) -> None:
        self._lists: dict[date, Path] = {}
        self._load = lru_cache(maxsize=64)(Path.read_bytes)
        for path, day in _named(folder):
            if day not in self._lists and _is_listing(path.read_bytes()):
                self._lists[day] = path
        claims = ((_claimed(path), path) for path in sorted(folder.rglob("*.html")))
        self._pages = {day: path for day, path in claims if day}
        if not self._lists and not self._pages:
            raise FileNotFoundError(f"{folder}: no day list (D.json) and no page with a list in it")

    def __str__(self) -> str:
        return f"{len(self._lists)} captured day lists and {len(self._pages)} captured pages"

    def answer(self, request: Request, now: datetime) -> Answer:
        match request.path.strip("/").split("/"):
            case ["api", "daily_papers"] if "date" in request.query:
                return self._list(request.query)
            case ["papers"] if "date" in request.query:
                return self._page(request.query["date"])
            case ["papers", "date", name]:
                return self._page(name)
            case ["api", *_]:
                return json_error(404, "Not captured")
        return html_error(404, "Not captured")

    def papers(self, day: date, now: datetime) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = orjson.loads(self._load(self._lists[day])) if day in self._lists else []
        return found

    def _list(self, query: dict[str, str]) -> Answer:
        try:
            path = self._lists.get(parse_period("day", query["date"]).first)
            limit, page = number(query, "limit", DEFAULT_LIMIT, 1, MOST), number(query, "p", 0, 0, None)
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
    """Files that begin with a date, those with nothing behind it first."""
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
