"""What hooks are given: the outcome of a run and the problems of the store, as environment variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dailypapers.ingest.exit_status import ATTENTION, DONE
from dailypapers.ingest.monitor.problems import Problem, problems
from dailypapers.snapshots.store.layout import Store

from .durations import format_duration
from .jobs import Job
from .process import ProcessResult

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
