"""What arXiv announces, and when: new papers, cross-lists and replacements of a category for each announcement day.

Papers that are submitted until 14:00 in New York are announced at 20:00, Sunday to Thursday, under the date of the
next day (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.papersite.arxiv.papers import CATEGORIES, ArxivPaper, invent

PLACES = 300  # papers of a category on one day at most
NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS = frozenset({date(2025, 12, 25), date(2026, 1, 1), date(2026, 9, 7), date(2026, 11, 26), date(2026, 12, 25)})


class Sizes(NamedTuple):
    """How many papers of each kind a day has."""

    new: int
    cross: int
    replaced: int


class Listed(NamedTuple):
    """A paper in the announcement of a category."""

    paper: ArxivPaper
    announce_type: str

    @property
    def section(self) -> str:
        return self.announce_type.removesuffix("-cross")


@dataclass(frozen=True)
class Announcements:
    """`sizes` gives the numbers of days; other announcement days have 14 to 42 in all."""

    sizes: Mapping[date, Sizes]

    def is_due(self, day: date) -> bool:
        return day.weekday() < 5 and day not in HOLIDAYS

    def newest(self, now: datetime) -> date:
        """The announcement day that is out: at 20:00 in New York the next day's."""
        day = (now.astimezone(NEW_YORK) + timedelta(hours=4)).date()
        while not self.is_due(day):
            day -= timedelta(days=1)
        return day

    def size(self, day: date) -> Sizes:
        if day in self.sizes:
            return self.sizes[day]
        rng = Random(f"arxiv/size/{day}")
        some = Sizes(rng.randrange(8, 20), rng.randrange(4, 14), rng.randrange(2, 8))
        return some if self.is_due(day) else Sizes(0, 0, 0)

    def of(self, category: str, day: date) -> tuple[Listed, ...]:
        """New ones, cross-lists, then replacements, each in the order of their ids."""
        return _announced(category, day, self.size(day))

    def new_and_cross(self, category: str, day: date) -> tuple[Listed, ...]:
        """What recent and month pages list: no replacements."""
        return tuple(listed for listed in self.of(category, day) if listed.section != "replace")


@lru_cache(maxsize=256)
def _announced(category: str, day: date, sizes: Sizes) -> tuple[Listed, ...]:
    offset = PLACES * sorted(CATEGORIES).index(category)
    others = [name for name in CATEGORIES if name != category]
    listed = []
    for number in range(sum(sizes)):
        place, other = offset + number, others[number % len(others)]
        if number < sizes.new:
            listed.append(Listed(invent(day, place, category, (other,) * (number % 3 == 1)), "new"))
        elif number < sizes.new + sizes.cross:
            listed.append(Listed(invent(day, place, other, (category,), 2 if number % 5 == 0 else 1), "cross"))
        elif number % 4 == 1:
            listed.append(Listed(invent(day, place, other, (category,), 2 + number % 4), "replace-cross"))
        else:
            listed.append(Listed(invent(day, place, category, (), 2 + number % 4), "replace"))
    return tuple(listed)


def midnight(day: date) -> datetime:
    """The beginning of a day in New York."""
    return datetime.combine(day, time(), NEW_YORK)


def out_at(day: date) -> datetime:
    """When the announcement of a day is out, in UTC: at 20:00 in New York of the day before."""
    return (midnight(day) - timedelta(hours=4)).astimezone(UTC)
