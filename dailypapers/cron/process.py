"""Runs a command as a process group: forwards its output, limits its time, and ends all of its processes."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from dailypapers.ingest.log_lines import plain_lines

MAX_LINE: Final = 65536
"""Bytes after which an unfinished line is passed on."""

Output = Callable[[bytes, bool], object]
"""Takes whole lines, and whether they are from stderr."""


class LineReader:
    """Reads for as long as its user wants to: a process that has ended may have left its outputs open in a child."""

    def __init__(self, process: subprocess.Popen[bytes], output: Output) -> None:
        self._process, self._output = process, output
        self._streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
        self._pending = {False: b"", True: b""}
        self._selector = selectors.DefaultSelector()
        for stream in self._streams:
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, stream is process.stderr)

    def __enter__(self) -> LineReader:
        return self

    def __exit__(self, *error: object) -> None:
        for from_stderr, pending in self._pending.items():
            if pending:
                self._output(pending, from_stderr)
        self._selector.close()
        for stream in self._streams:
            stream.close()

    def read(self, seconds: float) -> bool:
        """Read what is there or comes within these seconds; gives whether anything did."""
        if not self._selector.get_map():
            self._wait(seconds)
            return False
        ready = self._selector.select(seconds)
        for key, _ in ready:
            chunk = os.read(key.fd, MAX_LINE)
            if not chunk:
                self._selector.unregister(key.fileobj)
            self._add(chunk, from_stderr=key.data)
        return bool(ready)

    def _wait(self, seconds: float) -> None:
        if self._process.returncode is not None:
            sleep(seconds)
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _add(self, chunk: bytes, *, from_stderr: bool) -> None:
        lines, newline, rest = (self._pending[from_stderr] + chunk).rpartition(b"\n")
        if len(rest) > MAX_LINE:
            lines, newline, rest = lines + newline + rest, b"", b""
        if lines or newline:
            self._output(lines + newline, from_stderr)
        self._pending[from_stderr] = rest


GRACE: Final = timedelta(seconds=20)
"""From SIGTERM to SIGKILL."""
POLL_SECONDS: Final = 0.2
"""Between two checks of the time limit and of whether to stop."""
MAX_FINAL_READS: Final = 64
MAX_TAIL: Final = 4000
"""Bytes of the end of the output that are kept."""


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a command ended."""

    exit: int
    """As in a shell: 128 plus the signal's number if a signal ended it, 126 if it could not be started."""
    tail: str
    """The end of its output."""
    timed_out: bool = False
    stopped: bool = False
    """Whether it was ended because `stop` returned true."""


def run_process(
    command: Sequence[str],
    environment: Mapping[str, str],
    output: Output,
    *,
    limit: timedelta | None,
    stop: Callable[[], bool],
    lock: int | None = None,
) -> ProcessResult:
    """Run a command in its own session, without input, and wait until it ends.

    After `limit`, or once `stop` returns true, the whole group gets SIGTERM, and SIGKILL after the grace period. `lock`
    is a descriptor that the processes inherit.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the jobs of the user's own file
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
        )
    except OSError as error:
        return ProcessResult(126, f"could not be started: {error}")
    return _ProcessGroup(process, output).wait(limit, stop)


@dataclass(slots=True)
class _ProcessGroup:
    process: subprocess.Popen[bytes]
    output: Output
    tail: bytearray = field(default_factory=bytearray)
    kill_at: float | None = None
    killed: bool = False

    def wait(self, limit: timedelta | None, stop: Callable[[], bool]) -> ProcessResult:
        deadline = monotonic() + limit.total_seconds() if limit else float("inf")
        timed_out = stopped = False
        with LineReader(self.process, self._take) as lines:
            while not self._has_ended():
                lines.read(POLL_SECONDS)
                if self.kill_at is None:
                    timed_out, stopped = monotonic() > deadline, stop()
                    if timed_out or stopped:
                        self.kill_at = monotonic() + GRACE.total_seconds()
                        self._signal(signal.SIGTERM)
                elif monotonic() > self.kill_at:
                    self.killed = self._signal(signal.SIGKILL)
            # The last output. A child that still runs may keep writing, so the number of reads is limited.
            for _ in range(MAX_FINAL_READS):
                if not lines.read(0):
                    break
        status = self.process.returncode
        text = self.tail.decode("utf-8", errors="replace").replace("\0", "")
        return ProcessResult(status if status >= 0 else 128 - status, text, timed_out, stopped)

    def _has_ended(self) -> bool:
        """Whether the command has ended and, once the group was signalled, its whole group."""
        if self.process.poll() is None:
            return False
        # Reap orphans that were re-parented to us (we may be PID 1).
        with suppress(ChildProcessError):
            while os.waitpid(-self.process.pid, os.WNOHANG)[0]:
                pass
        return self.kill_at is None or self.killed or not self._is_running()

    def _is_running(self) -> bool:
        """Whether any process of the group still runs.

        A zombie stays in the group until its parent reaps it, which a slow PID 1 may do late; it is not counted if
        /proc (proc_pid_stat(5)) shows its state.
        """
        if not self._signal(0):
            return False
        stats = [stat for stat in map(_stat, Path("/proc").glob("[0-9]*/stat")) if stat]
        return not stats or any(group == str(self.process.pid) and state not in "ZX" for state, _, group in stats)

    def _signal(self, number: int) -> bool:
        """Send a signal to the group; returns whether there is still a process in it."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS raises the second for a group that has just ended
            return False
        return True

    def _take(self, lines: bytes, from_stderr: bool) -> None:  # noqa: FBT001 - the signature of Output
        self.tail += plain_lines(lines)
        del self.tail[:-MAX_TAIL]
        self.output(lines, from_stderr)


def _stat(path: Path) -> list[str]:
    """State, parent and process group of a process; empty if it is gone."""
    with suppress(OSError):
        return path.read_text(errors="replace").rpartition(")")[2].split()[:3]
    return []
