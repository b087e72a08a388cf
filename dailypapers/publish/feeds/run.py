"""One pass over the feeds of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from dailypapers.publish.manifest import OutputFolder
from snapshots.store.layout import Series, Store
from snapshots.store.reading import read_whole

from .first_sights import DaySights, read_sights, remember, remembered
from .series import FeedSeries
from .settled import changed_since

INDEX: Final = ".feeds"
"""The folder of what is known of the days."""


@dataclass(slots=True)
class Run:
    """The feeds that were written or found up to date, and what is known of the days that they are made of."""

    output: OutputFolder
    store: Store
    base_url: str | None
    formats: Collection[str]
    has_pages: bool
    marks: Callable[[Series], Mapping[str, str]]
    files: list[str] = field(default_factory=list)
    changed: int = 0
    warnings: list[str] = field(default_factory=list)
    _days: dict[str, dict[str, DaySights]] = field(default_factory=dict)
    """By series."""
    _days_before: dict[str, dict[str, DaySights]] = field(default_factory=dict)

    def put(self, name: str, inputs: Mapping[str, str], make: Callable[[], bytes]) -> bool:
        """Write one file, unless it was made of the same inputs; returns whether its content changed."""
        self.files.append(name)
        if self.output.is_made(name, inputs):
            return False
        changed = self.output.write(name, make())
        self.output.record(name, inputs)
        self.changed += changed
        return changed

    def keep(self, name: str, inputs: Mapping[str, str]) -> None:
        """Note a file that is as it was."""
        self.files.append(name)
        self.output.record(name, inputs)

    def days_of(self, feed: FeedSeries) -> dict[str, DaySights]:
        """What is known of the days of a series; what was read for it is remembered in the folder."""
        if feed.name not in self._days:
            self._days_before[feed.name] = remembered(_content(self.output.folder / _index(feed)))
            self._days[feed.name] = read_sights(
                self.store, feed, self._days_before[feed.name], marks=self.marks(feed.series)
            )
            self.output.write(_index(feed), remember(self._days[feed.name]))
        return self._days[feed.name]

    def changed_since(self, feed: FeedSeries) -> str:
        """The earliest first sight that may be another one than in the documents; empty if they may all be."""
        days, before = self.days_of(feed), self._days_before[feed.name]
        made = self.output.made_before().get(_index(feed), {})
        is_of_these = all(made.get(format_) == _digest(before) for format_ in self.formats)
        return changed_since(before, days) if is_of_these else ""

    def record_index(self, feed: FeedSeries) -> None:
        """Note which days the documents of these formats are made of; those of others stay as they are."""
        before = self.output.made_before().get(_index(feed), {})
        made = dict.fromkeys(self.formats, _digest(self.days_of(feed)))
        self.output.record(_index(feed), {**before, **made})


def _index(feed: FeedSeries) -> str:
    return f"{INDEX}/{feed.name}.json"


def _digest(days: Mapping[str, DaySights]) -> str:
    return hashlib.sha256(orjson.dumps([[day, known.mark] for day, known in sorted(days.items())])).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return read_whole(path)
    except FileNotFoundError:
        return b""
