"""Reads both outputs of a process as they come and passes them on in whole lines."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import Final

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
