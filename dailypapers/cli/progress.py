"""The progress of a backfill: a bar with rate, waits and time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.sources.model import Source

from .log import Log
from .output import is_terminal
from .settings import Settings

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live

    from dailypapers.ingest.fetch.client import SiteClient

DAYS_PER_LINE: Final = 25
"""Days between two plain lines of progress."""
MIN_WAIT_SHOWN: Final = 1.0
"""Seconds; the bar would flicker for shorter waits."""
MIN_WAIT_LOGGED: Final = 10.0
"""Seconds; a shorter wait gets no plain line."""


class Progress:
    """Counts the days that are done, and estimates when all will be."""

    def __init__(self, settings: Settings, log: Log, days: int) -> None:
        """`days` is how many there are to do."""
        is_plain = settings.quiet or settings.json or log.is_json or settings.is_dumb or not is_terminal(sys.stdout)
        self._log, self._days, self._done = log, days, 0
        self._estimate = _Estimate(days)
        self._wait_end, self._wait_reason = 0.0, ""
        self._live = self._bar() if is_terminal(sys.stderr) and not is_plain and days else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def follow(self, days: Iterable[DayHistory], client: SiteClient, source: Source) -> Iterator[DayHistory]:
        """The same days; the time left is estimated from the requests that the client sends for them."""
        return self._estimate.follow(days, client, source)

    def wait(self, seconds: float, reason: str) -> None:
        """Show that the next request waits for a rate limit."""
        self._estimate.wait(seconds)
        self._wait_reason = reason
        if self._live is not None and seconds >= MIN_WAIT_SHOWN:
            self._wait_end = time.monotonic() + seconds
            self._live.refresh()
        elif self._live is None and seconds >= MIN_WAIT_LOGGED:
            self._log.info(f"{self._describe_wait(seconds)}; {self._describe()}")

    def print_line(self, line: str | bytes | None) -> None:
        """Print the line of a day that is done, if it has one, and the progress."""
        self._done += 1
        if self._live is not None:
            self._estimate.update()
            self._live.console.print(line, highlight=False, markup=False, soft_wrap=True)
            return
        if line is not None:
            click.echo(line)
        if self._done % DAYS_PER_LINE == 0 and self._done < self._days:
            self._estimate.update()
            self._log.info(self._describe())

    def _describe(self) -> str:
        elapsed = self._estimate.elapsed
        rate = f", {self._done / elapsed * 60:.0f} per minute" if self._done and elapsed else ""
        left = self._estimate.seconds_left
        return f"{self._done} of {self._days} days{rate}{'' if left is None else f', {_format(left)} left'}"

    def _describe_wait(self, seconds: float) -> str:
        return f"waiting {_format(seconds)}: {self._wait_reason}"

    def _bar(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        return Live(console=console, get_renderable=self._render, transient=True, refresh_per_second=4)

    def _render(self) -> Group:
        """The bar, and a second line while a request waits; called several times a second."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(self._days, self._done, width=30), Text(self._describe()))
        wait = self._wait_end - time.monotonic()
        return Group(row, Text(self._describe_wait(wait))) if wait > 0 else Group(row)


class _Estimate:
    """When all days will be fetched: the pace so far, and the budget for the requests that a day takes."""

    def __init__(self, days: int) -> None:
        self._days, self._started = days, 0
        self._start = time.monotonic()
        self._waited = 0.0
        self._client: SiteClient | None = None
        self._per_day: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._end: float | None = None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def seconds_left(self) -> float | None:
        """None before the first estimate."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def follow(self, days: Iterable[DayHistory], client: SiteClient, source: Source) -> Iterator[DayHistory]:
        self._client, self._per_day = client, Counter(view.bucket for view in source.views)
        for day in days:
            self._started += 1
            self._sent = client.sent.copy()
            yield day

    def update(self) -> None:
        """Estimate after a day: all that were started are done."""
        if self._client is not None:
            self._sent = self._client.sent.copy()
            self._set_end(self._client, self._started, 0.0)

    def wait(self, seconds: float) -> None:
        """Estimate before a wait: the newest day is not done, or none was started (robots.txt)."""
        if self._client is not None:
            self._set_end(self._client, max(0, self._started - 1), seconds)
        self._waited += seconds

    def _set_end(self, client: SiteClient, fetched: int, wait: float) -> None:
        left, work = self._days - fetched, 0.0
        requests = {bucket: count * left for bucket, count in self._per_day.items()}
        if fetched:
            work = max(0.0, (self.elapsed - self._waited) / fetched * left)
            requests = {bucket: ceil(count / fetched * left) for bucket, count in self._sent.items()}
        # Some requests of the newest day may have been sent.
        remaining = {
            bucket: max(0, count - client.sent[bucket] + self._sent[bucket]) for bucket, count in requests.items()
        }
        self._end = time.monotonic() + client.forecast(remaining, work, wait)


def _format(seconds: float) -> str:
    return str(timedelta(seconds=ceil(seconds)))
