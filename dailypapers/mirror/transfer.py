"""What `push` and `pull` have done so far: progress on stderr, problems as warnings, and the totals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.messages import format_count
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings
from dailypapers.ingest.exit_status import ATTENTION, DONE

if TYPE_CHECKING:
    from .mirror import Transferred

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

    def add(self, each: Transferred) -> None:
        """Count the files of a day or of none; says what was left out, and from time to time how far it is."""
        self.files += each.files
        self.bytes += each.size
        self.days += each.certificate is not None and each.files > 0
        if time.monotonic() - self._shown >= SECONDS:
            self._shown = time.monotonic()
            self._log.info(f"{format_count(self.files, 'file')} {self._done}, {self._size}")
        for problem in each.problems:
            self.problem(problem)

    def problem(self, problem: str) -> None:
        """Note and show what was left out."""
        self.problems.append(problem)
        self._log.warning(problem)

    def finish(self, settings: Settings, url: str, noun: str, done: str, nothing: str) -> int:
        """Print the totals, or `nothing`; returns the exit status."""
        if settings.json:
            totals = {"days": self.days, "files": self.files, "bytes": self.bytes, "problems": self.problems}
            print_json({"url": url, **totals})
        elif not settings.quiet:
            counts = f"{format_count(self.files, noun)} of {format_count(self.days, 'day')} {done}, {self._size}"
            print_line(f"{url}: {counts if self.files else nothing}")
        return ATTENTION if self.problems else DONE

    @property
    def _size(self) -> str:
        return f"{self.bytes / 1e6:,.1f} MB" if self.bytes >= 50_000 else f"{self.bytes:,} bytes"
