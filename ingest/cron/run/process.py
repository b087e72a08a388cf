"""One command as a process group of its own: its output passed on, its time limited, its end seen to."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from ingest.log_lines import plain_lines

from .output import Lines, Output

GRACE: Final = timedelta(seconds=20)
"""From TERM to KILL."""
LOOK: Final = 0.2
"""Seconds between two looks at the clock and at whether to stop."""
LAST: Final = 64
"""Reads after the end."""
TAIL: Final = 4000
"""Bytes of the output that are kept."""


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """What came of a command."""

    exit: int
    """As a shell has it: 128 and the signal's number where one ended it."""
    tail: str
    """The end of what it wrote."""
    timed_out: bool
    stopped: bool
    """Ended because we were told to stop."""


@dataclass(slots=True)
class Group:
    """A process group under way."""

    process: subprocess.Popen[bytes]
    output: Output
    tail: bytearray = field(default_factory=bytearray)
    kill_at: float | None = None
    killed: bool = False

    def watch(self, limit: timedelta | None, stop: Callable[[], bool]) -> ProcessResult:
        """Wait for its end; at the limit, or when told to stop, TERM and after the grace KILL for the whole group."""
        deadline = monotonic() + limit.total_seconds() if limit else float("inf")
        timed_out = stopped = False
        with Lines(self.process, self._take) as lines:
            while not self._over():
                lines.read(LOOK)
                if self.kill_at is None:
                    timed_out, stopped = monotonic() > deadline, stop()
                    if timed_out or stopped:
                        self._end()
                elif monotonic() > self.kill_at:
                    self.killed = self._signal(signal.SIGKILL)
            # What it wrote last; what it left behind in its group may write on, so not for ever.
            for _ in range(LAST):
                if not lines.read(0):
                    break
        status = self.process.returncode
        text = self.tail.decode("utf-8", errors="replace").replace("\0", "")
        return ProcessResult(status if status >= 0 else 128 - status, text, timed_out, stopped)

    def _over(self) -> bool:
        """Whether the command has ended and, where the group was told to, all of its group."""
        if self.process.poll() is None:
            return False
        self._reap()
        return self.kill_at is None or self.killed or not self._lives()

    def _reap(self) -> None:
        """Take leave of those of the group that became our children, as orphans do where we are process 1."""
        with suppress(ChildProcessError):
            while os.waitpid(-self.process.pid, os.WNOHANG)[0]:
                pass

    def _lives(self) -> bool:
        """Whether anybody of the group does anything yet. One that has ended belongs to it until its parent takes leave
        of it, which may be a slow process 1; where there is no /proc (proc_pid_stat(5)) it counts.
        """
        if not self._signal(0):
            return False
        found = [stat for stat in map(_stat, Path("/proc").glob("[0-9]*/stat")) if stat]
        return not found or any(group == str(self.process.pid) and state not in "ZX" for state, _, group in found)

    def _end(self) -> None:
        self.kill_at = monotonic() + GRACE.total_seconds()
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> bool:
        """Send a signal to the group; whether there is anybody in it."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says the second of a group that has only just ended
            return False
        return True

    def _take(self, lines: bytes, of_stderr: bool) -> None:  # noqa: FBT001 - as Output has it
        self.tail += plain_lines(lines)
        del self.tail[:-TAIL]
        self.output(lines, of_stderr)


def start(words: Sequence[str], environment: Mapping[str, str], output: Output, lock: int | None = None) -> Group:
    """Start a command in a session of its own, without input; `lock` is a descriptor that it keeps open."""
    handed = () if lock is None else (lock,)
    pipe = subprocess.PIPE
    process = subprocess.Popen(  # noqa: S603 - the jobs of the user's own file
        words,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
        pass_fds=handed,
    )
    return Group(process, output)


def _stat(path: Path) -> list[str]:
    """State, parent and process group of a process; nothing if it has gone."""
    with suppress(OSError):
        return path.read_text(errors="replace").rpartition(")")[2].split()[:3]
    return []
