"""`dailypapers build`: archive -> days, without the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import bounds, named_or_stored, no_store
from dailypapers.cli.summary import RunSummary
from ingest.build.staleness import is_stale
from ingest.exit_status import ATTENTION, DONE
from ingest.plan.inventory import load_day
from ingest.sources.model import SourceDay
from snapshots.store.layout import Store


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@click.option("--until", metavar="DAY", help="Only days up to this one.")
@click.option("--all", "every", is_flag=True, help="Also days whose pages and parsers did not change.")
@click.option("--diff", is_flag=True, help="Read all days again and show what would change, by field; write nothing.")
@click.option("--check", is_flag=True, help="The same, and exit 1 if anything would change or an archive is damaged.")
@click.option("--accept-loss", is_flag=True, help="Build a day without its missing or damaged archive files.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes; unless said, one a core.")
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    query: str | None,
    since: str | None,
    until: str | None,
    every: bool,
    diff: bool,
    check: bool,
    accept_loss: bool,
    jobs: int | None,
) -> int:
    """Build the days of the store again from the pages that were kept: after a parser was mended, or snapshots lost.

    The same pages and parsers give the same bytes.
    """
    settings = invocation.settings
    first, last = bounds(since, until)
    store = Store(settings.root)
    if not store.root.is_dir():
        click.echo(no_store(store), err=settings.json)
        return DONE
    days = [stored for stored in _stored_days(store, sources, query) if first <= stored.day <= last]
    if not (every or diff or check or accept_loss):
        days = [day for day in days if is_stale(load_day(store, day))]
    if diff or check:
        return _inspect(invocation, store, days, jobs, verify=check)
    return _write(invocation, store, days, jobs, accept_loss=accept_loss)


def _stored_days(store: Store, sources: tuple[str, ...], query: str | None) -> Iterator[SourceDay]:
    for source_series in named_or_stored(store, sources, query):
        yield from map(source_series.on, store.stored_days(source_series.series))


def _write(invocation: Invocation, store: Store, days: list[SourceDay], jobs: int | None, *, accept_loss: bool) -> int:
    from ingest.build.parallel import build_and_write_all

    report = invocation.begin_report("build", store)
    if days:
        report.open()
    tally = RunSummary(invocation.settings, invocation.log, report)
    with closing(build_and_write_all(store, days, jobs, accept_loss=accept_loss)) as results:
        for result in results:
            tally.add(result, built_only=True)
    if not days:
        invocation.log.info("every day is built from the pages at hand")
    return tally.finish(all_failed=ATTENTION)


def _inspect(invocation: Invocation, store: Store, days: list[SourceDay], jobs: int | None, *, verify: bool) -> int:
    """Show what a build would change; with `verify` anything that would is a finding."""
    from functools import partial

    from dailypapers.cli.diff_view import Replayed
    from ingest.build.diff import day_difference
    from ingest.build.process_pool import in_order

    replayed = Replayed()
    with closing(in_order(partial(day_difference, store), days, jobs)) as differences:
        for difference in differences:
            replayed.add(difference)
    replayed.show(invocation.log, as_json=invocation.settings.json)
    return ATTENTION if replayed.failed or (verify and replayed.would_change) else DONE
