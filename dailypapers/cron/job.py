"""One run of a job: take its lock, mark its slot as handled, run the command, call the hooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dailypapers.ingest.monitor.problems import Problem
from dailypapers.snapshots.store.layout import Store

from .durations import format_duration
from .hooks import FinishedRun
from .jobs import Job
from .output import Output
from .process import ProcessResult, run_process
from .state import CronState

HOOK_LIMIT: Final = timedelta(seconds=60)
"""The longest that a hook may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What every run needs besides its job."""

    store: Store
    state: CronState
    variables: Mapping[str, str]
    """The environment that jobs and hooks inherit."""
    machine: str
    """The host name, on which jitter depends."""
    clock: Callable[[], datetime]
    info: Callable[[str], None]
    warn: Callable[[str], None]
    output: Output
    labels_lines: bool = False
    """Whether each line of a job's output gets the time and the name of the job, as in the scheduler for people."""
    stop: Callable[[], bool]
    """Whether everything is to end."""

    def output_of(self, job: Job) -> Output:
        """Passes on the output of a job, line by line with a label if that is asked for."""

        def labelled(lines: bytes, from_stderr: bool) -> None:  # noqa: FBT001 - the signature of Output
            label = f"{self.clock():%Y-%m-%d %H:%M:%S} {job.name}: ".encode()
            self.output(b"".join(label + line for line in lines.splitlines(keepends=True)), from_stderr)

        return labelled if self.labels_lines else self.output

    def environment(self, job: Job) -> dict[str, str]:
        """The environment of a job's processes."""
        return {**self.variables, "DAILYPAPERS_STORE": str(self.store.root.resolve()), **job.env}


def run_job(job: Job, slot: datetime | None, context: RunContext) -> ProcessResult | None:
    """Run a job now and call its hooks; returns None if it is already running.

    `slot` is the scheduled time that it is started for, None for a run by hand.
    """
    with context.state.running(job) as lock:
        if lock is None:
            skipped = f"the slot {slot:%Y-%m-%d %H:%M} UTC is skipped" if slot else "not started again"
            context.warn(f"{job.name}: still running; {skipped}")
            return None
        if slot is not None:
            # On disk before the process starts: a scheduler that is killed here does not start the slot twice.
            context.state.mark_handled(job, slot)
        started = context.clock()
        # -P: a folder that has the name of one of our packages must not be imported in its place.
        command = [sys.executable, "-P", "-m", "dailypapers", *job.arguments]
        environment = context.environment(job)
        result = run_process(
            command, environment, context.output_of(job), limit=job.timeout, stop=context.stop, lock=lock
        )
        run = FinishedRun(job, slot or started, started, context.clock(), result)
        is_fine = run.status == "success" or result.stopped
        (context.info if is_fine else context.warn)(f"{job.name}: {run.describe()}")
        if not result.stopped:
            _call_hooks(run, context)
    return result


def _call_hooks(run: FinishedRun, context: RunContext) -> None:
    job, state = run.job, context.state
    name, command = run.hook
    if command is not None:
        _call_hook(name, command, run, [], context)
    if job.on.attention is None:
        return
    notified, current = state.notified(job), run.problems(context.store)
    identities = [problem.identity for problem in current]
    new = [problem for problem in current if problem.identity not in notified]
    succeeded = not new or _call_hook("attention", job.on.attention, run, new, context)
    # After a failed call the new problems stay new, and are sent again after the next run.
    known = identities if succeeded else [identity for identity in notified if identity in identities]
    if known != notified:
        state.mark_notified(job, known)


def _call_hook(name: str, command: str, run: FinishedRun, problems: Sequence[Problem], context: RunContext) -> bool:
    """Call a hook; gives whether it succeeded."""
    environment = context.environment(run.job) | run.environment(context.store, problems)
    shell = ["sh", "-c", command]
    result = run_process(shell, environment, context.output_of(run.job), limit=HOOK_LIMIT, stop=context.stop)
    if result.exit:
        reason = f"ended after {format_duration(HOOK_LIMIT)}" if result.timed_out else f"exit {result.exit}"
        # The command itself stays out of the message: there may be a secret in its address.
        context.warn(f"{run.job.name}: on {name}: {reason}")
    return not result.exit
