"""Backfills as processes, and their memory while they run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

from tests.papersite import PaperSite

EVERY = 0.1  # seconds between two memory samples
NEAR = 20  # samples within this many days before a number of days count for it


@dataclass(frozen=True)
class Sample:
    """Memory of a process in MiB after some number of days: current, and peak so far."""

    days: int
    now: float
    peak: float


@dataclass
class Backfill:
    """A backfill of some days, running or finished."""

    days: Sequence[date]
    process: subprocess.Popen[bytes]
    said: Path
    samples: list[Sample] = field(default_factory=list)

    def look(self) -> None:
        """Take a sample, if it is still running."""
        found = memory(self.process.pid)
        if found is not None:
            done = self.said.read_bytes().count(b"\n")
            self.samples.append(Sample(done, found["VmRSS"], found["VmHWM"]))

    @property
    def failed(self) -> bool:
        return self.process.returncode != 0

    @property
    def complaint(self) -> str:
        """The end of its stderr."""
        return self.said.with_suffix(".log").read_text()[-300:].replace("\n", " / ")

    @property
    def peak(self) -> float:
        return max((sample.peak for sample in self.samples), default=0.0)

    def memory_at(self, days: int) -> float:
        """The memory in MiB around that number of days; 0 without samples."""
        return median([sample.now for sample in self.samples if days - NEAR < sample.days <= days] or [0.0])


@dataclass(frozen=True)
class Machine:
    """The setting of backfills: one store and one state folder for all of them, and a budget."""

    site: PaperSite
    folder: Path
    budget: str

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def start(self, days: Sequence[date]) -> Backfill:
        """Start a backfill of these days."""
        said = self.folder / f"{days[0]}.txt"
        words = ["--store", f"{self.store}", "--now", self.site.now.isoformat(), "backfill", "hf-daily"]
        words += ["--since", f"{days[0]}", "--until", f"{days[-1]}"]
        with said.open("wb") as out, said.with_suffix(".log").open("wb") as log:
            command = [sys.executable, "-c", "from dailypapers.cli.main import main; raise SystemExit(main())", *words]
            return Backfill(days, subprocess.Popen(command, env=self._environment(), stdout=out, stderr=log), said)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DAILYPAPERS_"))}
        kept |= {"HF_ENDPOINT": self.site.url, "DAILYPAPERS_STATE": f"{self.folder / 'state'}"}
        return kept | {"DAILYPAPERS_BUDGET": self.budget, "PYTHONPATH": f"{Path(__file__).parents[2]}"}


def watch(backfills: Sequence[Backfill], meanwhile: Callable[[], object] = lambda: None) -> float:
    """Sample them until all have ended; gives the elapsed seconds."""
    begun = time.monotonic()
    try:
        while any(one.process.poll() is None for one in backfills):
            for one in backfills:
                one.look()
            meanwhile()
            time.sleep(EVERY)
    finally:
        for one in backfills:
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()
    return time.monotonic() - begun


def memory(pid: int) -> Mapping[str, float] | None:
    """The memory of a process in MiB (proc_pid_status(5)); None once it has ended."""
    try:
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = {row.split(":")[0]: row.split()[1] for row in rows if row.startswith(("VmRSS:", "VmHWM:"))}
    return {name: int(kibibytes) / 1024 for name, kibibytes in found.items()} if len(found) == 2 else None
