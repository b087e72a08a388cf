"""`dailypapers cron next`: what runs next, of all jobs."""

from __future__ import annotations

from heapq import merge
from itertools import islice

import click
import orjson

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.options import global_options
from dailypapers.cli.settings import Settings

from .jobs_file import file_option, read_jobs
from .times import in_zone, next_slots


@click.command("next")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=5, metavar="N", show_default=True, help="So many.")
@file_option
@global_options
@pass_settings
def command(settings: Settings, count: int) -> None:
    """Show what runs next: the slots of all jobs in their order, without jitter."""
    jobs, now = read_jobs().jobs, settings.clock.now()
    rows = [[(slot, number) for slot in next_slots(job, now, count)] for number, job in enumerate(jobs)]
    for slot, number in islice(merge(*rows), count):
        job = jobs[number]
        if settings.json:
            row = {"job": job.name, "slot": slot, "run": job.run}
            click.echo(orjson.dumps(row, option=orjson.OPT_UTC_Z))
        else:
            click.echo(f"{in_zone(job, slot)}  {job.name}: dailypapers {job.run}")
