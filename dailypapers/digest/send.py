"""`dailypapers mail send`: make the issues that are due and send what is waiting; `mail preview`: show an issue."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.extras import require_extra
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options
from dailypapers.cli.output import format_count, print_line, require_store
from dailypapers.cli.output_folder import require_outside
from dailypapers.ingest.errors import ATTENTION, DONE, FAILED, IngestError
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus, series_status
from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import source_named
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series, Store
from dailypapers.snapshots.store.locks import file_lock

from .commands import mail_database, mail_errors, mail_tokens
from .config import MailConfig, file_option, read_config
from .subscribe import papers_options

if TYPE_CHECKING:
    from .model import DayState, Listings, Subscription
    from .render import Parts, Sender
    from .sender import SendSummary


@contextmanager
def open_listings(store: Store) -> Iterator[Listings]:
    """The listings of a store. Raises StoreError as the catalog does."""
    from dailypapers.snapshots.catalog.catalog import open_catalog

    from .model import Listings

    with open_catalog(store) as catalog:
        yield Listings(catalog, end_of, _DayStates(store).between)


def end_of(series: Series, day: date) -> datetime:
    """The first instant after the listing that begins on a day."""
    return source_named(series.source).period.end(day)


@dataclass(frozen=True, slots=True)
class _DayStates:
    store: Store
    _statuses: dict[tuple[Series, datetime], SeriesStatus] = field(default_factory=dict)
    """Each is read once."""

    def between(self, series: Series, first: date, last: date, now: datetime) -> list[DayState]:
        """The days, weeks or months of a series from one day to another, in words."""
        from .model import DayState

        source = source_named(series.source)
        if (series, now) not in self._statuses:
            self._statuses[series, now] = series_status(self.store, SourceSeries(source, series), now)
        status = self._statuses[series, now]
        known = {day.day: day for day in status.days}
        days = {
            source.period.first_day(date.fromordinal(number))
            for number in range(first.toordinal(), last.toordinal() + 1)
        }
        return [DayState(day, describe_day(known.get(day), status, source.period)) for day in sorted(days)]


def describe_day(day: DayStatus | None, status: SeriesStatus, period: Period) -> str:
    """What is known of a day, in one sentence."""
    if day is None or day.state is None or day.counts is None:
        return "not fetched" + (" (this list shows only what is trending now)" if period is Period.NOW else "")
    papers = format_count(day.counts["papers"], "paper")
    young = status.young_day
    if young is not None and young.at.date() == day.day:
        return f"{young}"
    if day.state.name == "empty":
        return "empty: the list had no papers"
    if day.state.name == "partial":
        return f"in doubt, {papers} so far: {day.state.reason}"
    words = {
        "open": f"not over yet, {papers} so far",
        "settling": f"over, {papers}; a later fetch will show whether any were added",
        "closed": f"complete, {papers}",
    }
    return words[day.state.name]


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
    from .issues import DueIssue, select_issue
    from .render import render_issue
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
    from .issues import due_issue
    from .outbox import Outbox
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
