"""`dailypapers run`: fetch what is due, build it, one line a day."""

from __future__ import annotations

import click

from ingest.agenda import Agenda, due_days, unsettled
from ingest.errors import ATTENTION, UsageError
from ingest.options import Settings, global_options, settings_of
from ingest.sources import Source
from snapshots.layout import Series, Store

from .chosen import asked_days, chosen_series, held_or_named
from .network import fetch_days, max_wait_option
from .tally import Tally


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--day", metavar="DAY", help="This day, due or not.")
@click.option("--since", metavar="DAY", help="The days from this one on that are not settled yet.")
@click.option("--until", metavar="DAY", help="... to this one; today unless said.")
@click.option("--query", metavar="WORDS", help="The words of a search.")
@max_wait_option
@global_options
@settings_of
def command(
    settings: Settings,
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
    store = Store(settings.root)
    chosen = chosen_series(store, sources, query) if sources else _usual(store)
    tally = Tally(settings)
    agendas = []
    for source, series in chosen:
        if not source.fetched and sources:
            raise UsageError(f"{source.name} comes from files: dailypapers import {source.name} FILE --day DAY")
        agendas.append(_agenda(settings, store, source, series, (day, since, until)))
    for (source, series), agenda in zip(chosen, agendas, strict=True):
        _run(store, source, series, agenda, tally, max_wait)
    if not tally.days:
        settings.say("nothing is due")
    return max(tally.finish(), _name_missed(settings, chosen, agendas))


def _usual(store: Store) -> list[tuple[Source, Series]]:
    held = held_or_named(store, (), None)
    daily = chosen_series(store, ["hf-daily"], None)
    return daily + [one for one in held if one not in daily]


def _agenda(
    settings: Settings, store: Store, source: Source, series: Series, asked: tuple[str | None, str | None, str | None]
) -> Agenda:
    day, since, until = asked
    if (day, since, until) == (None, None, None):
        return due_days(store, source, series, settings.clock.now())
    days = asked_days(source, settings.clock, day, since, until)
    return Agenda(days if day else unsettled(store, source, series, days, settings.clock.now()))


def _run(store: Store, source: Source, series: Series, agenda: Agenda, tally: Tally, max_wait: float) -> None:
    from ingest.pipeline import build_stale

    for result in build_stale(store, source, series, store.held_days(series)):
        tally.add(result, built_only=True)
    if agenda.days:
        fetch_days(store, source, series, agenda.days, tally, max_wait)


def _name_missed(settings: Settings, chosen: list[tuple[Source, Series]], agendas: list[Agenda]) -> int:
    status = 0
    for (source, series), agenda in zip(chosen, agendas, strict=True):
        if agenda.missed:
            first, last = agenda.missed[0], agenda.missed[-1]
            query = f' --query "{series.query}"' if series.query else ""
            settings.say(
                f"{series}: {len(agenda.missed)} days were missed and are out of reach of run, {first} to {last}; "
                f"fetch them: dailypapers backfill {source.name}{query} --since {first} --until {last}"
            )
            status = ATTENTION
    return status
