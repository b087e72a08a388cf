"""The loop of the scheduler on a simulated clock: ticks, restarts between two ticks, and the slots that it started."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from dailypapers.cron.jobs import Job
from dailypapers.cron.scheduler import due

SECOND = timedelta(seconds=1)
RESTARTS = 0.0003
"""The share of ticks before which the scheduler is restarted, and knows only what it wrote."""


def every_second(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Every second of [begin, end)."""
    while begin < end:
        yield begin
        begin += SECOND


def now_and_then(begin: datetime, end: datetime, rng: random.Random, longest: int = 50) -> Iterator[datetime]:
    """Random times in [begin, end), some seconds apart."""
    while begin < end:
        yield begin
        begin += rng.randint(1, longest) * SECOND


def started(
    jobs: Iterable[Job], ticks: Iterable[datetime], begin: datetime, restarts: random.Random
) -> dict[str, list[datetime]]:
    """The slots of each job that the loop starts, with restarts between ticks."""
    written = {job.name: begin for job in jobs}
    runs: dict[str, list[datetime]] = {job.name: [] for job in jobs}
    known, listed = dict(written), list(jobs)
    for now in ticks:
        if restarts.random() < RESTARTS:
            known = dict(written)
        for job in listed:
            action = due(job, known[job.name], now, "machine")
            if action is None:
                continue
            known[job.name] = action.until
            if action.slot is not None:
                written[job.name] = action.slot
                runs[job.name].append(action.slot)
    return runs
