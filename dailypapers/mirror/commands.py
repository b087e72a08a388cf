"""`dailypapers push`: send a store to a mirror on an object store."""

from __future__ import annotations

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import refuse_as_of, require_store
from dailypapers.cli.options import global_options
from dailypapers.snapshots.store.layout import Store

from .transfer import Transfer


@click.command()
@click.argument("url")
@global_options
@pass_invocation
def push_command(invocation: Invocation, url: str) -> int:
    """Send to URL what is new in the store: archives first, then the files built from them, then certificates.

    URL is s3://BUCKET/PATH, gs://BUCKET/PATH or file:///PATH. Credentials come from the environment. The command can be
    stopped at any time; the same command continues. It removes no archive from the mirror and replaces none.
    """
    require_extra("remote", "fsspec", "push")
    from .mirror import Mirror
    from .push import push

    store = Store(invocation.settings.root)
    require_store(store)
    refuse_as_of(store)
    transfer = Transfer(invocation.log, "sent")
    for each in push(store, Mirror(url)):
        transfer.add(each)
    return transfer.finish(invocation.settings, url, "file", "sent", "up to date")
