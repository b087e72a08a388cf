"""`dailypapers backfill`: fetch and build a range of days, with progress."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options, query_option, source_argument
from dailypapers.cli.progress import Progress
from dailypapers.cli.selection import fetched_source, since_until
from dailypapers.cli.summary import RunSummary, build_stale
from dailypapers.ingest.plan.due import histories_of, listings_between, unfinished, unsettled
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import series_named
from dailypapers.snapshots.store.layout import Store

from .fetching import fetch_days, fetch_options
from .run import outlook


@click.command()
@source_argument(default="hf-daily")
@click.option("--since", metavar="DAY", required=True, help="First day.")
@click.option("--until", metavar="DAY", help="Last day.  [default: today]")
@query_option
@fetch_options
@global_options
@pass_invocation
def command(
    invocation: Invocation, source: str, since: str, until: str | None, query: str | None, max_wait: float
) -> int:
    """Fetch and build the days of a range that are not closed or empty, as fast as the site's rate limit allows.

    SOURCE is a name from `dailypapers sources` (default: hf-daily).
    It can be stopped at any time; the same command continues with the days that are left.
    """
    settings, log = invocation.settings, invocation.log
    listing = fetched_source(source)
    source_series, store = SourceSeries(listing, series_named(listing, query)), Store(settings.root)
    now = settings.clock.now()
    days = listings_between(listing, *since_until(since, until or now.date().isoformat(), now.date()), now.date())
    summary = RunSummary(settings, log, invocation.begin_report("backfill", store))
    stored = set(days).intersection(store.stored_days(source_series.series))
    _, known = build_stale(store, source_series, sorted(stored), summary, stored)
    histories = histories_of(store, source_series, days, known).values()
    left = unfinished(histories, now)
    log.info(f"{source_series}: {len(left)} of {len(days)} days are left to fetch")
    with Progress(settings, log, len(left)) as progress:
        summary.print_line = progress.print_line
        if left:
            fetch_days(store, source_series, left, summary, max_wait, progress=progress)
    status = summary.finish()
    _describe_open(invocation, store, source_series, [history.first for history in unsettled(histories, now)])
    return status


def _describe_open(invocation: Invocation, store: Store, source_series: SourceSeries, days: Iterable[date]) -> None:
    """Say when the days that are not closed by now are fetched again."""
    settings, now = invocation.settings, invocation.settings.clock.now()
    histories = unsettled(histories_of(store, source_series, days, {}).values(), now)
    open_days = [(source_series.series, history) for history in histories]
    for line in outlook(open_days, "not closed yet", now, settings.store):
        invocation.log.info(line)
