"""`dailypapers mail subscribe`: who gets the papers of which listing, and when; `mail serve`: the pages where people
subscribe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import complete_sources, global_options, query_option
from dailypapers.ingest.errors import DONE

from .commands import mail_database, mail_errors, mail_tokens
from .config import file_option, read_config


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8025,
    show_default=True,
    metavar="N",
    help="Port; 0 for a free one.",
)
@file_option
@global_options
@pass_invocation
def serve_command(invocation: Invocation, port: int) -> int:
    """Serve the pages to subscribe, confirm and unsubscribe on 127.0.0.1, until it is stopped.

    A proxy with TLS must pass on to it what comes for the base URL of mail.yaml. `mail send` sends the mails that ask
    for confirmation.
    """
    from .database import opened
    from .serve import serving
    from .signup import SignupPages

    settings, config = invocation.settings, read_config(None)
    database = partial(opened, settings.state_folder)
    with mail_errors(), database():
        pass  # what is wrong with it is said now, not at the first request
    pages = SignupPages(database, config.sender, mail_tokens(settings), config.signup, settings.clock.now)
    with serving(pages, port) as (number, thread):
        invocation.log.info(f"serving on http://127.0.0.1:{number}")
        thread.join()
    return DONE


Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def papers_options(function: Decorated) -> Decorated:
    """Adds --series (as `source`), --query and --search."""
    function = click.option(
        "--search", metavar="TEXT", help="Only the papers that `dailypapers search TEXT` finds.  [default: all]"
    )(function)
    return click.option(
        "--series",
        "source",
        default="hf-daily",
        show_default=True,
        metavar="SOURCE",
        shell_complete=complete_sources,
        help="The listing.",
    )(query_option(function))


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
