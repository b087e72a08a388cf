"""`dailypapers run`: fetch what is due, build it, one line a day."""

from __future__ import annotations

from datetime import date

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
from ingest.plan.due import DueDays, due_days, histories_of, unsettled
from ingest.plan.revisit import window
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
    asked = (day, since, until)
    wanted = [(each, _wanted_days(settings, each.source, asked, named=bool(sources))) for each in chosen]
    tally = RunSummary(settings, log, invocation.begin_report("run", store))
    missed = 0
    for source_series, days in wanted:
        stored = map(source_series.on, store.stored_days(source_series.series))
        broken, known = build_stale(store, stored, tally, days)
        if asked == (None, None, None):
            agenda = due_days(store, source_series, settings.clock.now(), known)
        else:
            histories = histories_of(store, source_series, days, known).values()
            agenda = DueDays(list(histories) if day else unsettled(histories, settings.clock.now()))
        # A day that cannot be built is not fetched again until it is repaired.
        left = [history for history in agenda.days if history.first not in broken]
        if left:
            fetch_days(store, source_series, left, tally, max_wait, forced=day is not None)
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


def _wanted_days(
    settings: Settings, source: Source, asked: tuple[str | None, str | None, str | None], *, named: bool
) -> list[date]:
    """The days of a source that may be fetched: those asked for, by default all of the window.

    Raises UsageError for days that the source cannot have, and if it is named and comes from files.
    """
    if named and not source.fetched:
        raise UsageError(f"{source.name} comes from files: dailypapers import {source.name} FILE --day DAY")
    if asked == (None, None, None):
        return window(source.period, date.min, settings.clock.today())
    # A day that is asked for means a list of the moment only if that is named.
    if source.fetched and (named or source.period is not Period.NOW):
        return asked_days(source, settings.clock, *asked)
    return []


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
