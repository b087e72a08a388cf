"""Which slot of a job to start now, from the job, the slots handled before, and the time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .jobs import Job

CORRECTION: Final = timedelta(hours=3)
"""A clock that goes back by up to this repeats no slot; by more it was wrong, and the new time counts (cron(8))."""


@dataclass(frozen=True, slots=True)
class Due:
    """What to do about a job now."""

    until: datetime
    """The slots up to here are handled with this."""
    slot: datetime | None = None
    """The slot to start now."""
    missed: datetime | None = None
    """The first slot that was not started in time; it is dropped if there is no slot to start."""


def due(job: Job, after: datetime, now: datetime, machine: str) -> Due | None:
    """What to do now if the slots up to `after` are handled; None for nothing.

    Missed slots become one run. A slot that is later than `catch_up`, counted from the end of its jitter, is dropped.
    """
    if after - now > CORRECTION:
        return Due(until=now)
    first = job.times.next(after)
    if first > now or first + delay(job, first, machine) > now:
        return None
    begin = max(after, now - job.catch_up - job.jitter - timedelta(seconds=1))
    late = {slot: now - slot - delay(job, slot, machine) for slot in job.times.slots(begin, now)}
    started = [slot for slot in late if late[slot] >= timedelta()]
    in_time = [slot for slot in started if late[slot] <= job.catch_up]
    until = started[-1] if started else begin
    if not in_time:
        return Due(until, missed=first)
    return Due(until, slot=in_time[-1], missed=first if first != in_time[-1] else None)


def delay(job: Job, slot: datetime, machine: str) -> timedelta:
    """The jitter of a slot: random, but always the same for a slot and a machine, so that it survives a restart."""
    if not job.jitter:
        return timedelta()
    seed = f"{machine} {job.name} {slot.timestamp()}".encode()
    share = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") / 2**32
    return timedelta(seconds=int(job.jitter.total_seconds() * share))
