"""What outlives a scheduler: which slots are settled and which troubles were told, in a file beside the budgets.

`$DAILYPAPERS_STATE/cron-<8 hex of the store's path>.json`; beside it `.lock`, which the scheduler holds, and
`-<job>.lock`, which a job holds with all its processes. The kernel gives both back, whatever dies.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from ingest.cron.config.jobs import Job
from ingest.errors import IngestError
from ingest.state_dir import state_folder
from snapshots.store.atomic import write_whole
from snapshots.store.locks import file_lock


class Entry(BaseModel):
    """What is kept of a job."""

    times: str = ""
    """The schedule and the zone that the slots are of."""
    settled: AwareDatetime | None = None
    told: list[str] = []


class Kept(BaseModel):
    """The whole file."""

    jobs: dict[str, Entry] = {}


class CronState:
    """The cron state of one store, safe for threads and processes."""

    def __init__(self, root: Path) -> None:
        digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:8]
        self.path = state_folder() / f"cron-{digest}.json"

    def settled(self, job: Job) -> datetime | None:
        """Up to when the slots of a job are settled; None where that is not known, or of other times than the job's."""
        found = self._read().jobs.get(job.name, Entry())
        return found.settled if found.times == _times(job) else None

    def settle(self, job: Job, until: datetime) -> None:
        """Write, to the disk itself, that the slots of a job up to an instant are settled."""
        self._update(job, {"times": _times(job), "settled": until})

    def told(self, job: Job) -> list[str]:
        """The troubles that were told for a job."""
        return self._read().jobs.get(job.name, Entry()).told

    def tell(self, job: Job, problems: list[str]) -> None:
        """Keep which troubles were told."""
        self._update(job, {"told": problems})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one scheduler of the store. Raises IngestError where there is one."""
        with file_lock(self.path.with_suffix(".lock"), wait=False) as handle:
            if handle is None:
                raise IngestError(
                    f"another scheduler has {self.path.with_suffix('.lock')}; stop it, or leave the jobs to it"
                )
            yield

    @contextmanager
    def running(self, job: Job) -> Iterator[int | None]:
        """The lock of a job, to be handed on to its processes; None where it is running already."""
        with file_lock(self.path.with_name(f"{self.path.stem}-{job.name}.lock"), wait=False) as handle:
            yield handle

    def _read(self) -> Kept:
        try:
            return Kept.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return Kept()
        except ValidationError:
            # Written whole, so another hand was at it; what it knew is which slots are settled, and what was told.
            return Kept()

    def _update(self, job: Job, entries: dict[str, object]) -> None:
        with file_lock(self.path.with_suffix(".json.lock")):
            kept = self._read()
            entry = kept.jobs.get(job.name, Entry()).model_copy(update=entries)
            changed = Kept(jobs=kept.jobs | {job.name: entry})
            write_whole(self.path, changed.model_dump_json(indent=2).encode() + b"\n")


def _times(job: Job) -> str:
    return f"{job.schedule} {job.timezone}"
