"""The progress of a backfill: a bar with rate and time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

from .log import Log
from .output import is_terminal
from .settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

DAYS_PER_LINE: Final = 25
"""Days between two plain lines of progress."""


class Progress:
    """Counts the days that are done."""

    def __init__(self, settings: Settings, log: Log, days: int) -> None:
        """`days` is how many there are to do."""
        is_plain = settings.quiet or settings.json or log.is_json or not is_terminal(sys.stdout)
        self._bar = _bar(days) if is_terminal(sys.stderr) and not is_plain and days else None
        self._log, self._days, self._done = log, days, 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def print_line(self, line: str | None) -> None:
        """Print the line of a day that is done, if it has one, and the progress."""
        self._done += 1
        if self._bar is not None:
            self._bar.console.print(line, highlight=False, markup=False, soft_wrap=True)
            self._bar.update(self._bar.task_ids[0], advance=1, description=self._describe())
            return
        if line is not None:
            click.echo(line)
        if self._done % DAYS_PER_LINE == 0 and self._done < self._days:
            self._log.info(self._describe())

    def _describe(self) -> str:
        elapsed = time.monotonic() - self._started
        left = timedelta(seconds=round(elapsed / self._done * (self._days - self._done)))
        rate = self._done / elapsed * 60 if elapsed else 0.0
        return f"{self._done} of {self._days} days, {rate:.0f} per minute, {left} left"


def _bar(days: int) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    bar = Bar(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    bar.add_task(f"0 of {days} days", total=days)
    return bar
