"""What those who are called after a run are told: the environment of the command lines under `on:`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ingest.cron.config.jobs import Job
from ingest.exit_status import ATTENTION, DONE
from ingest.monitor.problems import Problem, problems
from snapshots.store.layout import Store

from .process import ProcessResult

LIMIT: Final = timedelta(seconds=60)
"""The longest that a hook may take."""
MAX_LENGTH: Final = 30_000
"""Characters of all troubles: Linux takes 128 KiB for a variable, and a character may be four bytes (execve(2))."""
SAID: Final = 500
"""Characters of the output in a reason."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run that is over."""

    job: Job
    slot: datetime
    started: datetime
    until: datetime
    ended: ProcessResult

    @property
    def status(self) -> str:
        """`success`, `attention` (exit 1: done, but somebody should look), `failure` or `timeout`."""
        if self.ended.timed_out:
            return "timeout"
        return {DONE: "success", ATTENTION: "attention"}.get(self.ended.exit, "failure")

    @property
    def went_well(self) -> bool:
        """Whether nobody has to look, or it was we who ended it."""
        return self.status == "success" or self.ended.stopped

    @property
    def outcome(self) -> tuple[str, str | None]:
        """The hook that its end calls for, and the command line of it."""
        on = self.job.on
        return ("success", on.success) if self.status in {"success", "attention"} else ("failure", on.failure)

    def problems(self, store: Store) -> list[Problem]:
        """What needs a person now: the troubles of the store, else what only the exit says (rejects, findings)."""
        found = problems(store, self.until)
        if found or self.status != "attention":
            return found
        return [
            Problem(self.job.name, None, "exit 1", f"{self.job.run!r} ended with: {self.ended.tail[-SAID:].strip()}")
        ]

    def environment(self, store: Store, found: Sequence[Problem]) -> dict[str, str]:
        """What a hook finds in its environment, besides what the run had."""
        return {
            "DAILYPAPERS_JOB": self.job.name,
            "DAILYPAPERS_RUN": self.job.run,
            "DAILYPAPERS_STATUS": self.status,
            "DAILYPAPERS_EXIT": str(self.ended.exit),
            "DAILYPAPERS_STORE": str(store.root.resolve()),
            "DAILYPAPERS_SLOT": _instant(self.slot),
            "DAILYPAPERS_STARTED": _instant(self.started),
            "DAILYPAPERS_ENDED": _instant(self.until),
            "DAILYPAPERS_OUTPUT": self.ended.tail,
            "DAILYPAPERS_TROUBLES": _lines(found),
        }


def _lines(found: Sequence[Problem]) -> str:
    # A reason may quote what a site wrote, and no variable takes a NUL.
    text = "\n".join(f"{trouble.identity}: {trouble.reason}" for trouble in found).replace("\0", "")
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]} ...\n{len(found)} in all: dailypapers status"


def _instant(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
