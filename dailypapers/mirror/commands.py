"""`dailypapers push`: send a store to a mirror on an object store; `dailypapers pull`: fetch from one."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.extras import open_workers, require_extra, workers_options
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from dailypapers.cli.output import format_count, print_line, refuse_as_of, require_store
from dailypapers.cli.settings import Settings
from dailypapers.cli.summary import RunSummary
from dailypapers.ingest.errors import ATTENTION, DONE
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.sources.model import SourceDay

    from .mirror import Transferred
    from .pull import Expected


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


@click.command()
@click.argument("url")
@workers_options
@global_options
@pass_invocation
def pull_command(invocation: Invocation, url: str, jobs: int | None, dask: str | None) -> int:
    """Add the archived pages at URL that the store does not have, and build their days.

    Every file is verified before it is used; what is not as it was written is named and left out. No file of the store
    is replaced, and no line of joins.txt and waived.txt removed.
    """
    require_extra("remote", "fsspec", "pull")
    from .mirror import Mirror
    from .pull import days_to_build, differing, pull

    store = Store(invocation.settings.root)
    refuse_as_of(store)
    transfer = Transfer(invocation.log, "fetched")
    expected: dict[str, Expected | None] = {}
    for pulled in pull(store, Mirror(url)):
        transfer.add(pulled)
        if pulled.certificate is not None:
            expected[pulled.certificate] = pulled.expected
    status = _build(invocation, store, days_to_build(store, expected), (jobs, dask))
    for finding in differing(store, expected):
        transfer.problem(f"{finding}")
    return max(status, transfer.finish(invocation.settings, url, "archive", "added", "nothing new"))


def _build(
    invocation: Invocation, store: Store, days: list[SourceDay], workers_asked: tuple[int | None, str | None]
) -> int:
    from dailypapers.ingest.build.parallel import build_and_write_all

    if not days:
        return DONE
    report = invocation.begin_report("pull", store)
    report.open()
    summary = RunSummary(invocation.settings, invocation.log, report)
    # Of JSON there is one document, which says what was pulled.
    summary.print_line = (lambda _: None) if invocation.settings.json else None
    with (
        open_workers(len(days), *workers_asked) as workers,
        closing(build_and_write_all(store, days, workers)) as results,
    ):
        for result in results:
            summary.add(result, built_only=True)
    return summary.finish(all_failed=ATTENTION)


@click.command()
@click.argument("url")
@global_options
@pass_invocation
def push_command(invocation: Invocation, url: str) -> int:
    """Send to URL what is new in the store: archives first, then the files built from them, then certificates.

    URL is s3://BUCKET/PATH, gs://BUCKET/PATH or file:///PATH. Credentials come from the environment. The command can be
    stopped at any time; the same command continues. It removes no archive from the mirror and replaces none.
    """
    require_extra("remote", "fsspec", "push")
    from .mirror import Mirror
    from .push import push

    store = Store(invocation.settings.root)
    require_store(store)
    refuse_as_of(store)
    transfer = Transfer(invocation.log, "sent")
    for each in push(store, Mirror(url)):
        transfer.add(each)
    return transfer.finish(invocation.settings, url, "file", "sent", "up to date")
