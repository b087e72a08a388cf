"""Jobs in hours that a clock change skips or repeats: each cron, timer and cluster does something else with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from .jobs import Job, load_with_lines

HOURS: Final = frozenset({1, 2, 3})
"""The hours of the changes of almost all zones, as their clocks show them."""


def risky(path: Path, now: datetime) -> Iterator[str]:
    """A line for each job of a file whose hours are among them. Raises BrokenJobs, and OSError."""
    jobs, document = load_with_lines(path)
    for number, job in enumerate(jobs.jobs):
        if is_risky(job, now):
            yield f"{path}:{document.line(('jobs', number, 'schedule'))}: schedule: {_why(job)}"


def is_risky(job: Job, now: datetime) -> bool:
    """Whether a job is for certain hours, and a change of its zone's clock in the year to come can touch them."""
    return not job.times.expression.every_hour and is_touched(job, now)


def is_touched(job: Job, now: datetime) -> bool:
    """Whether a change of its zone's clock in the year to come can touch a job, be it for certain hours or for all."""
    return bool(HOURS & job.times.expression.hours) and _changes(job.times.zone, now)


def _why(job: Job) -> str:
    hour = min(HOURS & job.times.expression.hours)
    return (
        f"at {hour:02} in {job.timezone}, where clock changes skip or repeat 01:00 to 03:59: exported to a "
        "timer or cluster it may run twice, or not at all; write another hour, or timezone: UTC"
    )


def _changes(zone: tzinfo, now: datetime) -> bool:
    days = (now + timedelta(days=number) for number in range(366))
    return len({day.astimezone(zone).utcoffset() for day in days}) > 1
