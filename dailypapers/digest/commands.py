"""`dailypapers mail`: the group, and `list`, `outbox` and `forget`; the others are in `send.py` and `subscribe.py`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final

import click

from dailypapers.cli.invocation import Invocation, pass_invocation, pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.lazy_group import LazyGroup
from dailypapers.cli.options import global_options
from dailypapers.cli.output import format_count, print_line
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import ATTENTION, DONE, IngestError, UsageError
from dailypapers.ingest.log_lines import redacted

from .config import file_option

if TYPE_CHECKING:
    from .outbox import Mail
    from .tokens import Tokens


@contextmanager
def mail_database(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The database. Raises IngestError, with the message of the digest, if it cannot be used."""
    from .database import opened

    with mail_errors(), opened(settings.state_folder) as connection:
        yield connection


@contextmanager
def mail_errors() -> Iterator[None]:
    """Turns errors of the digest into those that the command line prints."""
    from .model import DigestError, InvalidValueError

    try:
        yield
    except InvalidValueError as error:
        raise UsageError(str(error)) from error
    except DigestError as error:
        raise IngestError(str(error)) from error


def mail_tokens(settings: Settings) -> Tokens:
    """The tokens of this installation; its secret is made at the first call."""
    from .tokens import Tokens, load_secret

    with mail_errors():
        return Tokens(load_secret(settings.state_folder / "mail.secret"))


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


@click.command()
@click.argument("address")
@file_option
@global_options
@pass_invocation
def forget_command(invocation: Invocation, address: str) -> int:
    """Delete the subscriptions of ADDRESS, its mails and the list of papers that it was sent, and
    overwrite them on the disk.

    Exit status 1 if nothing was stored about it.
    """
    from .subscriptions import Subscriptions

    with mail_database(invocation.settings) as connection:
        count = Subscriptions(connection).forget(address)
    if invocation.settings.json:
        print_json({"deleted": count})
    deleted = f"{format_count(count, 'subscription')} deleted" if count else "nothing is stored about this address"
    invocation.log.info(deleted)
    return DONE if count else ATTENTION


SUBCOMMANDS: Final = {
    "subscribe": ("digest.subscribe:subscribe_command", "Send the new papers of a listing to an address, once a day."),
    "list": ("digest.commands:list_command", "List the subscriptions."),
    "preview": ("digest.send:preview_command", "Show what a mail would be, and send nothing."),
    "send": ("digest.send:send_command", "Send the mails that are due; a job for cron.yaml."),
    "outbox": ("digest.commands:outbox_command", "List the mails that were not sent, and retry or drop them."),
    "forget": ("digest.commands:forget_command", "Delete everything about an address."),
    "serve": ("digest.subscribe:serve_command", "Serve the pages to subscribe and unsubscribe, on loopback."),
}


class _Subcommands(LazyGroup):
    sections: ClassVar = {"Commands": SUBCOMMANDS}


@click.group(cls=_Subcommands)
@file_option
@global_options
def digest_group() -> None:
    """Send new papers by mail: who gets them, what they get, and what became of it.

    The sender, the relay and the base URL of the links are in mail.yaml: the file named by --file, else ./mail.yaml.
    The password of the relay is in DAILYPAPERS_SMTP_PASSWORD. Subscriptions are in the state folder, not in the store.
    """
