"""`dailypapers mail preview`: what a mail would be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import require_store
from dailypapers.cli.options import complete_sources, global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.output_folder import require_outside
from ingest.exit_status import DONE
from snapshots.store.layout import Store

from .config_file import file_option, read_config
from .listings import open_listings
from .state import mail_errors


@click.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the two parts: digest.txt and digest.html.",
)
@click.option(
    "--series",
    "source",
    default="hf-daily",
    show_default=True,
    metavar="SOURCE",
    shell_complete=complete_sources,
    help="The listing.",
)
@click.option("--query", metavar="TEXT", help="Search query, for a source that takes one.")
@click.option("--search", metavar="TEXT", help="Only the papers that `dailypapers search TEXT` finds.")
@file_option
@global_options
@pass_invocation
def command(invocation: Invocation, folder: Path, source: str, query: str | None, search: str | None) -> int:
    """Write the first mail of a subscription that is due now to files, and print its text. Nothing is sent or noted."""
    require_extra("mail", "jinja2", "mail preview")
    from dailypapers.publish.digest.compose import render_issue
    from dailypapers.publish.digest.model import Subscription
    from dailypapers.publish.digest.schedule import DueIssue
    from dailypapers.publish.digest.selection import select_issue
    from dailypapers.publish.digest.tokens import Tokens
    from ingest.sources.registry import series_named, source_named
    from snapshots.store.atomic import write_whole

    settings, store = invocation.settings, Store(invocation.settings.root)
    require_store(store)
    require_outside(folder, store, "preview")
    sender, now = read_config(None).sender, settings.clock.now()
    series = series_named(source_named(source), query)
    subscription = Subscription(
        id="0" * 32,
        number=0,
        address=sender.address,
        series=series,
        search=search,
        at=now.time(),
        zone="UTC",
        always=True,
        state="active",
        created=now - timedelta(days=1),
        refusals=0,
        cursor=None,
        last_cut=None,
    )
    with mail_errors(), open_listings(store) as listings:
        issue = select_issue(listings, subscription, DueIssue(now, ()), frozenset(), now).issue
        # The link to unsubscribe is not valid: there is no subscription.
        parts = render_issue(issue, sender, Tokens(b""))
    for suffix, content in (("txt", parts.text), ("html", parts.html)):
        write_whole(folder / f"digest.{suffix}", content.encode("utf-8", "replace"))
    print_line(f"Subject: {parts.subject}")
    print_line("")
    for line in parts.text.splitlines():
        print_line(line)
    return DONE
