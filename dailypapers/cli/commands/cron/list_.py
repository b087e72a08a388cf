"""`dailypapers cron list`: the jobs in words, and their next times."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.settings import Settings

from .jobs_file import file_option, read_jobs
from .times import in_zone, next_slots

if TYPE_CHECKING:
    from ingest.cron.config.jobs import Job

SHOWN = 3


@click.command("list")
@file_option
@global_options
@pass_settings
def command(settings: Settings) -> None:
    """Show the jobs in words, and their next times."""
    now = settings.clock.now()
    jobs = read_jobs().jobs
    if settings.json:
        rows = [_row(job, now) for job in jobs]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
        return
    for job in jobs:
        click.echo(f"{job.name}: dailypapers {job.run}")
        click.echo(f"  {job.times.words()} ({job.schedule}){_manner(job)}")
        click.echo(f"  next: {', '.join(in_zone(job, slot) for slot in next_slots(job, now, SHOWN))}")


def _row(job: Job, now: datetime) -> dict[str, object]:
    # Neither env nor on: there may be secrets in them.
    shown = job.model_dump(mode="json", exclude_none=True, exclude={"env", "on"})
    return shown | {"words": job.times.words(), "next": list(next_slots(job, now, SHOWN))}


def _manner(job: Job) -> str:
    from ingest.cron.config.durations import words

    parts = {"timeout": job.timeout, "jitter": job.jitter, "catch up": job.catch_up}
    return "".join(f", {name} {words(length)}" for name, length in parts.items() if length)
