"""The report of a run: `runs/<day>/<run-id>.json`, what a command that fetches or builds did.

It is written when the work begins and again when the command ends, however it ends; a report without an end whose
process is gone is of a run that was killed. docs/monitoring.md says what each name means.
"""

from __future__ import annotations

import fcntl
import os
import resource
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from ingest import __version__
from ingest.clock import Clock
from ingest.exit_status import USAGE
from ingest.fetch.traffic import Traffic
from ingest.redaction import redacted
from snapshots.store.atomic import write_whole
from snapshots.store.layout import Store

from .reader import thin

VERSION: Final = 1
"""Of the report; it grows when a name goes or changes its meaning, not when one is added."""
WARNINGS: Final = 100
"""More warnings than so many are only counted."""
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE


class Packed:
    """Lines, packed as they come: a backfill has thousands, each much like the one before."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(1)
        self._packed = bytearray()

    def add(self, line: bytes) -> None:
        """Take up a line, which ends in a line break."""
        self._packed += self._packer.compress(line)

    def lines(self) -> list[bytes]:
        """All lines so far."""
        return zlib.decompress(self._packed + self._packer.copy().flush()).splitlines()


class RunReport:
    """What the running command has done so far."""

    error: str | None = None
    """Why the command failed."""

    def __init__(
        self, store: Store, command: str, arguments: Sequence[str], clock: Clock, token: str | None = None
    ) -> None:
        """Begins the report of a command, without writing it; `token` is the secret of the user, which is redacted."""
        self._store, self._command, self._arguments, self._clock, self._token = store, command, arguments, clock, token
        self._started, self._begun = clock.now(), time.monotonic()
        name = f"{self._started:%Y%m%dT%H%M%SZ}-{os.urandom(4).hex()}.json"
        self._path = store.runs(self._started.date()) / name
        self._is_first = not self._path.parent.exists()
        self._handle: int | None = None
        self._days = Packed()
        self._sites: dict[str, Traffic] = {}
        self._warnings: list[str] = []
        self._more = 0
        self._attention = 0

    def open(self) -> None:
        """Put the report on disk, without an end, before the first work; its lock says that the process lives.

        A disk that refuses is no error here: the work itself will meet it.
        """
        if self._handle is not None:
            return
        try:
            write_whole(self._path, self._to_json(None))
            self._handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError:
            return

    def traffic(self, site: str) -> Traffic:
        """The counts of a site, for whoever asks it."""
        return self._sites.setdefault(site, Traffic(site))

    def day(self, row: Mapping[str, object]) -> None:
        """Take up what came of a source-day."""
        self._attention += bool(row["attention"])
        self._days.add(orjson.dumps(row, option=_OPTIONS & ~orjson.OPT_INDENT_2))

    def warn(self, message: str) -> None:
        """Take up what needs attention besides the days."""
        if len(self._warnings) < WARNINGS:
            self._warnings.append(redacted(message, self._token))
        else:
            self._more += 1

    def end(self, status: int) -> str | None:
        """Write the end of the report; gives why that could not be done, if it could not.

        The first run of a day thins the reports of long ago. Wrong usage leaves no report: nothing was done.
        """
        if status == USAGE and self._handle is None:
            return None
        try:
            write_whole(self._path, self._to_json(status))
            if self._is_first:
                thin(self._store, self._clock.today())
        except OSError as error:
            return f"{error.filename or self._path}: the run's report cannot be written ({error.strerror or error})"
        finally:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
        return None

    def _to_json(self, status: int | None) -> bytes:
        ended = status is not None
        found = {
            "version": VERSION,
            "id": self._path.stem,
            "command": self._command,
            "arguments": [redacted(word, self._token) for word in self._arguments],
            "software": __version__,
            "started": self._started,
            "ended": self._clock.now() if ended else None,
            "seconds": round(time.monotonic() - self._begun, 3) if ended else None,
            "exit": status,
            "error": redacted(self.error, self._token) if self.error else None,
            "attention": self._attention,
            "days": [orjson.Fragment(row) for row in self._days.lines()],
            "sites": [site.as_json() for site in self._sites.values()],
            "warnings": [*self._warnings, *([f"{self._more} more"] if self._more else [])],
            "peak_memory_bytes": peak_memory(),
        }
        return orjson.dumps(found, option=_OPTIONS)


def peak_memory() -> int:
    """The most memory that this process ever had, in bytes (getrusage(2): KiB on Linux, bytes on macOS)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
