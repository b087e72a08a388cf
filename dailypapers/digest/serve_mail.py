"""`dailypapers mail serve`: the pages to subscribe, confirm and unsubscribe."""

from __future__ import annotations

from functools import partial

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.ingest.exit_status import DONE

from .config import file_option, read_config
from .state import mail_errors, mail_tokens


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
