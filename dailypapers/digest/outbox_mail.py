"""`dailypapers mail outbox`: the mails that were not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.exit_status import DONE
from dailypapers.ingest.redaction import redacted

from .config import file_option
from .state import mail_database

if TYPE_CHECKING:
    from .outbox import Mail


@click.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(1, 2**63 - 1), metavar="[MAIL]...")
@click.option("--retry", is_flag=True, help="Queue them again, and resume paused subscriptions.")
@click.option("--drop", is_flag=True, help="Give them up.")
@file_option
@global_options
@pass_invocation
def outbox_command(invocation: Invocation, numbers: tuple[int, ...], retry: bool, drop: bool) -> int:
    """List the mails that were not sent, with the relay's answer; retry or drop those named (default: all)."""
    from .outbox import Outbox

    if retry and drop:
        raise UsageError("choose one of --retry and --drop")
    if numbers and not (retry or drop):
        raise UsageError("say what to do with them: --retry or --drop")
    with mail_database(invocation.settings) as connection:
        outbox = Outbox(connection)
        if retry or drop:
            changed = outbox.retry(numbers) if retry else outbox.drop(numbers)
            invocation.log.info(f"{format_count(changed, 'mail')} {'queued again' if retry else 'dropped'}")
            return DONE
        mails = outbox.unsent()
    if invocation.settings.json:
        print_json([_row(mail) for mail in mails])
        return DONE
    for mail in mails:
        print_line(_line(mail))
    if not mails:
        invocation.log.info("every mail was sent")
    return DONE


def _row(mail: Mail) -> dict[str, object]:
    names = ("subscription", "kind", "cut", "state", "tries", "next_try")
    return {"mail": mail.number, **{name: getattr(mail, name) for name in names}, "reply": _reply(mail)}


def _line(mail: Mail) -> str:
    head = f"mail {mail.number} to subscription {mail.subscription}, {mail.kind} of {mail.cut:%Y-%m-%d %H:%M} UTC"
    tries = "once" if mail.tries == 1 else f"{mail.tries} times"
    return f"{head}: {mail.state}, tried {tries}; {_reply(mail) or 'no answer yet'}"


def _reply(mail: Mail) -> str | None:
    # A relay repeats the address in its answer.
    return redacted(mail.reply) if mail.reply else None
