"""`dailypapers mail list`: the subscriptions."""

from __future__ import annotations

import click

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings
from dailypapers.ingest.exit_status import DONE

from .config import file_option
from .state import mail_database


@click.command("list")
@file_option
@global_options
@pass_settings
def list_command(settings: Settings) -> int:
    """List the subscriptions with their addresses, which no other command prints."""
    from .subscriptions import Subscriptions

    with mail_database(settings) as connection:
        subscriptions = Subscriptions(connection).all()
    if settings.json:
        names = ("number", "address", "search", "zone", "always", "state", "created", "last_cut")
        rows = [{name: getattr(each, name) for name in names} for each in subscriptions]
        pairs = zip(rows, subscriptions, strict=True)
        print_json([row | {"series": str(each.series), "at": f"{each.at:%H:%M}"} for row, each in pairs])
        return DONE
    for each in subscriptions:
        search = f" matching {each.search!r}" if each.search is not None else ""
        state = "" if each.state == "active" else f", {each.state}"
        last = f", last issue {each.last_cut:%Y-%m-%d %H:%M} UTC" if each.last_cut else ", no issue yet"
        print_line(f"{each.number}  {each.address}  {each.series}{search}  {each.at:%H:%M} {each.zone}{state}{last}")
    if not subscriptions:
        print_line("no subscriptions; add one with: dailypapers mail subscribe ADDRESS", err=True)
    return DONE
