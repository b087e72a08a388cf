"""`dailypapers waive`: days that nobody will fetch any more are not a problem in `status`."""

from __future__ import annotations

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options, query_option, source_argument
from dailypapers.cli.output import refuse_as_of, require_store
from dailypapers.cli.selection import fetched_source, since_until
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.ingest.plan.due import has_past_days, listings_between
from dailypapers.ingest.plan.waived import Waiver, waive
from dailypapers.ingest.sources.registry import series_named
from dailypapers.snapshots.store.layout import Store


@click.command()
@source_argument()
@query_option
@click.option("--since", metavar="DAY", required=True, help="The first day.")
@click.option("--until", metavar="DAY", required=True, help="The last day.")
@click.option("--reason", metavar="TEXT", required=True, help="Why they stay incomplete; stored in waived.txt.")
@global_options
@pass_invocation
def command(invocation: Invocation, source: str, query: str | None, since: str, until: str, reason: str) -> int:
    """Accept that days stay incomplete which are not closed and which `run` no longer fetches: `status` shows them as
    waived.

    It adds a line to waived.txt in the store; remove the line to undo it. The days can still be fetched.
    """
    settings, listing = invocation.settings, fetched_source(source)
    series = series_named(listing, query)
    if not has_past_days(listing):
        raise UsageError(f"{source} has no past days that could be fetched, so there is nothing to waive")
    days = listings_between(listing, *since_until(since, until, settings.clock.today()), settings.clock.today())
    text = " ".join(reason.split())
    if not text:
        raise UsageError("--reason is empty: say why these days stay incomplete")
    store = Store(settings.root)
    require_store(store)
    refuse_as_of(store)
    first, last = days[0], days[-1]
    is_new = waive(store, Waiver(str(series), first, last, text))
    if settings.json:
        print_json({"series": str(series), "since": first, "until": last, "is_new": is_new})
    invocation.log.info(f"{series} {first} to {last}: {'waived' if is_new else 'waived already'}")
    return DONE
