"""`dailypapers build`: rebuild days from the archive, without the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import format_count, refuse_as_of, require_store
from dailypapers.cli.options import global_options, sources_argument
from dailypapers.cli.selection import as_of_instant, named_or_stored_series, since_until
from dailypapers.cli.summary import RunSummary
from dailypapers.cli.workers import open_workers, workers_options
from dailypapers.ingest.build.staleness import is_stale, warn_if_damaged
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.exit_status import ATTENTION, DONE
from dailypapers.ingest.plan.inventory import StoredDay, load_day
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.build.workers import Workers


@click.command()
@sources_argument
@click.option("--query", metavar="TEXT", help="Only the search with this query.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@click.option("--until", metavar="DAY", help="Only days up to this one.")
@click.option("--all", "build_all", is_flag=True, help="Also days of which nothing has changed.")
@click.option("--diff", is_flag=True, help="Show what rebuilding all days would change, by field; write nothing.")
@click.option("--check", is_flag=True, help="Like --diff; exit 1 if anything would change or an archive is damaged.")
@click.option("--accept-loss", is_flag=True, help="Build a day without its missing or damaged archive files.")
@click.option("--as-of", metavar="TIME", help="Write the days as the store held them at this time; needs --out.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the store that --as-of makes.")
@workers_options
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    query: str | None,
    since: str | None,
    until: str | None,
    build_all: bool,
    diff: bool,
    check: bool,
    accept_loss: bool,
    as_of: str | None,
    out: Path | None,
    jobs: int | None,
    dask: str | None,
) -> int:
    """Rebuild days from the archived pages, after a parser was fixed or day files were lost.

    Without options, only days are built whose pages or parsers have changed, or of which a file is not as it was built.
    The same pages and parsers always give the same bytes.

    With --as-of, another store is made in the folder --out: its days and certificates are, to the byte, what this store
    held at that time. All commands that only read can be used on it. This store is not touched.
    """
    settings = invocation.settings
    first, last = since_until(since, until, settings.clock.today())
    store = Store(settings.root)
    require_store(store)
    refuse_as_of(store)
    days = [stored for stored in _stored_days(store, sources, query) if first <= stored.day <= last]
    if as_of is not None or out is not None:
        if as_of is None or out is None or build_all or diff or check:
            raise UsageError("--as-of and --out belong together, and go with neither --all, --diff nor --check")
        if dask is not None:
            raise UsageError("--as-of is built by the processes of this machine: use --jobs instead of --dask")
        return _write_as_of(invocation, store, days, jobs, (as_of_instant(as_of, settings.clock), out), accept_loss)
    if not (build_all or diff or check or accept_loss):
        days = [day for day in days if _must_be_built(load_day(store, day))]
    with open_workers(len(days), jobs, dask) as workers:
        if diff or check:
            return _inspect(invocation, store, days, workers, verify=check)
        return _write(invocation, store, days, workers, accept_loss=accept_loss)


def _stored_days(store: Store, sources: tuple[str, ...], query: str | None) -> Iterator[SourceDay]:
    for source_series in named_or_stored_series(store, sources, query):
        yield from map(source_series.on, store.stored_days(source_series.series))


def _must_be_built(stored: StoredDay) -> bool:
    return warn_if_damaged(stored) or is_stale(stored)


def _write(invocation: Invocation, store: Store, days: list[SourceDay], workers: Workers, *, accept_loss: bool) -> int:
    from dailypapers.ingest.build.parallel import build_and_write_all

    report = invocation.begin_report("build", store)
    if days:
        report.open()
    summary = RunSummary(invocation.settings, invocation.log, report)
    summary.only_changes = accept_loss
    with closing(build_and_write_all(store, days, workers, accept_loss=accept_loss)) as results:
        for result in results:
            summary.add(result, built_only=True)
    if not days:
        invocation.log.info("every day is up to date")
    return summary.finish(all_failed=ATTENTION)


def _write_as_of(
    invocation: Invocation,
    store: Store,
    days: list[SourceDay],
    jobs: int | None,
    copy: tuple[datetime, Path],
    accept_loss: bool,
) -> int:
    from dailypapers.ingest.build.as_of import store_as_of
    from dailypapers.ingest.runs.report import RunReport

    instant, out = copy
    settings, log = invocation.settings, invocation.log
    # A report that is never written: the store is only read.
    summary = RunSummary(settings, log, RunReport(Store(out), "build", settings.arguments, settings.clock))
    with (
        open_workers(len(days), jobs, None) as workers,
        closing(store_as_of(store, days, instant, out, workers=workers, accept_loss=accept_loss)) as results,
    ):
        for result in results:
            if result is not None:
                summary.add(result, built_only=True)
    status = summary.finish(all_failed=ATTENTION)
    held = format_count(len(summary.days), "day")
    log.info(f"{out} holds {held} as of {instant:%Y-%m-%dT%H:%M:%SZ}; read it with: dailypapers --store {out}")
    return status


def _inspect(invocation: Invocation, store: Store, days: list[SourceDay], workers: Workers, *, verify: bool) -> int:
    """Show what a build would change; with `verify`, any change is a failure."""
    from functools import partial

    from dailypapers.ingest.build.diff import day_difference
    from dailypapers.ingest.build.workers import in_order

    from .diff_view import DiffSummary

    summary = DiffSummary()
    store = Store(store.root.absolute()) if workers.on_cluster else store
    with closing(in_order(partial(day_difference, store), days, workers)) as differences:
        for difference in differences:
            summary.add(difference)
    summary.show(invocation.log, as_json=invocation.settings.json)
    if summary.crashes:
        return invocation.log.fail_by(summary.crashes)
    return ATTENTION if summary.failed or (verify and summary.would_change) else DONE
