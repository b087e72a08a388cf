"""A store without disk and network: `run`, `status` and `backfill` over the simulated days of a month, by the rules
that the product goes by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from dailypapers.ingest.plan.revisit import alarm_of, is_beyond_run, is_unfinished, next_look, window
from dailypapers.ingest.sources.calendars import Period
from tests.support.simulated_days import Life

from .months import Month


@dataclass
class Operation:
    """The days of a month as a store holds them."""

    month: Month
    lives: dict[date, Life] = field(default_factory=dict)
    due: dict[date, datetime | None] = field(default_factory=dict)
    """When each day is due; what `next_look` says after each look."""
    looks: list[tuple[Life, datetime]] = field(default_factory=list)
    """The looks in order of time, those without any answer included."""

    def __post_init__(self) -> None:
        self.lives = {world.day: Life(world) for world in self.month.worlds}

    @property
    def first(self) -> date | None:
        """The first day that was fetched or begun to be."""
        return min((day for day, life in self.lives.items() if life.looks or life.unanswered), default=None)

    def run(self, now: datetime) -> None:
        """Look at the days that are due."""
        for day in window(Period.DAY, self.first, now.date()):
            if day in self.lives:
                due = self.due[day] if day in self.due else self._next(day, now)
                if due is not None and due <= now:
                    self._look(day, now)

    def backfill(self, days: Iterable[date], now: datetime) -> None:
        """Look at those of the days of which work is left."""
        for day in days:
            if is_unfinished(self.lives[day].listed(), now):
                self._look(day, now)

    def beyond_run(self, now: datetime) -> list[date]:
        """The days that `status` names with a command: held or missing since the first, and out of reach of run."""
        first = self.first
        if first is None:
            return []
        days = (day for day in self.lives if first <= day < now.date())
        return [day for day in days if is_beyond_run(self.lives[day].listed(), now)]

    def alarms(self, now: datetime) -> list[str]:
        """What `status` raises of the days in the window."""
        days = [day for day in window(Period.DAY, self.first, now.date()) if day in self.lives]
        found = ((day, alarm_of(self.lives[day].listed(), now)) for day in days)
        return [f"{day} {alarm.kind}: {alarm.reason}" for day, alarm in found if alarm]

    def _look(self, day: date, now: datetime) -> None:
        life = self.lives[day]
        life.look(now)
        self.looks.append((life, now))
        self.due[day] = self._next(day, now)

    def _next(self, day: date, now: datetime) -> datetime | None:
        return next_look(self.lives[day].listed(), now)
