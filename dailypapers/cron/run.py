"""`dailypapers cron run`: one job now, or all jobs when they are due."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.output import is_terminal
from dailypapers.cli.settings import LOG_FORMAT_VARIABLE
from dailypapers.ingest.errors import ATTENTION, DONE, FAILED, UsageError
from dailypapers.snapshots.store.layout import Store

from .jobs_file import file_option, job_check, jobs_path, read_jobs

if TYPE_CHECKING:
    from .job import RunContext
    from .jobs import Job

POLL_SECONDS = 0.5


@click.command("run")
@click.argument("job", required=False)
@file_option
@global_options
@pass_invocation
def command(invocation: Invocation, job: str | None) -> int:
    """Run one job now, with its timeout and hooks; without JOB, run all jobs when they are due, until stopped.

    A job that is already running is not started again. Without a terminal (in a crontab or timer) JOB starts after its
    jitter.
    """
    if invocation.settings.now:
        raise UsageError("cron run takes no --now: jobs run by the real clock; put --now into the `run:` of a job")
    from .scheduler import stop_on_signals

    with stop_on_signals() as stop:
        context = _context(invocation, stop, is_scheduler=job is None)
        return _run_all(context) if job is None else _run_one(_job(job), context)


def _context(invocation: Invocation, stop: Callable[[], bool], *, is_scheduler: bool) -> RunContext:
    from .job import RunContext
    from .state import CronState

    # A job writes into a pipe, and would log as JSON even where we log for a terminal.
    settings, log = invocation.settings, invocation.log
    log_format = "json" if log.is_json else "human"
    has_labels = is_scheduler and not log.is_json

    def stamp(message: str) -> str:
        return f"{system_clock():%Y-%m-%d %H:%M:%S} {message}" if has_labels else message

    return RunContext(
        store=Store(settings.root),
        state=CronState(settings.state_folder, settings.root),
        variables={LOG_FORMAT_VARIABLE: log_format, **os.environ},
        machine=os.uname().nodename,
        clock=system_clock,
        info=lambda message: log.info(stamp(message)),
        warn=lambda message: log.warning(stamp(message)),
        output=_pass_on,
        labels_lines=has_labels,
        stop=stop,
    )


def _run_all(context: RunContext) -> int:
    from .scheduler import Scheduler

    read_jobs()
    Scheduler(jobs_path(), job_check(), context).run()
    return DONE


def _job(name: str) -> Job:
    jobs = read_jobs()
    job = jobs.get(name)
    if job is None:
        raise UsageError(f"no job {name!r} in {jobs_path()}; there are: {', '.join(job.name for job in jobs.jobs)}")
    return job


def _run_one(job: Job, context: RunContext) -> int:
    from .job import run_job
    from .jobs import format_duration
    from .scheduler import delay

    jitter = delay(job, context.clock().replace(second=0, microsecond=0), context.machine)
    if jitter and not is_terminal(sys.stdin):
        context.info(f"{job.name}: starts in {format_duration(jitter)} (jitter)")
        _sleep(jitter, context.stop)
    if context.stop():
        return FAILED
    result = run_job(job, None, context)
    if result is None:
        return ATTENTION
    return FAILED if result.timed_out else min(result.exit, FAILED)


def _sleep(length: timedelta, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + length.total_seconds()
    while (left := until - time.monotonic()) > 0 and not stop():
        time.sleep(min(POLL_SECONDS, left))


def system_clock() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _pass_on(lines: bytes, from_stderr: bool) -> None:
    stream = sys.stderr if from_stderr else sys.stdout
    # None if the shell closed it (`>&-`). A closed pipe or a full disk must not end the jobs.
    if stream is not None:
        with suppress(OSError):
            stream.buffer.write(lines)
            stream.flush()
