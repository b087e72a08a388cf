"""The progress of a backfill: a bar with rate and ETA on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

from .log import Log
from .output import is_terminal
from .settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import Task, TaskID

DAYS_PER_LINE: Final = 25
"""Days between two plain lines of progress."""


class Progress:
    """Counts the days that are done."""

    def __init__(self, settings: Settings, log: Log, days: int) -> None:
        """`days` is how many there are to do."""
        self._settings, self._log = settings, log
        self._days = days
        self._done = 0
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        settings = self._settings
        is_plain = settings.quiet or settings.json or self._log.is_json or not is_terminal(sys.stdout)
        if is_terminal(sys.stderr) and not is_plain and self._days:
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("days", total=self._days)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def print_line(self, line: str | None) -> None:
        """Print the line of a day that is done, if it has one, and the progress."""
        self._done += 1
        if self._bar is not None and self._task is not None:
            self._bar.console.print(line, highlight=False, markup=False, soft_wrap=True)
            self._bar.advance(self._task)
            return
        if line is not None:
            click.echo(line)
        if self._done % DAYS_PER_LINE == 0 and self._done < self._days:
            self._log.info(self._describe())

    def _describe(self) -> str:
        elapsed = time.monotonic() - self._started
        left = elapsed / self._done * (self._days - self._done)
        rate = self._done / elapsed * 60 if elapsed else 0.0
        return f"{self._done} of {self._days} days, {rate:.0f} per minute, {_format_duration(left)} left"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed * 60:.0f} per minute" if task.speed else "")

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("days"), RateColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True)


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
