"""`dailypapers cron run`: one job now, or all jobs when they are due."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from dailypapers.cli.environment import LOG_FORMAT_VARIABLE
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.output import is_terminal
from dailypapers.cli.settings import Settings
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, DONE, FAILED
from snapshots.store.layout import Store

from .jobs_file import file_option, jobs_path, read_jobs

if TYPE_CHECKING:
    from ingest.cron.config.jobs import Job
    from ingest.cron.run.job import RunContext

LOOK = 0.5


@click.command("run")
@click.argument("job", required=False)
@file_option
@global_options
@pass_invocation
def command(invocation: Invocation, job: str | None) -> int:
    """Run one job now, once, with its timeout and its hooks; without JOB run all jobs when they are due, until stopped.

    A job that is running already is not started again. Where no terminal is (a crontab, a timer) JOB is started after
    its jitter. With --now the scheduler begins at that time and goes on from there.
    """
    from ingest.cron.run.job import RunContext
    from ingest.cron.run.signals import stop_asked
    from ingest.cron.run.state import CronState

    settings, log = invocation.settings, invocation.log
    # A job's messages are written as ours are, though it writes into a pipe.
    os.environ.setdefault(LOG_FORMAT_VARIABLE, "json" if log.is_json else "human")
    with stop_asked() as stop:
        around = RunContext(
            store=Store(settings.root),
            state=CronState(settings.root),
            clock=_clock(settings),
            say=log.info,
            warn=log.warning,
            output=_pass_on,
            stop=stop,
        )
        return _all(around) if job is None else _one(_named(job), around)


def _all(around: RunContext) -> int:
    from ingest.cron.run.scheduler import Scheduler

    read_jobs()
    Scheduler(jobs_path(), around).run()
    return DONE


def _named(name: str) -> Job:
    jobs = read_jobs()
    job = jobs.named(name)
    if job is None:
        raise UsageError(f"no job {name!r} in {jobs_path()}; there are: {', '.join(one.name for one in jobs.jobs)}")
    return job


def _one(job: Job, around: RunContext) -> int:
    from ingest.cron.config.durations import words
    from ingest.cron.run.due import delay
    from ingest.cron.run.job import run_job

    off = delay(job, around.clock().replace(second=0, microsecond=0))
    if off and not is_terminal(sys.stdin):
        around.say(f"{job.name}: starts in {words(off)} (jitter)")
        _sleep(off, around.stop)
    if around.stop():
        return FAILED
    ended = run_job(job, None, around)
    if ended is None:
        return ATTENTION
    return FAILED if ended.timed_out or ended.exit > FAILED else ended.exit


def _sleep(length: timedelta, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + length.total_seconds()
    while (left := until - time.monotonic()) > 0 and not stop():
        time.sleep(min(LOOK, left))


def _clock(settings: Settings) -> Callable[[], datetime]:
    """The clock on the wall, put to `--now` where that was said."""
    from datetime import UTC

    if settings.now is None:
        return lambda: datetime.now(UTC)
    put = settings.clock.now() - datetime.now(UTC)
    return lambda: datetime.now(UTC) + put


def _pass_on(lines: bytes, of_stderr: bool) -> None:
    stream = sys.stderr if of_stderr else sys.stdout
    # There is none where the shell closed it (`>&-`).
    if stream is None:
        return
    with suppress(OSError):
        stream.buffer.write(lines)
        stream.flush()
