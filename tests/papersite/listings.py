"""The lists behind both the JSON answers and the pages, so that the two views of one listing cannot
differ."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import date, datetime
from functools import lru_cache

import orjson

from tests.papersite.days import Days, Filtered, everything
from tests.papersite.entries import Entry, Item
from tests.papersite.periods import FIRST_DAY, ONE_DAY, Period

Entries = tuple[Entry, ...]


class Listings:
    def __init__(self, days: Days) -> None:
        self._days = days
        self.bare = False  # a day without papers is shown as such, not replaced by the day before
        self._ordered = lru_cache(maxsize=64)(_ordered)

    def hiding(self, hidden: Callable[[Item], bool]) -> "Listings":
        """The same lists without some items; the cache is shared."""
        other = copy(self)
        other.bare = hidden is everything
        other._days = Filtered(self._days, hidden)
        return other

    def period(self, period: Period, now: datetime) -> Entries:
        """What a day, week or month lists, most upvotes first; the order of ties is undefined."""
        return self._ordered(tuple(self._days.listing(day, now) for day in period.days))

    def truth(self, day: date, now: datetime) -> list[Item]:
        """A copy of the day's list that the caller may change."""
        listed: list[Item] = orjson.loads(orjson.dumps([entry.item for entry in self.period(Period("day", day), now)]))
        return listed

    def newest(self, now: datetime) -> Entries:
        """The list without a date: by date of publication, newest first."""
        return tuple(sorted(self._recent(now), key=lambda entry: entry.published, reverse=True))

    def trending(self, now: datetime) -> Entries:
        return self._days.trending(now)

    def search(self, words: str, now: datetime) -> Entries:
        """The papers that contain a word of the query, those with the most matches first."""
        wanted = words.casefold().split()
        scored = [(sum(word in entry.text for word in wanted), entry) for entry in self._recent(now)]
        return tuple(entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score)

    def find(self, identifier: str, now: datetime) -> Entry | None:
        return self._days.find(identifier, now)

    def place(self, identifier: str, day: date, now: datetime) -> int:
        """The 1-based position of a paper in the day's list, 0 if it is not listed."""
        listed = self.period(Period("day", day), now)
        return next((place for place, entry in enumerate(listed, 1) if entry.id == identifier), 0)

    def shown_day(self, day: date, now: datetime) -> date | None:
        """The day itself if it lists papers, else the last earlier one that does."""
        return self._nearest(day, now, -1)

    def neighbours(self, period: Period, now: datetime) -> tuple[Period | None, Period | None]:
        """The periods that the arrows link to: days without papers are skipped, today is the last."""
        if period.kind != "day":
            return period.previous, period.next if period.next.first <= now.date() else None
        before = self._nearest(period.first - ONE_DAY, now, -1)
        after = self._nearest(period.end, now, +1)
        return Period("day", before) if before else None, Period("day", after) if after else None

    def _nearest(self, day: date, now: datetime, step: int) -> date | None:
        day = min(day, now.date()) if step < 0 else day
        while FIRST_DAY <= day <= now.date():
            if self._days.listing(day, now):
                return day
            day += step * ONE_DAY
        return None

    def _recent(self, now: datetime) -> Entries:
        """Each paper once, the newest day's first."""
        return _once([self._days.listing(day, now) for day in self._days.recent(now)])


def _ordered(lists: tuple[Entries, ...]) -> Entries:
    return tuple(sorted(_once(lists[::-1]), key=lambda entry: -entry.upvotes))


def _once(lists: Sequence[Entries]) -> Entries:
    """A paper on two lists is taken from the first of them."""
    known: dict[str, Entry] = {}
    for listed in lists:
        for entry in listed:
            known.setdefault(entry.id, entry)
    return tuple(known.values())
