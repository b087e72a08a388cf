"""What the scheduler of a store remembers: which slots are handled, and which problems its hooks were notified of.

It is in the state folder, `cron-<8 hex of the store's path>.json`. Beside it are `.lock`, held by the scheduler, and
`-<job>.lock`, held by a job and all its processes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from dailypapers.ingest.errors import IngestError
from dailypapers.snapshots.store.atomic import make_folder, read_whole, write_whole
from dailypapers.snapshots.store.locks import file_lock

from .jobs import Job


class JobState(BaseModel):
    """What is remembered of a job."""

    times: str = ""
    """The schedule and the zone that `handled` is about."""
    handled: AwareDatetime | None = None
    notified: list[str] = []


class StateFile(BaseModel):
    """The content of the file."""

    jobs: dict[str, JobState] = {}


class CronState:
    """The scheduler's state of one store, safe for threads and processes."""

    def __init__(self, folder: Path, root: Path) -> None:
        digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:8]
        self.path = folder / f"cron-{digest}.json"

    def handled(self, job: Job) -> datetime | None:
        """The time up to which the slots of a job are handled; None if it is unknown, or of another schedule."""
        state = self._read().jobs.get(job.name, JobState())
        return state.handled if state.times == times_of(job) else None

    def mark_handled(self, job: Job, until: datetime) -> None:
        """Write to disk, synced, that the slots of a job up to an instant are handled."""
        self._update(job, {"times": times_of(job), "handled": until})

    def notified(self, job: Job) -> list[str]:
        """The problems that the job's hook was notified of."""
        return self._read().jobs.get(job.name, JobState()).notified

    def mark_notified(self, job: Job, problems: list[str]) -> None:
        """Write the problems that the job's hook was notified of."""
        self._update(job, {"notified": problems})

    @contextmanager
    def only_scheduler(self) -> Iterator[None]:
        """Be the only scheduler of the store. Raises IngestError if there is one already."""
        path = self.path.with_suffix(".lock")
        with _lock(path, wait=False) as lock:
            if lock is None:
                raise IngestError(f"another scheduler holds {path}; stop it, or leave the jobs to it")
            yield

    def running(self, job: Job) -> AbstractContextManager[int | None]:
        """Hold the lock of a job, which its processes inherit; returns None if the job is already running."""
        return _lock(self.path.with_name(f"{self.path.stem}-{job.name}.lock"), wait=False)

    def _read(self) -> StateFile:
        try:
            return StateFile.model_validate_json(read_whole(self.path))
        except (FileNotFoundError, ValidationError):
            # The file is written atomically, so an invalid one was edited by hand; the scheduler starts afresh.
            return StateFile()

    def _update(self, job: Job, changes: dict[str, object]) -> None:
        with _lock(self.path.with_suffix(".json.lock")):
            file = self._read()
            state = file.jobs.get(job.name, JobState()).model_copy(update=changes)
            updated = StateFile(jobs=file.jobs | {job.name: state})
            write_whole(self.path, updated.model_dump_json(indent=2).encode() + b"\n")


def _lock(path: Path, *, wait: bool = True) -> AbstractContextManager[int | None]:
    make_folder(path.parent)
    return file_lock(path, wait=wait)


def times_of(job: Job) -> str:
    """The schedule and the zone of a job: where they differ, the slots of a job are others."""
    return f"{job.schedule} {job.timezone}"
