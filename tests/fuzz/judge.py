"""Checks exceptions, time and memory of each execution, and stores suspicious inputs, one file per cause."""

from __future__ import annotations

import hashlib
import json
import resource
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.fuzz.targets import Target

SLOW: Final = 1.0
"""Seconds of processor time, so that a busy machine causes no findings."""
MEMORY: Final = 200.0
"""MiB of peak memory allowed for a process."""

LOADED: Final = 60.0
"""MiB of a process that has loaded everything and done nothing: the fuzzer's own memory does not count."""

_KEPT = 20
_MAX_MEMORY = 3 * 2**30


def bounded() -> None:
    """Limit the memory of this process, to protect the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))


def forget_peak() -> None:
    """Reset the kernel's peak counter (proc_pid_clear_refs(5))."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """The peak memory of this process since the reset, in MiB (proc_pid_status(5))."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM:"))


@dataclass
class Judge:
    """The results of one target so far; `folder` receives bad inputs, `report` the figures."""

    target: Target
    folder: Path
    report: Path
    executions: int = 0
    slowest: float = 0.0
    peak: float = 0.0
    largest: int = 0
    causes: set[str] = field(default_factory=set)
    reported: float = 0.0

    def __post_init__(self) -> None:
        """Continue the counts of an earlier process."""
        if self.report.exists():
            self.__dict__ |= json.loads(self.report.read_text())

    def __call__(self, data: bytes) -> None:
        """Run it once; exceptions of the target are recorded, not raised."""
        self.executions += 1
        if time.monotonic() - self.reported > 1:
            self.tell()
        self.largest = max(self.largest, len(data))
        forget_peak()
        before = peak()
        begun = time.process_time()
        try:
            found = self.target.run(data)
            spent = time.process_time() - begun
            most = peak() - before + LOADED
            self.target.holds(found)
        except Exception as error:
            self._keep("crash", _cause(error), data)
            return
        self.slowest, self.peak = max(self.slowest, spent), max(self.peak, most)
        if spent > SLOW:
            self._keep("slow", f"{len(self.causes)}", data)
        if most > MEMORY:
            self._keep("large", f"{len(self.causes)}", data)

    def tell(self) -> None:
        """Write the figures; called regularly, because a fuzzer ends its process without notice."""
        self.reported = time.monotonic()
        figures = {"executions": self.executions, "slowest": self.slowest, "peak": self.peak, "largest": self.largest}
        self.report.write_text(json.dumps(figures))

    def _keep(self, kind: str, cause: str, data: bytes) -> None:
        name = hashlib.sha256(f"{kind}{cause}".encode()).hexdigest()[:8]
        if name in self.causes or len(self.causes) >= _KEPT:
            return
        self.causes.add(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{kind}-{self.target.name}-{name}").write_bytes(data)


def _cause(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} " + " ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-3:])
