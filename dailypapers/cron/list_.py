"""`dailypapers cron list`: the jobs in plain English, and their next times."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings

from .jobs_file import file_option, read_jobs

if TYPE_CHECKING:
    from .jobs import Job

NEXT_SLOTS = 3


@click.command("list")
@file_option
@global_options
@pass_settings
def list_command(settings: Settings) -> None:
    """List the jobs and their next times."""
    now = settings.clock.now()
    jobs = read_jobs().jobs
    if settings.json:
        rows = [_row(job, now) for job in jobs]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
        return
    for job in jobs:
        print_line(f"{job.name}: dailypapers {job.run}")
        print_line(f"  {job.times.describe()} ({job.schedule}){_describe_limits(job)}")
        print_line(f"  next: {', '.join(job.times.in_zone(slot) for slot in _next_slots(job, now))}")


def _row(job: Job, now: datetime) -> dict[str, object]:
    # Without env and on, which may hold secrets.
    row = job.model_dump(mode="json", exclude_none=True, exclude={"env", "on"})
    return row | {"words": job.times.describe(), "next": _next_slots(job, now)}


def _next_slots(job: Job, now: datetime) -> list[datetime]:
    return list(islice(job.times.slots(now), NEXT_SLOTS))


def _describe_limits(job: Job) -> str:
    from .durations import format_duration

    limits = {"timeout": job.timeout, "jitter": job.jitter, "catch up": job.catch_up}
    return "".join(f", {name} {format_duration(limit)}" for name, limit in limits.items() if limit)
