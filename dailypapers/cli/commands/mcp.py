"""`dailypapers mcp`: serve the store to assistants, over stdin and stdout."""

from __future__ import annotations

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.messages import require_store
from dailypapers.cli.options import global_options
from dailypapers.cli.settings import Settings
from ingest.exit_status import DONE
from snapshots.store.layout import Store


@click.command()
@global_options
@pass_settings
def command(settings: Settings) -> int:
    """Serve the store to an assistant, by the Model Context Protocol over stdin and stdout.

    An assistant starts this command by itself. The server reads the store, writes nothing and opens no connection.
    """
    require_extra("mcp", "mcp", "mcp")
    store = Store(settings.root)
    require_store(store)
    from dailypapers.mcp_server.server import serve
    from ingest import __version__

    serve(store, settings.clock.now, __version__)
    return DONE
