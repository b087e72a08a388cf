"""A store with many days, for replays: captured day lists repeated under other dates, or days of the paper site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from dailypapers.cli.main import main as dailypapers
from dailypapers.ingest.sources.calendars import hugging_face
from tests.papersite import PaperSite, Request

FIRST = date(2023, 7, 3)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
PAPERS = 40
"""Papers on each day of the paper site."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Saved = tuple[str, bytes]
"""A file's name and its content."""


def fill(store: Path, days: int, captures: Path | None) -> None:
    """Import days from FIRST on, from `captures` if given. Raises RuntimeError if that fails."""
    with TemporaryDirectory() as folder:
        for name, body in repeated(captures, days) if captures else invented(days):
            Path(folder, name).write_bytes(body)
        words = ["--store", str(store), "--now", NOW.isoformat(), "--quiet", "import", "hf-daily", folder]
        with redirect_stdout(StringIO()):
            status = dailypapers(words)
    if status != 0:
        raise RuntimeError(f"the import of {days} days gave exit status {status}")


def repeated(captures: Path, days: int) -> Iterator[Saved]:
    """The captured day lists, repeated, with the date replaced everywhere."""
    lists = sorted(captured(captures), key=lambda one: one[0])
    for number, (old, body) in enumerate(islice(cycle(lists), days)):
        day = FIRST + timedelta(days=number)
        yield f"{day}.json", body.replace(f"{old}".encode(), f"{day}".encode())


def captured(captures: Path) -> Iterator[tuple[date, bytes]]:
    """The non-empty day lists of a folder, each once, with its day."""
    seen: set[bytes] = set()
    for path in sorted((captures / "hf-daily-api").rglob("*.json")):
        named, body = _DAY.match(path.name), path.read_bytes()
        if named and body not in seen and _is_list_of(named[0], json.loads(body)):
            seen.add(body)
            yield date.fromisoformat(named[0]), body


def _is_list_of(day: str, items: object) -> bool:
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return False
    return all("paper" in item and item["paper"].get("submittedOnDailyAt", day)[:10] == day for item in items)


def invented(days: int) -> Iterator[Saved]:
    """Days of the paper site, in both views."""
    site = PaperSite(seed=1, sizes=PAPERS, now=NOW)
    busy = (day for number in count() if not hugging_face(day := FIRST + timedelta(days=number)))
    for day in islice(busy, days):
        for suffix, path in (("json", f"/api/daily_papers?date={day}&limit=100"), ("html", f"/papers/date/{day}")):
            yield f"{day}.{suffix}", site.content.answer(Request("GET", path, at=NOW)).body
