"""`dailypapers mail send`: make the issues that are due and send what is waiting."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, require_store
from dailypapers.cli.options import global_options
from dailypapers.ingest.errors import IngestError
from dailypapers.ingest.exit_status import ATTENTION, DONE, FAILED
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Store
from dailypapers.snapshots.store.locks import file_lock

from .config import MailConfig, file_option, read_config
from .listings import open_listings
from .state import mail_database, mail_tokens

if TYPE_CHECKING:
    from .sender import SendSummary

_PENDING = timedelta(hours=49)
"""Longer than a link to confirm is valid."""


@click.command()
@file_option
@global_options
@pass_invocation
def send_command(invocation: Invocation) -> int:
    """Make the mails that are due, and send those that are waiting. It may run as often as you like.

    Exit status 1 if a mail was refused or not taken for a day; 3 if the relay takes none, and all wait.
    """
    require_extra("mail", "jinja2", "mail send")
    settings = invocation.settings
    config = read_config(settings.environment.smtp_password)
    with mail_database(settings) as connection, file_lock(settings.state_folder / "mail.lock", wait=False) as lock:
        if lock is None:
            invocation.log.info("another `dailypapers mail send` is at work; this one had nothing to do")
            return DONE
        return _send(invocation, config, connection)


def _send(invocation: Invocation, config: MailConfig, connection: sqlite3.Connection) -> int:
    from .outbox import Outbox
    from .sender import SendSummary, send_mails
    from .smtp import SmtpClient
    from .subscriptions import Subscriptions

    settings, outbox, summary = invocation.settings, Outbox(connection), SendSummary()
    Subscriptions(connection).remove_pending(settings.clock.now() - _PENDING)
    try:
        summary.issues = _make_issues(invocation, config, connection)
    except (IngestError, StoreError) as error:
        # What was made before does not depend on the store.
        summary.problems.append(str(error))
    with SmtpClient(config.relay, config.sender.address) as client:
        send_mails(outbox, client, settings.clock.now, summary)
    return _report(invocation, summary, waiting=sum(mail.state == "queued" for mail in outbox.unsent()))


def _make_issues(invocation: Invocation, config: MailConfig, connection: sqlite3.Connection) -> int:
    from .outbox import Outbox
    from .schedule import due_issue
    from .sender import IssueMaker
    from .subscriptions import Subscriptions

    now, store = invocation.settings.clock.now(), Store(invocation.settings.root)
    active = [each for each in Subscriptions(connection).all() if each.state == "active"]
    due = [each for each in active if due_issue(each, now) is not None]
    if not due:
        return 0
    require_store(store)
    with open_listings(store) as listings:
        maker = IssueMaker(Outbox(connection), listings, config.sender, mail_tokens(invocation.settings))
        return maker.make_due(due, now)


def _report(invocation: Invocation, summary: SendSummary, *, waiting: int) -> int:
    log = invocation.log
    for problem in summary.problems:
        log.warning(problem)
    if invocation.settings.json:
        print_json({"made": summary.issues, **summary.mails, "waiting": waiting, "problems": summary.problems})
    outcomes = [f"{count} {outcome}" for outcome, count in sorted(summary.mails.items())]
    made = f"{format_count(summary.issues, 'mail')} made" if summary.issues else "no mail is due"
    log.info(", ".join([made, *outcomes, *([f"{waiting} waiting"] if waiting else [])]))
    if summary.relay_failed and not summary.mails:
        return FAILED
    return ATTENTION if summary.problems else DONE
