"""What the site lists, and when: a script gives the papers that a day shows at a time of the site's clock.

`Still` is the script in which nothing changes: a day shows all its papers from its first minute on. `Moving` has
the same two methods; its days fill over hours, votes grow and papers move.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from random import Random
from typing import Protocol

from tests.papersite.papers import Paper, day_of, invent
from tests.papersite.periods import FIRST_DAY, is_quiet

MIN, MAX = 14, 42  # papers of a working day, 28 on average


class Script(Protocol):
    """Both methods must depend only on their arguments, because the site caches its answers."""

    def listing(self, day: date, now: datetime) -> Sequence[Paper]:
        """The papers that the day shows at that time, in any order; none for a future day."""

    def find(self, identifier: str, now: datetime) -> Paper | None:
        """The paper with that id, if the site has it at that time."""


class Still:
    """Invented papers that do not change.

    `sizes` gives the number of papers for days, or one number for every working day. Other working days
    have 14 to 42; Saturdays, Sundays, 1 January and 25 December have none.
    """

    def __init__(self, seed: int = 1, sizes: Mapping[date, int] | int | None = None) -> None:
        self._seed = seed
        self._usual = (sizes, sizes) if isinstance(sizes, int) else (MIN, MAX)
        self._sizes = {} if isinstance(sizes, int) else dict(sizes or {})
        self._papers = lru_cache(maxsize=128)(self._invent)

    def size(self, day: date) -> int:
        if day in self._sizes:
            return self._sizes[day]
        if day < FIRST_DAY or is_quiet(day):
            return 0
        return Random(f"size/{self._seed}/{day}").randint(*self._usual)

    def listing(self, day: date, now: datetime) -> Sequence[Paper]:
        return self._papers(day) if day <= now.date() else ()

    def find(self, identifier: str, now: datetime) -> Paper | None:
        day = day_of(identifier)
        known = self.listing(day, now) if day else ()
        return next((paper for paper in known if paper.id == identifier), None)

    def _invent(self, day: date) -> tuple[Paper, ...]:
        return tuple(invent(self._seed, day, place) for place in range(self.size(day)))
