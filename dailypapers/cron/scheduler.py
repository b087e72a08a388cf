"""The scheduler: twice a second it checks the time and starts what is due.

It sets no timer, so it notices at once that a laptop slept or that the clock was changed.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Final

from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.errors import StoreError

from .diagnostics import JobsFileError
from .job import RunContext, run_job
from .jobs import CommandCheck, Job, format_duration, load
from .state import times_of

CORRECTION: Final = timedelta(hours=3)
"""A clock that goes back by up to this repeats no slot; by more it was wrong, and the new time counts (cron(8))."""


@dataclass(frozen=True, slots=True)
class Due:
    """What to do about a job now."""

    until: datetime
    """The slots up to here are handled with this."""
    slot: datetime | None = None
    """The slot to start now."""
    missed: datetime | None = None
    """The first slot that was not started in time; it is dropped if there is no slot to start."""


def due(job: Job, after: datetime, now: datetime, machine: str) -> Due | None:
    """What to do now if the slots up to `after` are handled; None for nothing.

    Missed slots become one run. A slot that is later than `catch_up`, counted from the end of its jitter, is dropped.
    """
    if after - now > CORRECTION:
        return Due(until=now)
    first = job.times.next(after)
    if first > now or first + delay(job, first, machine) > now:
        return None
    begin = max(after, now - job.catch_up - job.jitter - timedelta(seconds=1))
    late = {slot: now - slot - delay(job, slot, machine) for slot in job.times.slots(begin, now)}
    started = [slot for slot in late if late[slot] >= timedelta()]
    in_time = [slot for slot in started if late[slot] <= job.catch_up]
    until = started[-1] if started else begin
    if not in_time:
        return Due(until, missed=first)
    return Due(until, slot=in_time[-1], missed=first if first != in_time[-1] else None)


def delay(job: Job, slot: datetime, machine: str) -> timedelta:
    """The jitter of a slot: random, but always the same for a slot and a machine, so that it survives a restart."""
    if not job.jitter:
        return timedelta()
    seed = f"{machine} {job.name} {slot.timestamp()}".encode()
    share = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") / 2**32
    return timedelta(seconds=int(job.jitter.total_seconds() * share))


SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Gives a function that tells whether one of the signals came; inside, they have no other effect."""
    received: list[int] = []

    def note(number: int, frame: object) -> None:  # noqa: ARG001 - signal's signature
        # Nothing more: the code that the signal interrupts may hold a lock that would be needed here.
        received.append(number)

    # Under nohup a terminal may close.
    used = [number for number in SIGNALS if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in used}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
