"""`dailypapers run`: fetch what is due, build it, one line a day."""

from __future__ import annotations

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.fetching import endpoint_option, fetch_days, max_wait_option
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options, metrics_option
from dailypapers.cli.selection import asked_days, chosen_series, named_or_stored
from dailypapers.cli.settings import Settings
from dailypapers.cli.summary import RunSummary
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, DONE
from ingest.plan.due import DueDays, due_days, unsettled
from ingest.sources.model import Source, SourceSeries
from ingest.sources.period import Period
from snapshots.store.layout import Series, Store


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--day", metavar="DAY", help="This day, due or not.")
@click.option("--since", metavar="DAY", help="The days from this one on that are not settled yet.")
@click.option("--until", metavar="DAY", help="... to this one; today unless said.")
@click.option("--query", metavar="WORDS", help="The words of a search.")
@max_wait_option
@metrics_option
@endpoint_option
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    day: str | None,
    since: str | None,
    until: str | None,
    query: str | None,
    max_wait: float,
) -> int:
    """Fetch the listings that are due for a look and build their days.

    SOURCE is a name that `dailypapers sources` prints; hf-daily and whatever the store holds unless said. Without
    --day and --since it is the days of the last five weeks that are due: run it as often as you like.
    """
    settings, log = invocation.settings, invocation.log
    if query is not None and not sources:
        raise UsageError("--query needs the source that it is for, e.g. hf-search")
    store = Store(settings.root)
    chosen = chosen_series(store, sources, query) if sources else _usual(store)
    for source in (each.source for each in chosen):
        if not source.fetched and sources:
            raise UsageError(f"{source.name} comes from files: dailypapers import {source.name} FILE --day DAY")
        _check_days(settings, source, (day, since, until), named=bool(sources))
    tally = RunSummary(settings, log, invocation.begin_report("run", store))
    missed = 0
    for source_series in chosen:
        # A day that cannot be built is not fetched again until it is mended.
        broken = build_stale(store, source_series, store.stored_days(source_series.series), tally)
        agenda = _agenda(settings, store, source_series, (day, since, until), named=bool(sources))
        days = [one for one in agenda.days if one not in broken]
        if days:
            fetch_days(store, source_series, days, tally, max_wait, forced=day is not None)
        missed |= _name_missed(log, source_series.series, agenda)
    if not tally.days:
        log.info("nothing is due")
    status = tally.finish()
    if tally.partial and len(tally.days) > 1:
        log.info(f"{tally.partial} partial; later runs look again")
    return max(status, missed)


def _usual(store: Store) -> list[SourceSeries]:
    held = named_or_stored(store, (), None)
    daily = chosen_series(store, ["hf-daily"], None)
    return daily + [one for one in held if one not in daily]


Asked = tuple[str | None, str | None, str | None]


def _check_days(settings: Settings, source: Source, asked: Asked, *, named: bool) -> None:
    """Raises UsageError for days that a source named cannot have, before anything is done."""
    if asked != (None, None, None) and _takes_days(source, named=named):
        asked_days(source, settings.clock, *asked)


def _takes_days(source: Source, *, named: bool) -> bool:
    """Whether a day that was asked for means this source: lists of the moment only where they are named."""
    return source.fetched and (named or source.period is not Period.NOW)


def _agenda(settings: Settings, store: Store, source_series: SourceSeries, asked: Asked, *, named: bool) -> DueDays:
    source = source_series.source
    if asked == (None, None, None):
        return due_days(store, source_series, settings.clock.now())
    if not _takes_days(source, named=named):
        return DueDays([])
    days = asked_days(source, settings.clock, *asked)
    return DueDays(days if asked[0] else unsettled(store, source_series, days, settings.clock.now()))


def _name_missed(log: Log, series: Series, agenda: DueDays) -> int:
    if not agenda.missed:
        return DONE
    first, last = agenda.missed[0], agenda.missed[-1]
    query = f' --query "{series.query}"' if series.query else ""
    log.warning(
        f"{series}: {len(agenda.missed)} days were missed and are out of reach of run, {first} to {last}; "
        f"fetch them: dailypapers backfill {series.source}{query} --since {first} --until {last}"
    )
    return ATTENTION
