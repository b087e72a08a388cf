"""A scheduler with real processes and a clock that the test sets."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dailypapers.cron.job import RunContext, run_job
from dailypapers.cron.jobs import Job, load
from dailypapers.cron.process import ProcessResult
from dailypapers.cron.scheduler import Scheduler
from dailypapers.cron.state import CronState
from dailypapers.snapshots.store.layout import Store
from tests.cron.jobs import CHECK

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LONG = 120
"""Seconds after which a test gives up on an event; no test waits that long."""
SCRIPT = "import os, sys; code = os.environ.pop('SCRIPT', None); code and (exec(code), sys.stdout.flush(), os._exit(0))"
"""A sitecustomize: the job is a real process with the command line of a real job, and does what the test says."""


def until(true: Callable[[], object]) -> None:
    """Wait for an event."""
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


SHIFTED = """\
import sys
from datetime import UTC, datetime
import dailypapers.cron.run as command
from dailypapers.__main__ import main
shift = datetime.fromisoformat("{now}") - datetime.now(UTC)
command.system_clock = lambda: datetime.now(UTC) + shift
sys.exit(main())
"""
"""The program with its clock shifted, since `cron run` takes no --now."""


@dataclass
class Bench:
    """A folder with a store, a state folder and a cron.yaml, and the messages logged."""

    folder: Path
    now: datetime = NOON
    messages: list[str] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    stop: bool = False
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Processes that are killed when the test is over, however it ends."""

    def __post_init__(self) -> None:
        (self.folder / "site").mkdir()
        (self.folder / "site" / "sitecustomize.py").write_text(SCRIPT)

    @property
    def file(self) -> Path:
        return self.folder / "cron.yaml"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def state(self) -> CronState:
        return CronState(Path(os.environ["DAILYPAPERS_STATE"]), self.store)

    @property
    def context(self) -> RunContext:
        return RunContext(
            store=Store(self.store),
            state=self.state,
            variables=os.environ,
            machine="machine",
            clock=lambda: self.now,
            info=self.messages.append,
            warn=self.messages.append,
            output=lambda lines, from_stderr: self.written.append(lines),
            stop=lambda: self.stop,
        )

    def write(self, keys: str = "", script: str = "", name: str = "job", schedule: str = "* * * * *") -> None:
        """Write a cron.yaml of one job that runs a script in its process."""
        lines = [f"- name: {name}", f'  schedule: "{schedule}"', "  run: sources"]
        lines += ["  env:", f"    PYTHONPATH: {self.folder / 'site'}", f"    NOTES: {self.notes}"]
        lines += ["    SCRIPT: |", *textwrap.indent(textwrap.dedent(script).strip() or "pass", " " * 6).splitlines()]
        lines += textwrap.indent(textwrap.dedent(keys).strip(), "  ").splitlines()
        self.file.write_text("jobs:\n" + "\n".join(f"  {line}" for line in lines) + "\n")

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    def noted(self) -> list[str]:
        """The lines that jobs and hooks have written so far."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    @property
    def jobs(self) -> tuple[Job, ...]:
        return load(self.file, CHECK).jobs

    def run(self) -> ProcessResult | None:
        """Run the job of the file now."""
        return run_job(self.jobs[0], None, self.context)

    def scheduler(self) -> Scheduler:
        return Scheduler(self.file, CHECK, self.context)

    def command(self, *words: str) -> list[str]:
        """The command line of a scheduler that is a process of its own, with its clock put to the bench's."""
        program = SHIFTED.format(now=self.now.isoformat())
        begin = [sys.executable, "-P", "-c", program, "--store", str(self.store)]
        return [*begin, "cron", "--file", str(self.file), "run", *words]


def tick(scheduler: Scheduler) -> None:
    """One tick, and the end of the jobs that it started."""
    scheduler.tick()
    for thread in scheduler.threads:
        thread.join(LONG)
        assert not thread.is_alive()


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
