"""`dailypapers drift`: what changed at the site, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import bounds, counted, named_or_stored, no_store
from ingest.exit_status import ATTENTION, DONE
from snapshots.certificate import Certificate, read_certificate
from snapshots.errors import CertificateError
from snapshots.store.layout import Series, Store

if TYPE_CHECKING:
    from snapshots.drift.detect import Change

TITLES: Final = {
    "certain": "certain",
    "likely": "likely",
    "perhaps": "perhaps (a share that moved may have many causes)",
}


@click.command()
@click.argument("source", required=False)
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only changes from this day on.")
@global_options
@pass_invocation
def command(invocation: Invocation, source: str | None, query: str | None, since: str | None) -> int:
    """Explain what changed at the site and when: new and vanished fields, types, values, dates, the page's structure.

    It is told from the certificates of the days alone. Exit status 1 if something that is more than a
    guess changed in the last seven days.
    """
    from ingest.monitor.drift import drift, is_recent

    first, _ = bounds(since, None)
    settings = invocation.settings
    store, now = Store(settings.root), settings.clock.now()
    alarm, rows, held = False, [], False
    for source_series in named_or_stored(store, [source] if source else [], query):
        series = source_series.series
        certificates = list(_certificates(invocation.log, store, series))
        found = [one for one in drift(source_series.source, certificates) if one.first >= first]
        alarm = alarm or any(is_recent(one, now) and one.confidence != "perhaps" for one in found)
        rows += [_as_json(series, one) for one in found]
        held = held or bool(certificates)
        if not settings.json and certificates:
            _print(series, certificates, found)
    if settings.json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif not held:
        click.echo(f"no days in {store.root}" if store.root.is_dir() else no_store(store))
    return ATTENTION if alarm else DONE


def _certificates(log: Log, store: Store, series: Series) -> Iterator[Certificate]:
    for day in store.days_with_snapshots(series):
        try:
            certificate = read_certificate(store.certificate(series, day))
        except CertificateError as error:
            log.info(f"left out: {error}")
            continue
        if certificate is not None:
            yield certificate


def _print(series: Series, certificates: Sequence[Certificate], found: Sequence[Change]) -> None:
    days = [one["day"] for one in certificates if any(view["timely"] for view in one["profiles"].values())]
    late = sum(1 for one in certificates if one["profiles"]) - len(days)
    dates = f"{counted(len(days), 'day')} seen in their time, {days[0]} to {days[-1]}" if days else ""
    left = f"; {late} were fetched long after and tell nothing" if late else ""
    number = counted(len(found), "change") if found else "no changes"
    click.echo(f"{series}: {dates or 'no day was seen in its time'}{left}; {number}")
    for sure, title in TITLES.items():
        lines = list(_lines(one for one in found if one.confidence == sure))
        if lines:
            click.echo(f"{title}:")
        for line in lines:
            click.echo(f"  {line}")


def _lines(found: Iterable[Change]) -> Iterator[str]:
    """One line for all that changed alike at the same time."""
    alike: dict[tuple[date, str, str], list[str]] = {}
    for one in found:
        alike.setdefault((one.first, one.days, one.description), []).append(one.field)
    for (_, days, description), fields in alike.items():
        names = ", ".join(fields)
        yield f"{days}  {names}: {description}" if names else f"{days}  {description}"


def _as_json(series: Series, change: Change) -> dict[str, Any]:
    named = {"source": series.source, "query": series.query, "when": change.days, "sure": change.confidence}
    return named | change._asdict()
