"""What `push` and `pull` have done so far: progress on stderr, problems as warnings, and the totals."""

from __future__ import annotations

import time
from typing import Final

from .log import Log
from .messages import format_count

SECONDS: Final = 5.0
"""Between two lines of progress."""


class Transfer:
    """Counts files and bytes."""

    def __init__(self, log: Log, done: str) -> None:
        """`done` is the word for a file that was transferred."""
        self.files = self.days = self.bytes = 0
        self.problems: list[str] = []
        self._log, self._done = log, done
        self._shown = time.monotonic()

    def add(self, files: int, size: int, *, is_day: bool) -> None:
        """Count files, of a day if `is_day`; says from time to time how far it is."""
        self.files += files
        self.bytes += size
        self.days += is_day
        if time.monotonic() - self._shown >= SECONDS:
            self._shown = time.monotonic()
            self._log.info(f"{format_count(self.files, 'file')} {self._done}, {self.size}")

    def problem(self, problem: str) -> None:
        """Note and show what was left out."""
        self.problems.append(problem)
        self._log.warning(problem)

    @property
    def size(self) -> str:
        """The bytes, for people."""
        return f"{self.bytes / 1e6:,.1f} MB" if self.bytes >= 50_000 else f"{self.bytes:,} bytes"

    def as_json(self, url: str) -> dict[str, object]:
        """The totals."""
        return {
            "url": url,
            "days": self.days,
            "files": self.files,
            "bytes": self.bytes,
            "problems": self.problems,
        }
