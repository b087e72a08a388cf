"""The lists behind both the JSON answers and the pages, so that the two views of one listing cannot
differ."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from tests.papersite.eras import as_of
from tests.papersite.periods import FIRST_DAY, ONE_DAY, Period
from tests.papersite.script import Script

Item = dict[str, Any]

RECENT = 30  # days that trending, search and the list without a date look back over
TRENDING = 60


class Listings:
    def __init__(self, script: Script, era: date, remembered: int = 128) -> None:
        self.script = script
        self.era = era
        self._day = lru_cache(maxsize=remembered)(self._items)

    def period(self, period: Period, now: datetime) -> list[Item]:
        """The items of a day, week or month, those with most upvotes first; ties have no order to rely on."""
        items = [item for day in period.days for item in self._day(day, now)]
        return sorted(items, key=lambda item: -item["paper"]["upvotes"])

    def truth(self, day: date, now: datetime) -> list[Item]:
        """A copy of the day's list that may be changed at will."""
        return deepcopy(self.period(Period("day", day), now))

    def newest(self, now: datetime) -> list[Item]:
        """The list without a date: by date of publication, newest first."""
        return sorted(self._recent(now), key=lambda item: str(item["paper"]["publishedAt"]), reverse=True)

    def trending(self, now: datetime) -> list[Item]:
        """The 60 with most GitHub stars, whatever their day."""
        items = sorted(self._recent(now), key=lambda item: -item["paper"].get("githubStars", 0))
        return items[:TRENDING]

    def search(self, words: str, now: datetime) -> list[Item]:
        """Those of the last 30 days that hold a word of the query, those that hold most first."""
        wanted = words.casefold().split()
        scored = [(_score(item, wanted), item) for item in self._recent(now)]
        return [item for score, item in sorted(scored, key=lambda pair: -pair[0]) if score]

    def find(self, identifier: str, now: datetime) -> Item | None:
        paper = self.script.find(identifier, now)
        return as_of(paper, self.era) if paper else None

    def shown_day(self, day: date, now: datetime) -> date | None:
        """The day itself if it lists papers, else the one before that does."""
        return self._nearest(day, now, -1)

    def neighbours(self, period: Period, now: datetime) -> tuple[Period | None, Period | None]:
        """The periods that the arrows lead to: over days without papers, never beyond today."""
        if period.kind != "day":
            return period.previous, period.next if period.next.first <= now.date() else None
        before = self._nearest(period.first - ONE_DAY, now, -1)
        after = self._nearest(period.end, now, +1)
        return Period("day", before) if before else None, Period("day", after) if after else None

    def _nearest(self, day: date, now: datetime, step: int) -> date | None:
        day = min(day, now.date()) if step < 0 else day
        while FIRST_DAY <= day <= now.date():
            if self.script.listing(day, now):
                return day
            day += step * ONE_DAY
        return None

    def _recent(self, now: datetime) -> Iterable[Item]:
        for back in range(RECENT):
            yield from self._day(now.date() - back * ONE_DAY, now)

    def _items(self, day: date, now: datetime) -> tuple[Item, ...]:
        return tuple(as_of(paper, self.era) for paper in self.script.listing(day, now))


def _score(item: Item, wanted: list[str]) -> int:
    text = f"{item['paper']['title']} {item['paper']['summary']}".casefold()
    return sum(word in text for word in wanted)
