"""`dailypapers cron next`: the next runs of all jobs."""

from __future__ import annotations

from heapq import merge
from itertools import islice, repeat

import click
import orjson

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings

from .jobs_file import file_option, read_jobs


@click.command("next")
@click.option(
    "-n", "count", type=click.IntRange(1, 10_000), default=5, metavar="N", show_default=True, help="Runs to list."
)
@file_option
@global_options
@pass_settings
def next_command(settings: Settings, count: int) -> None:
    """List the next runs of all jobs in order of time, without jitter."""
    jobs, now = read_jobs().jobs, settings.clock.now()
    runs = merge(*(zip(job.times.slots(now), repeat(number)) for number, job in enumerate(jobs)))
    for slot, number in islice(runs, count):
        job = jobs[number]
        if settings.json:
            row = {"job": job.name, "slot": slot, "run": job.run}
            click.echo(orjson.dumps(row, option=orjson.OPT_UTC_Z))
        else:
            print_line(f"{job.times.in_zone(slot)}  {job.name}: dailypapers {job.run}")
