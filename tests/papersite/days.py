"""Where the items of a day come from: a script, a script seen by a site that hides some of it, or captures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from tests.papersite.entries import Entry, Item
from tests.papersite.eras import as_of
from tests.papersite.papers import Paper
from tests.papersite.periods import ONE_DAY
from tests.papersite.script import Script

RECENT = 30  # days covered by trending, search and the list without a date
TRENDING = 60
LIVE = 2048  # cached items; a month with 40 a day has half as many


class Days(Protocol):
    """What a day lists at a given time; the same tuple as before if nothing changed."""

    def listing(self, day: date, now: datetime) -> tuple[Entry, ...]: ...

    def recent(self, now: datetime) -> Iterable[date]:
        """The days covered by search and by the list without a date, newest first."""

    def trending(self, now: datetime) -> tuple[Entry, ...]: ...

    def find(self, identifier: str, now: datetime) -> Entry | None: ...


def everything(_: Item) -> bool:
    """Hides all items, as if the site had lost its lists."""
    return True


class Scripted:
    """The papers of a script, as an era shows them."""

    def __init__(self, script: Script, era: date) -> None:
        self._script = script
        self._era = era
        self._entry = lru_cache(maxsize=LIVE)(self._shown)
        self._entries = lru_cache(maxsize=128)(self._all_shown)

    def listing(self, day: date, now: datetime) -> tuple[Entry, ...]:
        return self._entries(tuple(self._script.listing(day, now)))

    def recent(self, now: datetime) -> Iterable[date]:
        return [now.date() - back * ONE_DAY for back in range(RECENT)]

    def trending(self, now: datetime) -> tuple[Entry, ...]:
        """The 60 papers with the most GitHub stars of all days."""
        known = (entry for day in self.recent(now) for entry in self.listing(day, now))
        return tuple(sorted(known, key=lambda entry: -entry.item["paper"].get("githubStars", 0))[:TRENDING])

    def find(self, identifier: str, now: datetime) -> Entry | None:
        paper = self._script.find(identifier, now)
        return self._entry(paper) if paper else None

    def _shown(self, paper: Paper) -> Entry:
        return Entry(as_of(paper, self._era))

    def _all_shown(self, papers: tuple[Paper, ...]) -> tuple[Entry, ...]:
        return tuple(map(self._entry, papers))


@dataclass(frozen=True)
class Filtered:
    """The days without the items that a predicate hides."""

    days: Days
    hidden: Callable[[Item], bool]

    def listing(self, day: date, now: datetime) -> tuple[Entry, ...]:
        if self.hidden is everything:  # otherwise the search for a non-empty day would invent the papers of years
            return ()
        return self._left(self.days.listing(day, now))

    def recent(self, now: datetime) -> Iterable[date]:
        return self.days.recent(now)

    def trending(self, now: datetime) -> tuple[Entry, ...]:
        return self._left(self.days.trending(now))

    def find(self, identifier: str, now: datetime) -> Entry | None:
        entry = self.days.find(identifier, now)
        return None if entry is None or self.hidden(entry.item) else entry

    def _left(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if not self.hidden(entry.item))
