"""`dailypapers cron check`: everything that is wrong in cron.yaml, a line each."""

from __future__ import annotations

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from ingest.exit_status import ATTENTION, DONE

from .jobs_file import file_option, jobs_path, read_jobs


@click.command()
@file_option
@global_options
@pass_invocation
def command(invocation: Invocation) -> int:
    """Find what is wrong in the file, all of it at once, and jobs in hours that a clock change skips or repeats.

    Exit status 1 if something is.
    """
    from ingest.cron.config.diagnostics import BrokenJobs
    from ingest.cron.config.dst import risky

    path = jobs_path()
    try:
        read_jobs()
        lines = list(risky(path, invocation.settings.clock.now()))
    except BrokenJobs as error:
        lines = error.lines
    if invocation.settings.json:
        click.echo(orjson.dumps(lines))
    elif lines:
        click.echo("\n".join(lines))
    else:
        invocation.log.info(f"{path}: nothing is wrong")
    return ATTENTION if lines else DONE
