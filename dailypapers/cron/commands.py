"""`dailypapers cron`: the jobs of cron.yaml. One module for each subcommand."""

from __future__ import annotations

from typing import ClassVar, Final

import click

from dailypapers.cli.lazy_group import LazyGroup
from dailypapers.cli.options import global_options
from dailypapers.cron.jobs_file import file_option

SUBCOMMANDS: Final = {
    "list": ("list_", "List the jobs and their next times."),
    "next": ("next", "List the next runs of all jobs."),
    "check": ("check", "Report everything that is wrong in the file."),
    "run": ("run", "Run one job now; without a name, run all jobs when they are due."),
    "export": ("export", "Print the jobs for a crontab, systemd or Kubernetes."),
    "schema": ("schema", "Print the JSON Schema of the file, for editors."),
}


class _Subcommands(LazyGroup):
    package = "dailypapers.cron.commands"
    sections: ClassVar = {"Commands": SUBCOMMANDS}


@click.group(cls=_Subcommands)
@file_option
@global_options
def cron_group() -> None:
    """Run commands on the schedules in cron.yaml.

    The file is the one named by --file, else ./cron.yaml, else the default: one job, `run`, every hour.
    """
