"""When a job runs: the slots of a schedule in its zone, as Debian's cron has them, clock changes included.

cron(8): "If the time has moved forwards, those jobs which would have run in the time that was skipped will be run
soon after the change. Conversely, if the time has moved backwards by less than 3 hours, those jobs that fall into the
repeated time will not be re-run. Only jobs that run at a particular time (not specified as @hourly, nor with '*' in the
hour or minute specifier) are affected."
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from cronsim import CronSim

from .expression import Expression, parse

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Schedule:
    """A cron expression in a zone."""

    expression: Expression
    zone: tzinfo = UTC

    @classmethod
    def parse(cls, text: str, zone: tzinfo = UTC) -> Schedule:
        """Read five fields or a macro. Raises ConfigError, which says what to write instead."""
        return cls(parse(text), zone)

    def next(self, after: datetime) -> datetime:
        """The first slot after an instant, in UTC; NEVER if none comes in the next fifty years.

        A slot in a skipped hour becomes the first minute after it.
        """
        return _next(self, after)

    def slots(self, after: datetime, until: datetime = NEVER) -> Iterator[datetime]:
        """The slots after one instant, up to and including another."""
        while (after := self.next(after)) != NEVER and after <= until:
            yield after

    def in_zone(self, slot: datetime) -> str:
        """A slot in local time: `2026-03-29 03:00 CEST`."""
        return f"{slot.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    def describe(self) -> str:
        """The schedule in English: `At minute 17 of every hour`, with the zone if it is not UTC."""
        zone = "" if self.zone is UTC else f", {self.zone}"
        return CronSim(self.expression.text, datetime(2000, 1, 1)).explain() + zone


@lru_cache(maxsize=1024)
def _next(schedule: Schedule, after: datetime) -> datetime:
    # Cached, since the scheduler asks for the same slot at every tick.
    text, zone = schedule.expression.text, schedule.zone
    return _next_by_clock(text, zone, after) if schedule.expression.follows_clock else _next_fixed(text, zone, after)


def _next_fixed(text: str, zone: tzinfo, after: datetime) -> datetime:
    """For a job at fixed times: each local time once, at the first instant that has it."""
    for local in CronSim(text, after.astimezone(zone).replace(tzinfo=None, fold=0)):
        slot = _instant(local, zone)
        if slot > after:
            return slot
    return NEVER


def _instant(local: datetime, zone: tzinfo) -> datetime:
    """When the clocks of the zone first show a local time, or the first minute after it where they skip it."""
    while True:
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            return instant
        local += MINUTE


def _next_by_clock(text: str, zone: tzinfo, after: datetime) -> datetime:
    """For a job that follows the clock: searched up to the next clock change, then from there on."""
    begin = after.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    while True:
        offset = utc_offset(zone, begin)
        local = (begin + offset).replace(tzinfo=None)
        match = next(CronSim(text, local - timedelta(seconds=1)), None)
        if match is None:
            return NEVER
        slot = (match - offset).replace(tzinfo=UTC)
        change = _clock_change(zone, begin, slot)
        if change is None:
            return slot
        begin = change


def _clock_change(zone: tzinfo, begin: datetime, end: datetime) -> datetime | None:
    """The first minute whose offset from UTC is not the one at the beginning."""
    offset = utc_offset(zone, begin)
    while begin < end:
        later = min(begin + DAY, end)
        if utc_offset(zone, later) != offset:
            minutes = range((later - begin) // MINUTE + 1)
            changed = bisect(minutes, False, key=lambda minute: utc_offset(zone, begin + minute * MINUTE) != offset)  # noqa: FBT003
            return begin + changed * MINUTE
        begin = later
    return None


def utc_offset(zone: tzinfo, instant: datetime) -> timedelta:
    """What the local time of a zone is ahead of UTC."""
    return instant.astimezone(zone).utcoffset() or timedelta()
