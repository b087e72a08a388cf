"""`dailypapers cron check`: everything that is wrong in cron.yaml, one line each."""

from __future__ import annotations

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.ingest.exit_status import ATTENTION, DONE

from .jobs_file import file_option, jobs_path, read_jobs_with_lines


@click.command()
@file_option
@global_options
@pass_invocation
def check_command(invocation: Invocation) -> int:
    """Report everything that is wrong in the file, and jobs at hours that a clock change skips or repeats.

    Exit status 1 if there is anything to report.
    """
    from .diagnostics import JobsFileError
    from .dst import dst_warnings

    path = jobs_path()
    try:
        jobs, document = read_jobs_with_lines()
        lines = [
            f"{path}:{line}: {message}"
            for line, message in dst_warnings(jobs, document, invocation.settings.clock.now())
        ]
    except JobsFileError as error:
        lines = error.lines
    if invocation.settings.json:
        click.echo(orjson.dumps(lines))
    elif lines:
        for line in lines:
            print_line(line)
    else:
        invocation.log.info(f"{path}: no problems found")
    return ATTENTION if lines else DONE
