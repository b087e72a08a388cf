"""`dailypapers cron`: the jobs of cron.yaml. One module a subcommand."""

from __future__ import annotations

from typing import ClassVar, Final

import click

from dailypapers.cli.lazy_group import LazyGroup
from dailypapers.cli.options import global_options

from .jobs_file import file_option

SUBCOMMANDS: Final = {
    "list": ("list_", "Show the jobs in words, and their next times."),
    "next": ("next", "Show what runs next."),
    "check": ("check", "Find what is wrong in the file, all of it at once."),
    "run": ("run", "Run one job now; without a name, all jobs when they are due."),
    "export": ("export", "Print the jobs for a crontab, systemd or Kubernetes."),
    "schema": ("schema", "Print the JSON Schema of the file, for editors."),
}


class _Subcommands(LazyGroup):
    package = "dailypapers.cli.commands.cron"
    sections: ClassVar = {"Commands": SUBCOMMANDS}


@click.group(cls=_Subcommands)
@file_option
@global_options
def command() -> None:
    """Run commands when it is time, as cron.yaml says.

    The file is the one that --file names, else ./cron.yaml, else the one that is shipped: one job, `run`, every hour.
    """
