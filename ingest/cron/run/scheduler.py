"""The scheduler in the foreground: a look at the clock on the wall each half second, and what is due is started.

It waits for no timer, so a laptop that slept, or a clock that was set, is noticed at the next look.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final

from ingest.cron.config.diagnostics import BrokenJobs
from ingest.cron.config.durations import words
from ingest.cron.config.jobs import Job, Jobs, load
from ingest.errors import IngestError
from snapshots.errors import StoreError

from .due import due
from .job import RunContext, run_job

TICK: Final = 0.5


@dataclass(slots=True)
class Scheduler:
    """The jobs of a file, started when they are due."""

    path: Path
    around: RunContext
    jobs: tuple[Job, ...] = ()
    settled: dict[str, datetime] = field(default_factory=dict)
    """By the name of the job: up to when its slots are."""
    threads: list[Thread] = field(default_factory=list)
    seen: tuple[int, ...] | None = None
    """What tells a changed file: time, size, number."""
    complaint: str | None = None
    """Why a changed file could not be taken: said once, and tried again."""

    def run(self) -> None:
        """Start what is due until told to stop, then see all jobs to their end.

        Raises BrokenJobs, and IngestError where another scheduler has the store.
        """
        with self.around.state.alone():
            self.begin()
            try:
                while not self.around.stop():
                    self.tick()
                    time.sleep(TICK)
            finally:
                self._see_off()

    def begin(self) -> None:
        """Take the jobs from the file. Raises BrokenJobs, and OSError."""
        self.seen = _marks(self.path)
        self._take(load(self.path))
        number = f"{len(self.jobs)} job{'' if len(self.jobs) == 1 else 's'}"
        slot, name = min((job.times.next(self.around.clock()), job.name) for job in self.jobs)
        self.around.say(f"{self.path}: {number}, next {name} at {slot:%Y-%m-%d %H:%M} UTC")

    def tick(self) -> None:
        """One look at the clock and at the file."""
        self._look_at_file()
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        now = self.around.clock()
        for job in self.jobs:
            found = due(job, self.settled[job.name], now)
            if found is None:
                continue
            self.settled[job.name] = found.until
            if found.missed is not None:
                self._say_missed(job, found.missed, found.slot)
            if found.slot is not None:
                thread = Thread(target=self._run, args=(job, found.slot), name=job.name)
                self.threads.append(thread)
                thread.start()

    def _run(self, job: Job, slot: datetime) -> None:
        try:
            run_job(job, slot, self.around)
        except (IngestError, StoreError, OSError) as error:
            # The next slot may fare better; it is said, since nobody reads the status of a thread.
            self.around.warn(f"{job.name}: {error}")

    def _say_missed(self, job: Job, first: datetime, slot: datetime | None) -> None:
        missed = f"{job.name}: slots from {first:%Y-%m-%d %H:%M} UTC on were missed"
        late = f"; dropped, being more than catch_up ({words(job.catch_up)}) late"
        self.around.warn(f"{missed}; one run makes up for them" if slot else missed + late)

    def _look_at_file(self) -> None:
        if _marks(self.path) == self.seen and self.complaint is None:
            return
        complaint = None
        try:
            self.begin()
        except BrokenJobs as error:
            self.around.warn(f"{error}\nthe jobs stay as they were until that is mended")
        except OSError as error:
            complaint = (
                f"{error.filename or self.path}: {error.strerror}; the jobs stay as they were until it is mended"
            )
            if complaint != self.complaint:
                self.around.warn(complaint)
        self.complaint = complaint

    def _take(self, jobs: Jobs) -> None:
        """Jobs go on where they are; those that are new, or have other times than before, begin now."""
        times = {job.name: (job.schedule, job.timezone) for job in self.jobs}
        settled: dict[str, datetime] = {}
        for job in jobs.jobs:
            same = times.get(job.name) == (job.schedule, job.timezone)
            settled[job.name] = self.settled[job.name] if same else self._settled(job)
        self.jobs, self.settled = jobs.jobs, settled

    def _settled(self, job: Job) -> datetime:
        known = self.around.state.settled(job)
        if known is None:
            known = self.around.clock()
            self.around.state.settle(job, known)
        return known

    def _see_off(self) -> None:
        running = [thread for thread in self.threads if thread.is_alive()]
        if running:
            self.around.say(f"ending {', '.join(thread.name for thread in running)}")
        for thread in running:
            thread.join()


def _marks(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
