"""`dailypapers build`: archive -> days, without the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from ingest.errors import ATTENTION, DONE, DamagedArchive
from ingest.options import Settings, global_options, settings_of
from ingest.sources import Source
from ingest.staleness import is_stale
from snapshots.layout import Series, Store

from .chosen import bounds, held_or_named
from .tally import Tally

if TYPE_CHECKING:
    from snapshots.writer import Snapshot

Place = tuple[Source, Series, date]


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--query", metavar="WORDS", help="Only the search for these words.")
@click.option("--since", metavar="DAY", help="Only days from this one on.")
@click.option("--until", metavar="DAY", help="Only days up to this one.")
@click.option("--all", "every", is_flag=True, help="Also days whose pages and parsers did not change.")
@click.option("--diff", is_flag=True, help="Show what would change, by field; write nothing.")
@click.option("--check", is_flag=True, help="Verify every archive and every day; write nothing; exit 1 on a finding.")
@click.option("--accept-loss", is_flag=True, help="Build a day without its missing or damaged archive files.")
@global_options
@settings_of
def command(
    settings: Settings,
    sources: tuple[str, ...],
    query: str | None,
    since: str | None,
    until: str | None,
    every: bool,
    diff: bool,
    check: bool,
    accept_loss: bool,
) -> int:
    """Build the days of the store again from the pages that were kept: after a parser was mended, or snapshots lost.

    The same pages and parsers give the same bytes.
    """
    first, last = bounds(since, until)
    store = Store(settings.root)
    places = [place for place in _places(store, sources, query) if first <= place[2] <= last]
    if not (every or check or accept_loss):
        places = [place for place in places if is_stale(store, *place)]
    if diff or check:
        return _inspect(settings, store, places, verify=check)
    return _write(settings, store, places, accept_loss=accept_loss)


def _places(store: Store, sources: tuple[str, ...], query: str | None) -> Iterator[Place]:
    for source, series in held_or_named(store, sources, query):
        yield from ((source, series, day) for day in store.held_days(series))


def _write(settings: Settings, store: Store, places: list[Place], *, accept_loss: bool) -> int:
    from ingest.pipeline import build_and_write

    tally = Tally(settings)
    for place in places:
        tally.add(build_and_write(store, *place, accept_loss=accept_loss), built_only=True)
    if not places:
        settings.say("every day is built from the pages at hand")
    return tally.finish(all_failed=ATTENTION)


def _inspect(settings: Settings, store: Store, places: list[Place], *, verify: bool) -> int:
    """Show what a build would change; with `verify` anything that would is a finding."""
    from ingest.build import build_day

    findings = changes = 0
    for source, series, day in places:
        try:
            snapshot = build_day(store, source, series, day)
        except DamagedArchive as error:
            click.echo(f"{series} {day}: {error}", err=True)
            findings += 1
            continue
        changes += snapshot is not None and _show_day(store, snapshot)
    settings.say(f"{len(places)} days looked at, {changes} would change, {findings} cannot be built")
    return ATTENTION if findings or (verify and changes) else DONE


def _show_day(store: Store, snapshot: Snapshot) -> bool:
    from snapshots.diff import compare_days

    changed = snapshot.changed_files(store)
    if not changed:
        return False
    click.echo(f"{snapshot.series} {snapshot.day}: {snapshot.compare(store)}; changes {', '.join(changed)}")
    path = store.papers(snapshot.series, snapshot.day)
    for changes in compare_days(path.read_bytes() if path.exists() else b"", snapshot.content).fields.values():
        for kind, change in changes.items():
            click.echo(f"    {change.records} papers {kind}, e.g. {change.examples[0].key}: {change.examples[0].leaf}")
    return True
