"""Days of OAI-PMH with given numbers of records, served by a site that stalls and whose tokens expire."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from tests.papersite.answers import Answer, Request
from tests.papersite.arxiv.papers import ArxivPaper, invent
from tests.papersite.arxiv.site import ArxivSite

PER_MONTH = 90_000  # ids with five digits
DIFFERENT = 2_000  # papers; more records have the ids of their own, and the texts of these


@dataclass(frozen=True)
class Asked:
    """A request for a page of a day."""

    process: int
    """The number that `HarvestSite.process` had."""
    day: str
    place: int
    """The number of the first record of the page."""
    expired: bool
    """It was refused because of its token."""
    stalled: bool
    """It was answered after its client had given up."""

    @property
    def page(self) -> tuple[str, int]:
        return self.day, self.place


class HarvestSite(ArxivSite):
    """A site whose records changed on these days, so many on each.

    `expires`, `slow` and `stalls` are numbers of requests, from 1: all tokens expire at the first request with one from
    there on, answers wait for `seconds[0]`, or for `seconds[1]`.
    """

    def __init__(
        self,
        records: Mapping[date, int],
        *,
        expires: Collection[int] = (),
        slow: Collection[int] = (),
        stalls: Collection[int] = (),
        seconds: tuple[float, float] = (0.0, 0.0),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.records = dict(sorted(records.items()))
        self.asked: list[Asked] = []
        self.process = 0
        self._expires, self._slow, self._stalls, self._seconds = sorted(expires), slow, stalls, seconds
        self._generation = 0
        self._changed = lru_cache(maxsize=2)(self._invent)

    def changed(self, day: date) -> list[ArxivPaper]:
        return self._changed(day)

    def token_period(self, now: datetime) -> str:
        return f"{super().token_period(now)}.{self._generation}"

    def answer(self, request: Request) -> Answer:
        if request.path == "/oai":
            number, token = len(self.asked) + 1, request.query.get("resumptionToken", "")
            if token and self._expires and number >= self._expires[0]:
                self._generation += 1
                del self._expires[0]
            valid = self.token_period(self.now)
            day, place, issued = token.split("|") if token else (request.query["from"], "0", valid)
            expired = issued != valid
            self.asked.append(Asked(self.process, day, int(place), expired, number in self._stalls))
            time.sleep(self._seconds[0] * (number in self._slow) + self._seconds[1] * (number in self._stalls))
        return super().answer(request)

    def _invent(self, day: date) -> list[ArxivPaper]:
        before = sum(number for other, number in self.records.items() if other < day)
        numbers = range(before, before + self.records.get(day, 0))
        first = next(iter(self.records))
        return [replace(invent(first, number % DIFFERENT), id=identifier(number)) for number in numbers]


def identifier(number: int) -> str:
    """The id of the n-th paper of a harvest."""
    months, rest = divmod(number, PER_MONTH)
    return f"{10 + months // 12:02}{1 + months % 12:02}.{10_000 + rest}"
