"""`dailypapers backfill`: a range of days, one after another, with progress; stopped and started as you like."""

from __future__ import annotations

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.fetching import endpoint_option, fetch_days, max_wait_option
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options, metrics_option
from dailypapers.cli.progress import Progress
from dailypapers.cli.selection import asked_days
from dailypapers.cli.summary import RunSummary
from ingest.errors import UsageError
from ingest.plan.due import histories_of, unfinished
from ingest.sources.model import SourceSeries
from ingest.sources.registry import series_named, source_named
from snapshots.store.layout import Store


@click.command()
@click.argument("source")
@click.option("--since", metavar="DAY", required=True, help="The first day.")
@click.option("--until", metavar="DAY", help="The last day; today unless said.")
@click.option("--query", metavar="WORDS", help="The words of a search.")
@max_wait_option
@metrics_option
@endpoint_option
@global_options
@pass_invocation
def command(
    invocation: Invocation, source: str, since: str, until: str | None, query: str | None, max_wait: float
) -> int:
    """Fetch and build the days of a range that are not settled yet, one after another: the site's budget is the limit.

    It can be stopped at any point, and goes on with what is left when it is started again.
    """
    settings, log = invocation.settings, invocation.log
    listing = source_named(source)
    if not listing.fetched:
        raise UsageError(f"{source} comes from files: dailypapers import {source} FILE --day DAY")
    series, store = series_named(listing, query), Store(settings.root)
    source_series = SourceSeries(listing, series)
    days = asked_days(listing, settings.clock, None, since, until)
    tally = RunSummary(settings, log, invocation.begin_report("backfill", store))
    wanted = set(days)
    stale = map(source_series.on, (day for day in store.stored_days(series) if day in wanted))
    _, known = build_stale(store, stale, tally, wanted)
    histories = histories_of(store, source_series, days, known).values()
    left = unfinished(histories, settings.clock.now())
    log.info(f"{series}: {len(left)} of {len(days)} days are left to fetch")
    with Progress(settings, log, len(left)) as progress:
        tally.shown = progress.shown
        if left:
            fetch_days(store, source_series, left, tally, max_wait)
    status = tally.finish()
    if tally.partial:
        log.info(f"{tally.partial} partial; the same command looks again")
    return status
