"""`dailypapers mail subscribe`: who gets the papers of which listing, and when."""

from __future__ import annotations

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.ingest.exit_status import DONE

from .config import file_option
from .papers_options import papers_options
from .state import mail_database


@click.command()
@click.argument("address")
@papers_options
@click.option("--at", default="07:00", show_default=True, metavar="TIME", help="The time of day of the mail.")
@click.option("--tz", "zone", default="UTC", show_default=True, metavar="ZONE", help="The zone of that time.")
@click.option("--always", is_flag=True, help="Send a mail also if nothing is new; it says why.")
@file_option
@global_options
@pass_invocation
def subscribe_command(
    invocation: Invocation,
    address: str,
    source: str,
    query: str | None,
    search: str | None,
    at: str,
    zone: str,
    always: bool,
) -> int:
    """Send the new papers of a listing to ADDRESS, once a day.

    You vouch for the address: it is not asked to confirm. The first mail has the papers of the 24 hours before it.
    Subscribing again changes the time and resumes a paused subscription.
    """
    from dailypapers.ingest.sources.registry import series_named, source_named

    from .subscriptions import NewSubscription, Subscriptions

    settings = invocation.settings
    series = series_named(source_named(source), query)
    new = NewSubscription(address, series, search, at, zone, always)
    with mail_database(settings) as connection:
        subscription = Subscriptions(connection).add(new, settings.clock.now())
    if settings.json:
        print_json({"subscription": subscription.number, "series": str(series), "at": at, "zone": zone})
    invocation.log.info(f"subscription {subscription.number}: {series}, each day at {at} ({zone})")
    return DONE
