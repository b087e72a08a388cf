"""One run of a job: take its lock, mark its slot as handled, run the command, call the hooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from dailypapers.ingest.errors import ATTENTION, DONE
from dailypapers.ingest.monitor.problems import Problem, problems
from dailypapers.snapshots.store.layout import Store

from .jobs import Job, format_duration
from .process import Output, ProcessResult, run_process
from .state import CronState

MAX_PROBLEMS: Final = 30_000
"""Characters of all problems: Linux allows 128 KiB for a variable, and a character may be four bytes (execve(2))."""
MAX_QUOTED: Final = 500
"""Characters of the output that are quoted in a reason."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run of a job that has ended."""

    job: Job
    slot: datetime
    started: datetime
    ended: datetime
    result: ProcessResult

    @property
    def status(self) -> str:
        """`success`, `attention` (exit 1: done, but something needs attention), `failure` or `timeout`."""
        if self.result.timed_out:
            return "timeout"
        return {DONE: "success", ATTENTION: "attention"}.get(self.result.exit, "failure")

    @property
    def hook(self) -> tuple[str, str | None]:
        """The hook for this status, `success` or `failure`, and its command line."""
        on = self.job.on
        return ("success", on.success) if self.status in {"success", "attention"} else ("failure", on.failure)

    def describe(self) -> str:
        """The outcome in one sentence."""
        duration = format_duration(self.ended - self.started)
        if self.result.stopped:
            return f"stopped after {duration}"
        return f"{self.status} after {duration} (exit {self.result.exit})"

    def problems(self, store: Store) -> list[Problem]:
        """The problems of the store; if it has none, one for an exit 1 of other causes (rejects, diagnostics)."""
        current = problems(store, self.ended)
        if current or self.status != "attention":
            return current
        reason = f"{self.job.run!r} ended with: {self.result.tail[-MAX_QUOTED:].strip()}"
        return [Problem(self.job.name, None, "exit 1", reason)]

    def environment(self, store: Store, new_problems: Sequence[Problem]) -> dict[str, str]:
        """The environment variables for a hook, besides those of the run."""
        return {
            "DAILYPAPERS_JOB": self.job.name,
            "DAILYPAPERS_RUN": self.job.run,
            "DAILYPAPERS_STATUS": self.status,
            "DAILYPAPERS_EXIT": str(self.result.exit),
            "DAILYPAPERS_STORE": str(store.root.resolve()),
            "DAILYPAPERS_SLOT": _format_instant(self.slot),
            "DAILYPAPERS_STARTED": _format_instant(self.started),
            "DAILYPAPERS_ENDED": _format_instant(self.ended),
            "DAILYPAPERS_OUTPUT": self.result.tail,
            "DAILYPAPERS_PROBLEMS": _format_problems(store, new_problems),
        }


def _format_problems(store: Store, listed: Sequence[Problem]) -> str:
    # A reason may quote a page, and a variable cannot hold a NUL.
    root = store.root.resolve()
    text = "\n".join(f"{problem.identity}: {problem.explain(root)}" for problem in listed).replace("\0", "")
    return text if len(text) <= MAX_PROBLEMS else f"{text[:MAX_PROBLEMS]} ...\n{len(listed)} in all: dailypapers status"


def _format_instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


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
