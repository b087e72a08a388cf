"""`dailypapers mcp`: serve the store to assistants, over stdin and stdout."""

from __future__ import annotations

import sys

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.output import require_store
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.snapshots.store.layout import Store


@click.command()
@global_options
@pass_invocation
def command(invocation: Invocation) -> int:
    """Serve the store to an assistant, by the Model Context Protocol over stdin and stdout.

    An assistant starts this command by itself. The server reads the store, writes nothing and opens no connection.
    """
    require_extra("mcp", "mcp", "mcp")
    settings = invocation.settings
    store = Store(settings.root)
    require_store(store)
    if sys.stdin is None or sys.stdout is None:
        raise UsageError("stdin or stdout is closed, over which an assistant talks to this command")
    from dailypapers.ingest import __version__

    from .server import serve

    # What the SDK logs is written as other messages are.
    invocation.configure_logging()
    serve(store, settings.clock.now, __version__)
    return DONE
