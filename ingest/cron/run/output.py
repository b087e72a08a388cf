"""Both outputs of a process, taken as they come and handed on in whole lines."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import Final

MAX_LENGTH: Final = 65536
"""Bytes after which a line is handed on although it has not ended."""

Output = Callable[[bytes, bool], object]
"""Takes whole lines, and whether they are of stderr."""


class Lines:
    """Reads until told to stop: a process that has ended may have left its outputs open in another."""

    def __init__(self, process: subprocess.Popen[bytes], take: Output) -> None:
        self._process, self._take = process, take
        self._pending = {False: b"", True: b""}
        self._selector = selectors.DefaultSelector()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, selectors.EVENT_READ, stream is process.stderr)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        for of_stderr, pending in self._pending.items():
            if pending:
                self._take(pending, of_stderr)
        self._selector.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def read(self, seconds: float) -> bool:
        """Take what is there or comes within these seconds; whether anything did."""
        if not self._selector.get_map():
            self._wait(seconds)
            return False
        ready = self._selector.select(seconds)
        for key, _ in ready:
            chunk = os.read(key.fd, MAX_LENGTH)
            if not chunk:
                self._selector.unregister(key.fileobj)
            self._add(chunk, of_stderr=key.data)
        return bool(ready)

    def _wait(self, seconds: float) -> None:
        if self._process.returncode is not None:
            sleep(seconds)
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _add(self, chunk: bytes, *, of_stderr: bool) -> None:
        whole, newline, rest = (self._pending[of_stderr] + chunk).rpartition(b"\n")
        if len(rest) > MAX_LENGTH:
            whole, newline, rest = whole + newline + rest, b"", b""
        if whole or newline:
            self._take(whole + newline, of_stderr)
        self._pending[of_stderr] = rest
