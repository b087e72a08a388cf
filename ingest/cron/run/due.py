"""Whether a job is to start now: a pure function of the job, of what is settled, and of the clock on the wall."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ingest.cron.config.jobs import Job

CORRECTION: Final = timedelta(hours=3)
"""A clock that goes back by less repeats nothing; by more it was wrong before, and the new time counts (cron(8))."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a look at the clock comes to, where it comes to something."""

    until: datetime
    """All slots up to here are settled by it: what to look after next time."""
    slot: datetime | None = None
    """The slot to start now."""
    missed: datetime | None = None
    """The first slot that was not started in its time: one with the slot to start, or dropped where there is none."""


def due(job: Job, after: datetime, now: datetime) -> Due | None:
    """What to start now, all slots up to `after` being settled; None where nothing is to be done. Missed slots become
    one; one later than `catch_up`, counted from the end of its jitter, is dropped.
    """
    if after - now > CORRECTION:
        return Due(until=now)
    first = job.times.next(after)
    if first > now or first + delay(job, first) > now:
        return None
    begin = max(after, now - job.catch_up - job.jitter - timedelta(seconds=1))
    ripe = [slot for slot in job.times.slots(begin, now) if slot + delay(job, slot) <= now]
    timely = [slot for slot in ripe if now - slot - delay(job, slot) <= job.catch_up]
    until = ripe[-1] if ripe else begin
    if not timely:
        return Due(until, missed=first)
    return Due(until, slot=timely[-1], missed=first if first != timely[-1] else None)


def delay(job: Job, slot: datetime) -> timedelta:
    """How long the start of a slot is put off: up to the jitter, by chance, but on this machine always the same for a
    slot, so that a restart forgets nothing.
    """
    if not job.jitter:
        return timedelta()
    seed = f"{os.uname().nodename} {job.name} {slot.timestamp()}".encode()
    share = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") / 2**32
    return timedelta(seconds=int(job.jitter.total_seconds() * share))
