"""`dailypapers build`: archive -> days, without the network."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ingest.errors import ATTENTION, DONE
from ingest.options import Settings, global_options, settings_of
from ingest.sources import Source, source_named
from snapshots.layout import Series, Store

from .days import bounds
from .tally import Tally

if TYPE_CHECKING:
    from ingest.build import Built


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@click.option("--until", metavar="DAY", help="Only days up to this one.")
@click.option("--all", "every", is_flag=True, help="Also days whose pages and parsers did not change.")
@click.option("--diff", is_flag=True, help="Show what would change, by field; write nothing.")
@click.option("--accept-loss", is_flag=True, help="Build a day without its missing or damaged archive files.")
@global_options
@settings_of
def command(
    settings: Settings,
    sources: tuple[str, ...],
    since: str | None,
    until: str | None,
    every: bool,
    diff: bool,
    accept_loss: bool,
) -> int:
    """Build the days of the store again from the pages that were kept: after a parser was mended, or snapshots lost.

    The same pages and parsers give the same bytes.
    """
    from ingest.build import is_stale

    first, last = bounds(since, until)
    store = Store(settings.root)
    tally = Tally(settings)
    status = DONE
    for source in [source_named(name) for name in sources or held_sources(store)]:
        series = Series(source.name)
        days = [day for day in store.held_days(series) if first <= day <= last]
        wanted = [day for day in days if every or accept_loss or is_stale(store, source, series, day)]
        if diff:
            status = max(status, _show(store, source, series, wanted))
        else:
            _write(store, source, series, wanted, tally, accept_loss)
    if not diff and not tally.days:
        settings.say("every day is built from the pages at hand")
    return max(status, tally.finish(all_failed=ATTENTION))


def held_sources(store: Store) -> list[str]:
    """The sources of which the store holds anything."""
    from ingest.sources import SOURCES

    return [name for name in SOURCES if store.held_days(Series(name))]


def _write(store: Store, source: Source, series: Series, days: list[date], tally: Tally, accept_loss: bool) -> None:
    from ingest.pipeline import build_and_write

    for day in days:
        tally.add(build_and_write(store, source, series, day, accept_loss=accept_loss))


def _show(store: Store, source: Source, series: Series, days: list[date]) -> int:
    from ingest.build import build_day
    from ingest.errors import DamagedArchive

    status = DONE
    for day in days:
        try:
            built = build_day(store, source, series, day)
        except DamagedArchive as error:
            click.echo(f"{series} {day}: {error}", err=True)
            status = ATTENTION
            continue
        if built is not None:
            _show_day(store, built)
    return status


def _show_day(store: Store, built: Built) -> None:
    from snapshots.diff import differences

    click.echo(f"{built.series} {built.day}: {built.compare(store)}")
    for difference in differences(store.papers(built.series, built.day), built.content):
        click.echo(f"    {difference}")
