"""One run of a job: nobody else runs it, the slot is settled, the command runs, those who want to know are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.cron.config.durations import words as in_words
from ingest.cron.config.jobs import Job
from ingest.monitor.problems import Problem
from snapshots.store.layout import Store

from .hooks import LIMIT, Report
from .output import Output
from .process import ProcessResult, start
from .state import CronState


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run needs besides its job."""

    store: Store
    state: CronState
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    warn: Callable[[str], None]
    """As `say`, of what a person should know."""
    output: Output
    stop: Callable[[], bool]
    """Whether everything is to end."""

    def environment(self, job: Job) -> Mapping[str, str]:
        """The environment of a job's processes."""
        return {**os.environ, "DAILYPAPERS_STORE": str(self.store.root.resolve()), **job.env}


def run_job(job: Job, slot: datetime | None, around: RunContext) -> ProcessResult | None:
    """Run a job now, for a slot or for none; None where it is running already. Hooks are called before it is over."""
    with around.state.running(job) as lock:
        if lock is None:
            left_out = f"; the slot of {slot:%Y-%m-%d %H:%M} UTC is left out" if slot else "; not started again"
            around.warn(f"{job.name}: is still running{left_out}")
            return None
        if slot is not None:
            # On the disk before the process is there: a scheduler that is killed here starts nothing twice.
            around.state.settle(job, slot)
        started = around.clock()
        ended = _run(job, lock, around)
        report = Report(job, slot or started, started, around.clock(), ended)
        (around.say if report.went_well else around.warn)(f"{job.name}: {_words(report)}")
        if not ended.stopped:
            _tell(report, around)
    return ended


def _run(job: Job, lock: int, around: RunContext) -> ProcessResult:
    # -P: a folder that happens to be called like one of our packages is no part of the program.
    words = [sys.executable, "-P", "-m", "dailypapers", *job.words]
    try:
        return start(words, around.environment(job), around.output, lock).watch(job.timeout, around.stop)
    except OSError as error:
        return ProcessResult(126, f"could not be started: {error}", timed_out=False, stopped=False)


def _tell(report: Report, around: RunContext) -> None:
    job, state = report.job, around.state
    kind, command = report.outcome
    if command is not None:
        _call(kind, command, report, [], around)
    if job.on.attention is None:
        return
    told, found = state.told(job), report.problems(around.store)
    now = [trouble.identity for trouble in found]
    new = [trouble for trouble in found if trouble.identity not in told]
    # What could not be told is new again after the next run.
    went = not new or _call("attention", job.on.attention, report, new, around)
    known = now if went else [one for one in told if one in now]
    if known != told:
        state.tell(job, known)


def _call(kind: str, command: str, report: Report, found: Sequence[Problem], around: RunContext) -> bool:
    """Call a hook; whether it went well."""
    environment = {**around.environment(report.job), **report.environment(around.store, found)}
    try:
        ended = start(["sh", "-c", command], environment, around.output).watch(LIMIT, around.stop)
    except OSError as error:
        ended = ProcessResult(126, str(error), timed_out=False, stopped=False)
    if ended.exit:
        why = f"ended after {in_words(LIMIT)}" if ended.timed_out else f"exit {ended.exit}"
        # Not the command itself: there may be a secret in its address.
        around.warn(f"{report.job.name}: on {kind}: {why}")
    return not ended.exit


def _words(report: Report) -> str:
    ended, took = report.ended, in_words(report.until - report.started)
    if ended.stopped:
        return f"stopped after {took}"
    return f"{report.status} after {took} (exit {ended.exit})"
