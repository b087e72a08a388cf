"""`dailypapers import`: saved pages into the archive, then build."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.messages import format_count
from dailypapers.cli.options import global_options, query_option, source_argument
from dailypapers.cli.selection import day_of
from dailypapers.cli.summary import RunSummary
from ingest.clock import parse_instant
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, FAILED
from ingest.plan.requested import check_day
from ingest.sources.model import SourceSeries
from ingest.sources.registry import series_named, source_named
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from ingest.importer.scan import FileScan


@click.command("import")
@source_argument()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--day", metavar="DAY", help="The day that all these pages list.")
@query_option
@click.option("--fetched-at", metavar="TIME", help="When pages were served that do not say so themselves.")
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
    """Import saved pages into the store: JSON, HTML or WARC files, or folders of them.

    A page's day comes from --day, else from its WARC record, else from a date in the file's name, and must agree with
    the page itself. Files that are not pages of SOURCE are named and refused; the others are imported.
    """
    from ingest.importer.scan import FileScan

    settings, log = invocation.settings, invocation.log
    listing = source_named(source)
    endpoint = listing.endpoint(settings.environment.hf_endpoint)
    source_series = SourceSeries(listing, series_named(listing, query), endpoint)
    if fetched_at is not None and parse_instant(fetched_at) > settings.clock.now():
        raise UsageError(f"--fetched-at {fetched_at} is in the future")
    if fetched_at is not None and parse_instant(fetched_at).date() < listing.first_day:
        raise UsageError(f"--fetched-at {fetched_at} is before {listing.first_day}, the first day of {source}")
    page_day = day_of(day, settings.clock.today()) if day else None
    if page_day is not None:
        check_day(listing, page_day, settings.clock.today())
    store = Store(settings.root)
    summary = RunSummary(settings, log, invocation.begin_report("import", store))
    scan = FileScan(source_series, page_day, settings.clock.now())
    scan.scan(paths)
    for error in scan.refused:
        log.warning(f"refused: {error}")
    if not scan.accepted:
        log.warning(f"nothing was imported: no file is a usable page of {source}")
        return FAILED
    status = _store(store, source_series, scan, fetched_at, summary)
    return max(status, ATTENTION) if scan.refused else status


def _store(
    store: Store, source_series: SourceSeries, scan: FileScan, fetched_at: str | None, summary: RunSummary
) -> int:
    from ingest.importer.store import group_pages, store_fetch

    summary.report.open()
    groups = group_pages(scan.accepted, parse_instant(fetched_at) if fetched_at else None)
    added: dict[date, int] = {}
    for group in groups:
        added[group.day] = added.get(group.day, 0) + store_fetch(store, source_series, group)
    # What was stored before may be the work of a killed import, which did not sync it.
    synced = {day for day, count in added.items() if count}
    build_stale(store, source_series, sorted(added), summary, synced=synced)
    name, other_records = source_series.source.name, scan.other_records
    others = f", {other_records} records are not answers of {name}" if other_records else ""
    new = sum(added.values())
    stored, refused = len(scan.accepted) - new, format_count(len(scan.refused), "file")
    imported = f"{format_count(new, 'page')} imported, {stored} already stored"
    summary.log.info(f"{imported}, {refused} refused{others}")
    return summary.finish()
