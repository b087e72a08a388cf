"""`dailypapers import`: pages from files into the archive, then build."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options
from dailypapers.cli.selection import check_day, counted
from dailypapers.cli.summary import RunSummary
from ingest.clock import parse_day, parse_instant
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, FAILED
from ingest.sources.model import SourceSeries
from ingest.sources.registry import series_named, source_named
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from ingest.importer.scan import FileScan


@click.command("import")
@click.argument("source")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--day", metavar="DAY", help="The day that all these pages list.")
@click.option("--query", metavar="WORDS", help="The words of the search that they answer.")
@click.option("--fetched-at", metavar="TIME", help="When they were served, where they do not say so themselves.")
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    source: str,
    paths: tuple[Path, ...],
    day: str | None,
    query: str | None,
    fetched_at: str | None,
) -> int:
    """Take saved pages into the store: JSON, HTML or WARC files, or folders of them.

    A page's day comes from --day, else from its WARC record, else from a date in the file's name, and must agree
    with what the page says of itself. A file that is no page of SOURCE is refused by name; the others come in.
    """
    from ingest.importer.scan import FileScan

    settings, log = invocation.settings, invocation.log
    listing = source_named(source)
    endpoint = listing.endpoint(settings.environment.hf_endpoint)
    source_series = SourceSeries(listing, series_named(listing, query), endpoint)
    if fetched_at is not None and parse_instant(fetched_at) > settings.clock.now():
        raise UsageError(f"--fetched-at {fetched_at} is in the future")
    given_day = parse_day(day) if day else None
    if given_day is not None:
        check_day(listing, given_day, settings.clock)
    store = Store(settings.root)
    summary = RunSummary(settings, log, invocation.begin_report("import", store))
    scan = FileScan(source_series, given_day, settings.clock.now())
    scan.scan(paths)
    for error in scan.refused:
        log.warning(f"refused: {error}")
    if not scan.accepted:
        log.warning(f"nothing was imported: no file holds a page of {source} that can be taken")
        return FAILED
    status = _store(store, source_series, scan, fetched_at, summary)
    return max(status, ATTENTION) if scan.refused else status


def _store(
    store: Store, source_series: SourceSeries, scan: FileScan, fetched_at: str | None, summary: RunSummary
) -> int:
    from ingest.importer.store import group_pages, store_fetch

    summary.report.open()
    groups = group_pages(scan.accepted, parse_instant(fetched_at) if fetched_at else None)
    added = sum(store_fetch(store, source_series, group) for group in groups)
    build_stale(store, map(source_series.on, sorted({group.day for group in groups})), summary)
    name, others = source_series.source.name, scan.other_records
    other_records = f", {others} records are not answers of {name}" if others else ""
    stored, refused = len(scan.accepted) - added, counted(len(scan.refused), "file")
    summary.log.info(f"{counted(added, 'page')} imported, {stored} already stored, {refused} refused{other_records}")
    return summary.finish()
