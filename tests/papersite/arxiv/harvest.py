"""Days of OAI-PMH with given numbers of records, each of a paper of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from tests.papersite.arxiv.papers import ArxivPaper, invent
from tests.papersite.arxiv.site import ArxivSite

PER_MONTH = 90_000  # ids with five digits


class HarvestSite(ArxivSite):
    """A site whose records changed on these days, so many on each."""

    def __init__(self, records: Mapping[date, int], **options: Any) -> None:
        super().__init__(**options)
        self.records = dict(sorted(records.items()))
        self._changed = lru_cache(maxsize=2)(self._invent)

    def changed(self, day: date) -> list[ArxivPaper]:
        return self._changed(day)

    def _invent(self, day: date) -> list[ArxivPaper]:
        before = sum(number for other, number in self.records.items() if other < day)
        return [replace(invent(day, place), id=identifier(before + place)) for place in range(self.records.get(day, 0))]


def identifier(number: int) -> str:
    """The id of the n-th paper of a harvest."""
    months, rest = divmod(number, PER_MONTH)
    return f"{10 + months // 12:02}{1 + months % 12:02}.{10_000 + rest}"
