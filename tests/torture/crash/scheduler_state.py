"""Writes the scheduler's state as its threads do, for two jobs, and prints the file after each change.

The fork server runs it in place of a command line; nothing else of the scheduler changes files.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dailypapers.cron.state import CronState
from tests.cron.jobs import jobs_of
from tests.papersite.site import NOON

WORD = "scheduler-state"
STORE = Path("/store")
"""The name of the file depends on the path of the store, which differs between trials."""
NAMES = ("first", "second")


def main(words: Sequence[str]) -> int:
    """Gives the exit status: 0, or 3 where the disk refused. The command line is not looked at."""
    try:
        _write()
    except OSError as error:
        click.echo(f"{' '.join(words)}: {error.filename}: {error.strerror}", err=True)
        return 3
    return 0


def _write() -> None:
    state = CronState(Path(os.environ["DAILYPAPERS_STATE"]), STORE)
    with state.only_scheduler():
        for job in jobs_of(*({"name": name, "schedule": "@hourly", "run": "run"} for name in NAMES)).jobs:
            with state.running(job):
                state.mark_handled(job, NOON)
                _print(state.path)
                state.mark_notified(job, [f"problem of {job.name}"])
                _print(state.path)


def _print(path: Path) -> None:
    sys.stdout.write(f"{version(path.read_bytes())}\n")
    sys.stdout.flush()


def version(content: bytes) -> str:
    """The content as one line."""
    return " ".join(content.decode().split())
