"""`dailypapers push`: send a store to a mirror on an object store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, refuse_as_of, require_store
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.transfer import Transfer
from ingest.exit_status import ATTENTION, DONE
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.remote.push_plan import PushedDay


@click.command()
@click.argument("url")
@global_options
@pass_invocation
def command(invocation: Invocation, url: str) -> int:
    """Send to URL what is new in the store: archives first, then the files built from them, then certificates.

    URL is s3://BUCKET/PATH, gs://BUCKET/PATH or file:///PATH. Credentials come from the environment. The command can be
    stopped at any time; the same command continues. It removes no archive from the mirror and replaces none.
    """
    require_extra("remote", "fsspec", "push")
    from dailypapers.remote.mirror import Mirror
    from dailypapers.remote.push import push

    store = Store(invocation.settings.root)
    require_store(store)
    refuse_as_of(store)
    transfer = Transfer(invocation.log, "sent")
    pushed = push(store, Mirror(url))
    for day in pushed:
        _add(transfer, day)
    return _finish(invocation, transfer, url)


def _add(transfer: Transfer, day: PushedDay) -> None:
    transfer.add(len(day.sent), day.bytes, is_day=day.series is not None and bool(day.sent))
    if day.problem is not None:
        transfer.problem(day.problem if day.series is None else f"{day.series} {day.day}: {day.problem}")


def _finish(invocation: Invocation, transfer: Transfer, url: str) -> int:
    settings = invocation.settings
    if settings.json:
        print_json(transfer.as_json(url))
    elif not settings.quiet:
        sent = f"{format_count(transfer.files, 'file')} of {format_count(transfer.days, 'day')} sent"
        print_line(f"{url}: " + (f"{sent}, {transfer.size}" if transfer.files else "up to date"))
    return ATTENTION if transfer.problems else DONE
