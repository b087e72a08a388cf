"""`dailypapers run`: fetch what is due, build it, one line a day."""

from __future__ import annotations

import click

from ingest.options import Settings, global_options, settings_of
from ingest.sources import check_endpoint, source_named
from snapshots.layout import Series, Store

from .days import asked_days
from .tally import Tally


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--day", metavar="DAY", help="This day.")
@click.option("--since", metavar="DAY", help="All days from this one on.")
@click.option("--until", metavar="DAY", help="... to this one; today unless said.")
@global_options
@settings_of
def command(settings: Settings, sources: tuple[str, ...], day: str | None, since: str | None, until: str | None) -> int:
    """Fetch listings and build their days: today's, unless --day or --since says otherwise.

    SOURCE is a name that `dailypapers sources` prints; hf-daily unless said.
    """
    from ingest.fetch import Fetcher
    from ingest.pipeline import build_stale, run_days

    store, clock = Store(settings.root), settings.clock
    wanted = [source_named(name) for name in sources or ("hf-daily",)]
    days = {source.name: asked_days(source, clock, day, since, until) for source in wanted}
    tally = Tally(settings)
    for source in wanted:
        series = Series(source.name)
        for result in build_stale(store, source, series, store.held_days(series)):
            tally.add(result)
        with Fetcher(check_endpoint(source.endpoint())) as fetcher:
            for result in run_days(store, source, series, days[source.name], clock, fetcher):
                tally.add(result)
    return tally.finish()
