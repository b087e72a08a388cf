"""`dailypapers drift`: show what changed at the site, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options, series_options
from dailypapers.cli.output import format_count, no_days, print_line, require_store
from dailypapers.cli.selection import named_or_stored_series, since_until
from dailypapers.ingest.errors import ATTENTION, DONE
from dailypapers.snapshots.certificate import Certificate, read_certificate
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from dailypapers.snapshots.drift.detect import Change

TITLES: Final = {
    "certain": "certain",
    "likely": "likely",
    "perhaps": "perhaps (a share can move for many reasons)",
}


@click.command()
@series_options
@global_options
@pass_invocation
def command(invocation: Invocation, source: str | None, query: str | None, since: str | None) -> int:
    """Show what changed at the site, and when: new and vanished fields, types, values, dates, the page's structure.

    It is computed from the certificates of the days. Exit status 1 if a certain or likely change began in the last
    seven days.
    """
    from dailypapers.ingest.monitor.drift import drift, raises_alarm

    settings = invocation.settings
    first, _ = since_until(since, None, settings.clock.today())
    store, now = Store(settings.root), settings.clock.now()
    require_store(store)
    has_alarm, rows, has_days = False, [], False
    for source_series in named_or_stored_series(store, [source] if source else [], query):
        series = source_series.series
        certificates = list(_certificates(invocation.log, store, series))
        changes = [change for change in drift(source_series.source, certificates) if change.first >= first]
        has_alarm = has_alarm or any(raises_alarm(change, now) for change in changes)
        rows += [_as_json(series, change) for change in changes]
        has_days = has_days or bool(certificates)
        if not settings.json and certificates:
            _print(series, certificates, changes)
    if settings.json:
        print_json(rows)
    elif not has_days:
        raise no_days(store)
    return ATTENTION if has_alarm else DONE


def _certificates(log: Log, store: Store, series: Series) -> Iterator[Certificate]:
    for day in store.days_with_snapshots(series):
        try:
            certificate = read_certificate(store.certificate(series, day))
        except CertificateError as error:
            log.info(f"left out: {error}")
            continue
        if certificate is not None:
            yield certificate


def _print(series: Series, certificates: Sequence[Certificate], changes: Sequence[Change]) -> None:
    profiled = [certificate for certificate in certificates if certificate["profiles"]]
    days = [each["day"] for each in profiled if any(view["timely"] for view in each["profiles"].values())]
    late = len(profiled) - len(days)
    dates = f"{format_count(len(days), 'day')} fetched in time, {days[0]} to {days[-1]}" if days else ""
    ignored = f"; {late} fetched long after, ignored" if late else ""
    count = format_count(len(changes), "change") if changes else "no changes"
    print_line(f"{series}: {dates or 'no day was fetched in time'}{ignored}; {count}")
    for sure, title in TITLES.items():
        lines = list(_format_changes(change for change in changes if change.confidence == sure))
        if lines:
            print_line(f"{title}:")
        for line in lines:
            print_line(f"  {line}")


def _format_changes(changes: Iterable[Change]) -> Iterator[str]:
    """One line for all fields that changed in the same way at the same time."""
    fields: dict[tuple[date, str, str], list[str]] = {}
    for change in changes:
        fields.setdefault((change.first, change.days, change.description), []).append(change.field)
    for (_, days, description), names in fields.items():
        yield f"{days}  {', '.join(names)}: {description}" if any(names) else f"{days}  {description}"


def _as_json(series: Series, change: Change) -> dict[str, Any]:
    head = {"source": series.source, "query": series.query, "when": change.days, "sure": change.confidence}
    return head | change._asdict()
