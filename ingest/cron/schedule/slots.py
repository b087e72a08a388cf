"""When a job is to run: the slots of a schedule in its zone, as Debian's cron has them, changes of the clock included.

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
        """Read five fields or a macro. Raises Mistake, a ValueError that says what to write instead."""
        return cls(parse(text), zone)

    def next(self, after: datetime) -> datetime:
        """The first slot after an instant, in UTC; slots of a skipped hour are the first minute behind it.

        NEVER where there is none in the next fifty years.
        """
        return _next(self, after)

    def slots(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The slots after one instant, up to another and with it."""
        while (after := self.next(after)) <= until:
            yield after

    def words(self) -> str:
        """The schedule in words: `At minute 17 of every hour`, with the zone if it is not UTC."""
        zone = "" if self.zone is UTC else f", {self.zone}"
        return CronSim(self.expression.text, datetime(2000, 1, 1)).explain() + zone

    def certain(self, after: datetime) -> datetime:
        """Of a job at a certain time: its local times one by one, each in the first of the hours that have it."""
        for local in CronSim(self.expression.text, after.astimezone(self.zone).replace(tzinfo=None, fold=0)):
            slot = self._instant(local)
            if slot > after:
                return slot
        return NEVER

    def _instant(self, local: datetime) -> datetime:
        """When the clocks of the zone first show a local time, or the first one behind it where they skip it."""
        while True:
            instant = local.replace(tzinfo=self.zone).astimezone(UTC)
            if instant.astimezone(self.zone).replace(tzinfo=None, fold=0) == local:
                return instant
            local += MINUTE

    def following(self, after: datetime) -> datetime:
        """Of a job that follows the clock: looked for between two changes of the clock, then behind the next one."""
        begin = after.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
        while True:
            offset = self._offset(begin)
            local = (begin + offset).replace(tzinfo=None)
            found = next(CronSim(self.expression.text, local - timedelta(seconds=1)), None)
            if found is None:
                return NEVER
            slot = (found - offset).replace(tzinfo=UTC)
            change = self._change(begin, slot)
            if change is None:
                return slot
            begin = change

    def _change(self, begin: datetime, end: datetime) -> datetime | None:
        """The first minute in which the clocks of the zone differ from UTC by something else than at the beginning."""
        offset = self._offset(begin)
        while begin < end:
            later = min(begin + DAY, end)
            if self._offset(later) != offset:
                minutes = range(1, (later - begin) // MINUTE + 1)
                changed = bisect(minutes, False, key=lambda minute: self._offset(begin + minute * MINUTE) != offset)  # noqa: FBT003
                return begin + minutes[changed] * MINUTE
            begin = later
        return None

    def _offset(self, instant: datetime) -> timedelta:
        return instant.astimezone(self.zone).utcoffset() or timedelta()


@lru_cache(maxsize=1024)
def _next(schedule: Schedule, after: datetime) -> datetime:
    """Kept, since a scheduler asks for the same again at every tick."""
    return schedule.following(after) if schedule.expression.wild else schedule.certain(after)
