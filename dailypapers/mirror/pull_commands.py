"""`dailypapers pull`: fetch from a mirror what the store does not have, and build it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import refuse_as_of
from dailypapers.cli.options import global_options
from dailypapers.cli.summary import RunSummary
from dailypapers.cli.workers import open_workers, workers_options
from dailypapers.ingest.exit_status import ATTENTION, DONE
from dailypapers.snapshots.store.layout import Store

from .transfer import Transfer

if TYPE_CHECKING:
    from dailypapers.ingest.sources.model import SourceDay

    from .pull import Expected


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
