"""The report of a run, `runs/<day>/<run-id>.json`: what a command that fetches or builds did.

It is written when the work begins and again when the command ends, whether it succeeds or fails. A report without an
end belongs to a run that is still working, or was killed. docs/monitoring.md explains each key.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final

import orjson

from dailypapers.ingest import __version__
from dailypapers.ingest.clock import Clock
from dailypapers.ingest.errors import USAGE
from dailypapers.ingest.fetch.traffic import Traffic
from dailypapers.ingest.log_lines import redacted
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import file_lock

from .reader import thin

VERSION: Final = 1
"""Of the report; it rises when a key is removed or changes its meaning, not when one is added."""
MAX_WARNINGS: Final = 100
"""Further warnings are only counted."""
MAX_TRACEBACKS: Final = 3
"""A bug that many days meet has the same traceback on each."""
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_APPEND_NEWLINE


class RunReport:
    """What the running command has done so far."""

    error: str | None = None
    """Why the command failed."""
    tracebacks: Sequence[str] = ()
    """Of the bugs that made it, or days of it, fail; the first few are written."""

    def __init__(
        self, store: Store, command: str, arguments: Sequence[str], clock: Clock, token: str | None = None
    ) -> None:
        """Begin the report of a command, without writing it; `token` is the secret of the user, which is redacted."""
        self._store, self._command, self._arguments, self._clock, self._token = store, command, arguments, clock, token
        self._started, self._start = clock.now(), time.monotonic()
        name = f"{self._started:%Y%m%dT%H%M%SZ}-{os.urandom(4).hex()}.json"
        self._path = store.runs(self._started.date()) / name
        self._is_first = not self._path.parent.exists()
        self._lock: ExitStack | None = None
        # A backfill has thousands of rows, which are much alike.
        self._compressor, self._compressed_days = zlib.compressobj(1), bytearray()
        self._sites: dict[str, Traffic] = {}
        self._warnings: list[str] = []
        self._unlisted_warnings = 0
        self._attention = 0

    @property
    def id(self) -> str:
        """The run's name."""
        return self._path.stem

    def open(self) -> None:
        """Write the report without an end, and lock it until the process ends.

        Disk errors are ignored here: the work itself will raise them.
        """
        if self._lock is not None:
            return
        try:
            write_whole(self._path, self._to_json(None))
            with ExitStack() as stack:
                stack.enter_context(file_lock(self._path))
                self._lock = stack.pop_all()
        except OSError:
            return

    def traffic(self, site: str) -> Traffic:
        """The counts of a site, for its client to update."""
        return self._sites.setdefault(site, Traffic(site))

    def day(self, row: Mapping[str, object]) -> None:
        """Add the result of a source-day."""
        self._attention += bool(row["attention"])
        line = redacted(orjson.dumps(row, option=_OPTIONS & ~orjson.OPT_INDENT_2).decode(), self._token)
        self._compressed_days += self._compressor.compress(line.encode())

    def warn(self, message: str) -> None:
        """Add a warning."""
        if len(self._warnings) < MAX_WARNINGS:
            self._warnings.append(redacted(message, self._token))
        else:
            self._unlisted_warnings += 1

    def end(self, status: int) -> str | None:
        """Write the end of the report; returns a message if that failed.

        The first run of a day removes old reports. Wrong usage leaves no report.
        """
        if status == USAGE and self._lock is None:
            return None
        try:
            write_whole(self._path, self._to_json(status))
            if self._is_first:
                thin(self._store, self._clock.today())
        except OSError as error:
            return f"{error.filename or self._path}: the run's report cannot be written ({error.strerror or error})"
        finally:
            if self._lock is not None:
                self._lock.close()
                self._lock = None
        return None

    def _to_json(self, status: int | None) -> bytes:
        ended = status is not None
        days = zlib.decompress(self._compressed_days + self._compressor.copy().flush()).splitlines()
        report = {
            "version": VERSION,
            "id": self.id,
            "command": self._command,
            "arguments": [redacted(word, self._token) for word in self._arguments],
            "software": __version__,
            "started": self._started,
            "ended": self._clock.now() if ended else None,
            "seconds": round(time.monotonic() - self._start, 3) if ended else None,
            "exit": status,
            "error": redacted(self.error, self._token) if self.error else None,
            "tracebacks": [redacted(text, self._token) for text in self.tracebacks[:MAX_TRACEBACKS]],
            "attention": self._attention,
            "days": [orjson.Fragment(row) for row in days],
            "sites": [site.as_json() for site in self._sites.values()],
            "warnings": [*self._warnings, *([f"{self._unlisted_warnings} more"] if self._unlisted_warnings else [])],
            "peak_memory_bytes": peak_memory(),
        }
        return orjson.dumps(report, option=_OPTIONS)


def peak_memory() -> int:
    """The peak memory of this process in bytes (getrusage(2): KiB on Linux, bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Final = {"type": ["integer", "null"], "minimum": 0}
_TIME: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_SECONDS: Final = {"type": ["number", "null"], "minimum": 0}


def _object(**properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_DAY: Final = _object(
    source=_TEXT,
    query=_TEXT_OR_NULL,
    day={"type": "string", "format": "date"},
    fetched={"type": "boolean"},
    attention={"type": "boolean"},
    papers=_COUNT_OR_NULL,
    new=_COUNT_OR_NULL,
    changed=_COUNT_OR_NULL,
    gone=_COUNT_OR_NULL,
    rejects=_COUNT_OR_NULL,
    state={"enum": ["open", "settling", "closed", "empty", "partial", None]},
    reason=_TEXT_OR_NULL,
    failed=_TEXT_OR_NULL,
    skipped=_TEXT_OR_NULL,
)

_SITE: Final = _object(
    site=_TEXT,
    requests={"type": "object", "patternProperties": {r"^([1-9]\d\d|fault)$": _COUNT}, "additionalProperties": False},
    bytes=_COUNT,
    retries=_COUNT,
    waited_seconds={"type": "number", "minimum": 0},
)

SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What a run of dailypapers did",
    **_object(
        version={"const": VERSION},
        id={"type": "string", "pattern": r"^\d{8}T\d{6}Z-[0-9a-f]{8}$"},
        command={"enum": ["run", "backfill", "import", "build", "pull"]},
        arguments={"type": "array", "items": _TEXT},
        software=_TEXT,
        started=_TIME,
        ended={"anyOf": [_TIME, {"type": "null"}]},
        seconds=_SECONDS,
        exit=_COUNT_OR_NULL,
        error=_TEXT_OR_NULL,
        tracebacks={"type": "array", "items": _TEXT},
        attention=_COUNT,
        days={"type": "array", "items": _DAY},
        sites={"type": "array", "items": _SITE},
        warnings={"type": "array", "items": _TEXT},
        peak_memory_bytes=_COUNT,
    ),
}
