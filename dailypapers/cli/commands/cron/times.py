"""The next times of jobs, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.cron.config.jobs import Job


def next_slots(job: Job, now: datetime, count: int) -> Iterator[datetime]:
    """The next slots of a job; fewer, where there are no more in fifty years."""
    from ingest.cron.schedule.slots import NEVER

    for _ in range(count):
        now = job.times.next(now)
        if now == NEVER:
            return
        yield now


def in_zone(job: Job, slot: datetime) -> str:
    """A slot as the clocks of the job's zone show it: `2026-03-29 03:00 CEST`."""
    return f"{slot.astimezone(job.times.zone):%Y-%m-%d %H:%M %Z}"
