"""`dailypapers mail`: new papers by mail. One module for each subcommand."""

from __future__ import annotations

from typing import ClassVar, Final

import click

from dailypapers.cli.lazy_group import LazyGroup
from dailypapers.cli.options import global_options
from dailypapers.digest.config import file_option

SUBCOMMANDS: Final = {
    "subscribe": ("subscribe", "Send the new papers of a listing to an address, once a day."),
    "list": ("list_", "List the subscriptions."),
    "preview": ("preview", "Show what a mail would be, and send nothing."),
    "send": ("send", "Send the mails that are due; a job for cron.yaml."),
    "outbox": ("outbox", "List the mails that were not sent, and retry or drop them."),
    "forget": ("forget", "Delete everything about an address."),
    "serve": ("serve", "Serve the pages to subscribe and unsubscribe, on loopback."),
}


class _Subcommands(LazyGroup):
    package = "dailypapers.digest.commands"
    sections: ClassVar = {"Commands": SUBCOMMANDS}


@click.group(cls=_Subcommands)
@file_option
@global_options
def digest_group() -> None:
    """Send new papers by mail: who gets them, what they get, and what became of it.

    The sender, the relay and the base URL of the links are in mail.yaml: the file named by --file, else ./mail.yaml.
    The password of the relay is in DAILYPAPERS_SMTP_PASSWORD. Subscriptions are in the state folder, not in the store.
    """
