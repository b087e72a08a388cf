"""Which days list a paper: `.papers/<part>.json`, by key. A new day reads and writes only the parts of its papers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

import orjson

from dailypapers.publish.manifest import OutputFolder
from snapshots.store.reading import read_whole

from .listing import ListingDay, Row
from .names import quarter_of, shard_of

FOLDER: Final = ".papers"


class Appearance(NamedTuple):
    """A paper on one day of a series."""

    folder: str
    day: date
    rank: int | None
    first_seen: str | None
    upvotes: int | None
    text: str
    """A digest of the texts that can be searched."""


_Entry = tuple[int | None, str | None, int | None, str]
"""The fields of an appearance after its day."""
_Days = dict[str, _Entry]
"""By series and day."""


class PaperIndex:
    """The index in the folder of a site. Parts are read when they are needed, and written by `save`."""

    def __init__(self, output: OutputFolder) -> None:
        self._output = output
        self._parts: dict[str, dict[str, _Days]] = {}
        self._changed: set[str] = set()

    def add(self, listed: ListingDay) -> None:
        """Note a day's papers, in place of what was noted of them on that day."""
        for row in listed.rows:
            entry = (row["rank"], row["first_seen"], row["upvotes"], _text_digest(row))
            self._days(row["key"], changing=True)[listed.name] = entry

    def drop(self, name: str, keys: Iterable[str]) -> None:
        """Forget that papers were on the day with that name."""
        for key in keys:
            self._days(key, changing=True).pop(name, None)

    def appearances(self, key: str) -> list[Appearance]:
        """Every day that lists a paper, oldest first."""
        found = [_appearance(name, entry) for name, entry in self._days(key).items()]
        return found if len(found) == 1 else sorted(found, key=lambda appearance: (appearance.day, appearance.folder))

    def quarters(self, key: str) -> set[str]:
        """The quarters of the days that list a paper."""
        return {quarter_of(date.fromisoformat(name[-len("2025-12-10") :])) for name in self._days(key)}

    def save(self) -> None:
        """Write the parts that changed."""
        for part in sorted(self._changed):
            papers: Mapping[str, Collection[str]] = {key: days for key, days in self._parts[part].items() if days}
            name = f"{FOLDER}/{part}.json"
            if papers:
                self._output.write(name, orjson.dumps(papers, option=orjson.OPT_SORT_KEYS) + b"\n")
            else:
                self._output.remove(name)
        self._changed.clear()

    def _days(self, key: str, *, changing: bool = False) -> _Days:
        name = shard_of(key)
        if name not in self._parts:
            path = self._output.folder / FOLDER / f"{name}.json"
            self._parts[name] = orjson.loads(read_whole(path)) if path.exists() else {}
        if changing:
            self._changed.add(name)
        return self._parts[name].setdefault(key, {})


def _appearance(name: str, entry: _Entry) -> Appearance:
    folder, _, day = name.rpartition("/")
    return Appearance(folder, date.fromisoformat(day), *entry)


def _text_digest(row: Row) -> str:
    names = "\n".join(author["name"] for author in row["authors"])
    texts = (row["title"], row["abstract"], names, row["ai_summary"], "\n".join(row["keywords"] or ()))
    return hashlib.sha256("\0".join(text or "" for text in texts).encode()).hexdigest()[:16]
