"""The scheduler: twice a second it checks the time and starts what is due.

It sets no timer, so it notices at once that a laptop slept or that the clock was changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final

from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.errors import StoreError

from .diagnostics import JobsFileError
from .due import due
from .durations import format_duration
from .job import RunContext, run_job
from .jobs import CommandCheck, Job, load
from .state import times_of

TICK_SECONDS: Final = 0.5


@dataclass(slots=True)
class Scheduler:
    """Starts the jobs of a file when they are due."""

    path: Path
    check_command: CommandCheck
    context: RunContext
    jobs: tuple[Job, ...] = ()
    handled: dict[str, datetime] = field(default_factory=dict)
    """By job name, the time up to which its slots are handled."""
    threads: list[Thread] = field(default_factory=list)
    file_version: tuple[int, ...] | None = None
    """Time, size and inode of the file that was loaded last."""
    reload_error: str | None = None
    """Why a changed file could not be loaded: logged once, and retried at every tick."""

    def run(self) -> None:
        """Start what is due until `stop` returns true, then wait for the jobs to end.

        Raises JobsFileError, and IngestError if another scheduler runs for the store.
        """
        with self.context.state.only_scheduler():
            self.load()
            try:
                while not self.context.stop():
                    self.tick()
                    time.sleep(TICK_SECONDS)
            finally:
                self._wait_for_jobs()

    def load(self) -> None:
        """Load the jobs from the file. Raises JobsFileError, and OSError."""
        self.file_version = _file_version(self.path)
        jobs = load(self.path, self.check_command).jobs
        # A job whose schedule is unchanged keeps its position.
        times = {job.name: times_of(job) for job in self.jobs}
        self.handled = {
            job.name: self.handled[job.name] if times.get(job.name) == times_of(job) else self._handled(job)
            for job in jobs
        }
        self.jobs = jobs
        slot, name = min((job.times.next(self.context.clock()), job.name) for job in jobs)
        number = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}"
        self.context.info(f"{self.path}: {number}, next {name} at {slot:%Y-%m-%d %H:%M} UTC")

    def tick(self) -> None:
        """Reload the file if it changed, and start what is due."""
        if _file_version(self.path) != self.file_version or self.reload_error is not None:
            self._reload()
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        now = self.context.clock()
        for job in self.jobs:
            action = due(job, self.handled[job.name], now, self.context.machine)
            if action is None:
                continue
            self.handled[job.name] = action.until
            if action.missed is not None:
                self._warn_missed(job, action.missed, action.slot)
            if action.slot is not None:
                thread = Thread(target=self._run, args=(job, action.slot), name=job.name)
                self.threads.append(thread)
                thread.start()

    def _run(self, job: Job, slot: datetime) -> None:
        try:
            run_job(job, slot, self.context)
        except (IngestError, StoreError, OSError) as error:
            # Logged here, since nothing reads the result of a thread; the next slot may succeed.
            self.context.warn(f"{job.name}: {error}")

    def _warn_missed(self, job: Job, first: datetime, slot: datetime | None) -> None:
        dropped = f"dropped, since they are more than catch_up ({format_duration(job.catch_up)}) late"
        outcome = "one run makes up for them" if slot else dropped
        self.context.warn(f"{job.name}: slots from {first:%Y-%m-%d %H:%M} UTC on were missed; {outcome}")

    def _reload(self) -> None:
        error_before, self.reload_error = self.reload_error, None
        try:
            self.load()
        except JobsFileError as error:
            self.context.warn(f"{error}\nthe jobs stay as they were until this is fixed")
        except OSError as error:
            problem = f"{error.filename or self.path}: {error.strerror}"
            self.reload_error = f"{problem}; the jobs stay as they were until this is fixed"
            if self.reload_error != error_before:
                self.context.warn(self.reload_error)

    def _handled(self, job: Job) -> datetime:
        """Up to when the slots of a job are handled; a job with a new schedule starts from now."""
        until = self.context.state.handled(job)
        if until is None:
            until = self.context.clock()
            self.context.state.mark_handled(job, until)
        return until

    def _wait_for_jobs(self) -> None:
        running = [thread for thread in self.threads if thread.is_alive()]
        if running:
            self.context.info(f"ending {', '.join(thread.name for thread in running)}")
        for thread in running:
            thread.join()


def _file_version(path: Path) -> tuple[int, ...] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
