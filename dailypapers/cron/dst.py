"""Jobs at hours that a clock change skips or repeats; every cron, timer and cluster handles these differently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from dailypapers.outputs.yaml_file import Document

from .jobs import Job, Jobs

HOURS: Final = frozenset({1, 2, 3})
"""The local hours in which almost all zones change their clocks."""


def dst_warnings(jobs: Jobs, document: Document, now: datetime) -> Iterator[tuple[int, str]]:
    """Line and message for each job that a clock change of the coming year can skip or repeat."""
    for number, job in enumerate(jobs.jobs):
        if may_skip_or_repeat(job, now):
            yield document.line(("jobs", number, "schedule")), f"schedule: {_describe(job)}"


def may_skip_or_repeat(job: Job, now: datetime) -> bool:
    """Whether a clock change of the coming year can skip or repeat a job that runs at fixed hours."""
    return not job.times.expression.every_hour and crosses_clock_change(job, now)


def crosses_clock_change(job: Job, now: datetime) -> bool:
    """Whether a job, of fixed hours or of all, runs at hours that a clock change of the coming year touches."""
    days = (now + timedelta(days=number) for number in range(366))
    runs_then = bool(HOURS & job.times.expression.hours)
    return runs_then and len({day.astimezone(job.times.zone).utcoffset() for day in days}) > 1


def _describe(job: Job) -> str:
    hour = min(HOURS & job.times.expression.hours)
    return (
        f"at {hour:02} in {job.timezone}, where clock changes skip or repeat 01:00 to 03:59: exported to a "
        "timer or cluster it may run twice, or not at all; write another hour, or timezone: UTC"
    )
