"""`dailypapers mail forget`: delete everything about an address."""

from __future__ import annotations

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count
from dailypapers.cli.options import global_options
from dailypapers.ingest.exit_status import ATTENTION, DONE

from .config import file_option
from .state import mail_database


@click.command()
@click.argument("address")
@file_option
@global_options
@pass_invocation
def forget_command(invocation: Invocation, address: str) -> int:
    """Delete the subscriptions of ADDRESS, its mails and the list of papers that it was sent, and
    overwrite them on the disk.

    Exit status 1 if nothing was stored about it.
    """
    from .subscriptions import Subscriptions

    with mail_database(invocation.settings) as connection:
        count = Subscriptions(connection).forget(address)
    if invocation.settings.json:
        print_json({"deleted": count})
    deleted = f"{format_count(count, 'subscription')} deleted" if count else "nothing is stored about this address"
    invocation.log.info(deleted)
    return DONE if count else ATTENTION
