"""`dailypapers mail preview`: what a mail would be."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import require_store
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.output_folder import require_outside
from dailypapers.ingest.exit_status import DONE
from dailypapers.snapshots.store.layout import Series, Store

from .config import file_option, read_config
from .listings import open_listings
from .papers_options import papers_options
from .state import mail_errors

if TYPE_CHECKING:
    from .compose import Sender
    from .model import Subscription
    from .render import Parts


@click.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the two parts: digest.txt and digest.html.",
)
@papers_options
@file_option
@global_options
@pass_invocation
def preview_command(invocation: Invocation, folder: Path, source: str, query: str | None, search: str | None) -> int:
    """Write the first mail of a subscription that is due now to files, and print its text. Nothing is sent or noted."""
    require_extra("mail", "jinja2", "mail preview")
    from dailypapers.ingest.sources.registry import series_named, source_named
    from dailypapers.snapshots.store.atomic import write_whole

    settings, store = invocation.settings, Store(invocation.settings.root)
    require_store(store)
    require_outside(folder, store, "preview")
    sender, series = read_config(None).sender, series_named(source_named(source), query)
    parts = _first_issue(store, sender, series, search, settings.clock.now())
    for suffix, content in (("txt", parts.text), ("html", parts.html)):
        write_whole(folder / f"digest.{suffix}", content.encode("utf-8", "replace"))
    if settings.json:
        print_json({"subject": parts.subject, "text": parts.text, "folder": str(folder)})
        return DONE
    for line in (f"Subject: {parts.subject}", "", *parts.text.splitlines()):
        print_line(line)
    return DONE


def _first_issue(store: Store, sender: Sender, series: Series, search: str | None, now: datetime) -> Parts:
    """The first issue of a new subscription. Its link to unsubscribe is not valid: there is no subscription."""
    from .compose import render_issue
    from .issues import select_issue
    from .schedule import DueIssue
    from .tokens import Tokens

    with mail_errors(), open_listings(store) as listings:
        subscription = _subscription(sender.address, series, search, now)
        issue = select_issue(listings, subscription, DueIssue(now, ()), frozenset(), now).issue
        return render_issue(issue, sender, Tokens(b""))


def _subscription(address: str, series: Series, search: str | None, now: datetime) -> Subscription:
    from .model import Subscription

    return Subscription(
        id="0" * 32,
        number=0,
        address=address,
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
