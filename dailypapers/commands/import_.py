"""`dailypapers import`: saved pages, or the history of a git repository, into the archive, then build."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options, query_option, source_argument
from dailypapers.cli.output import format_count
from dailypapers.cli.selection import day_of
from dailypapers.cli.summary import RunSummary, build_stale
from dailypapers.ingest.clock import parse_instant
from dailypapers.ingest.errors import ATTENTION, FAILED, UsageError
from dailypapers.ingest.plan.due import check_day
from dailypapers.ingest.sources.model import SourceSeries
from dailypapers.ingest.sources.registry import series_named, source_named
from dailypapers.snapshots.store.layout import Store

if TYPE_CHECKING:
    from dailypapers.ingest.importer.scan import FileScan
    from dailypapers.ingest.importer.store import FetchGroup


@click.command("import")
@source_argument()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@click.option("--day", metavar="DAY", help="Day that all these pages list.")
@query_option
@click.option("--fetched-at", metavar="TIME", help="When the pages were served, for pages that do not say it.")
@click.option(
    "--git",
    "repository",
    metavar="REPO",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Import every version of the pages in a git repository.",
)
@click.option("--path", "glob", metavar="GLOB", help="With --git: only files whose path matches.")
@click.option("--ref", metavar="REF", help="Of the repository, the history of this branch or commit.  [default: HEAD]")
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    source: str,
    paths: tuple[Path, ...],
    day: str | None,
    query: str | None,
    fetched_at: str | None,
    repository: Path | None,
    glob: str | None,
    ref: str | None,
) -> int:
    """Import saved pages into the store: JSON, HTML or WARC files, or folders of them.

    A page's day comes from --day, else from its WARC record, else from a date in the file's name, and must agree with
    the page itself. Files that are not pages of SOURCE are named and refused; the others are imported.

    With --git, each version of each file in the repository REPO is a page, fetched when it was committed. Its day
    comes from --day, else from a date in its path, else from the page itself. Without --path, files are read whose name
    ends in .json, .html or .htm, also gzipped (.gz). Nothing that the repository configures is run, and nothing is
    downloaded. The next import takes only the versions that are new.
    """
    from dailypapers.ingest.importer.scan import FileScan

    _check_options(paths, repository, fetched_at, glob, ref)
    settings = invocation.settings
    listing = source_named(source)
    endpoint = listing.endpoint(settings.environment.hf_endpoint)
    source_series = SourceSeries(listing, series_named(listing, query), endpoint)
    served_at = _served_at(source_series, fetched_at, settings.clock.now()) if fetched_at is not None else None
    page_day = day_of(day, settings.clock.today()) if day else None
    if page_day is not None:
        check_day(listing, page_day, settings.clock.today())
    store = Store(settings.root)
    summary = RunSummary(settings, invocation.log, invocation.begin_report("import", store))
    scan = FileScan(source_series, page_day, settings.clock.now())
    if repository is not None:
        return _import_history(store, scan, repository, glob, ref or "HEAD", summary)
    scan.scan(paths)
    return _import_files(store, scan, served_at, summary)


def _check_options(
    paths: tuple[Path, ...], repository: Path | None, fetched_at: str | None, glob: str | None, ref: str | None
) -> None:
    if repository is None and not paths:
        raise UsageError("import what? Name files or folders of pages, or a git repository with --git REPO")
    if repository is None and (glob is not None or ref is not None):
        raise UsageError("--path and --ref choose from a git repository; name one with --git REPO")
    if any(path.is_dir() and path.samefile(os.sep) for path in paths):
        raise UsageError("import /: that is the whole machine; name the files or folders of pages")
    if repository is not None and paths:
        raise UsageError("import either files or --git REPO; to choose files of the repository, use --path GLOB")
    if repository is not None and fetched_at is not None:
        raise UsageError("--fetched-at is for files; a page in a git repository has the time of its commit")


def _served_at(source_series: SourceSeries, fetched_at: str, now: datetime) -> datetime:
    source, instant = source_series.source, parse_instant(fetched_at)
    if instant > now:
        raise UsageError(f"--fetched-at {fetched_at} is in the future")
    if instant.date() < source.first_day:
        raise UsageError(f"--fetched-at {fetched_at} is before {source.first_day}, the first day of {source.name}")
    return instant


def _import_files(store: Store, scan: FileScan, served_at: datetime | None, summary: RunSummary) -> int:
    from dailypapers.ingest.importer.store import group_pages

    source, log = scan.source_series.source.name, summary.log
    for error in scan.refused:
        log.warning(f"refused: {error}")
    if not scan.accepted:
        log.warning(f"nothing was imported: no file is a usable page of {source}")
        return FAILED
    new = _store(store, scan.source_series, group_pages(scan.accepted, served_at), summary)
    others = f", {scan.other_records} records are not answers of {source}" if scan.other_records else ""
    refused = format_count(len(scan.refused), "file")
    stored = len(scan.accepted) - new
    log.info(f"{format_count(new, 'page')} imported, {stored} already stored, {refused} refused{others}")
    status = summary.finish()
    return max(status, ATTENTION) if scan.refused else status


def _import_history(
    store: Store, scan: FileScan, repository: Path, glob: str | None, ref: str, summary: RunSummary
) -> int:
    from dailypapers.ingest.importer.git_history import GitHistoryScan, is_page_name, known_versions, version_groups
    from dailypapers.ingest.importer.git_repository import git_blobs, git_in, is_shallow, origin, resolve, versions

    log, git = summary.log, git_in(repository)
    commit, known = resolve(git, ref), known_versions(store, scan.source_series)
    if is_shallow(git):
        log.warning(
            f"--git {repository}: a shallow clone, which lacks older versions; "
            f"to import them too: {shlex.join(['git', '-C', str(repository), 'fetch', '--unshallow'])}"
        )
    with git_blobs(git) as blobs:
        history = GitHistoryScan(scan, blobs, origin(git), known)
        for version in list(versions(git, commit, glob)):
            if glob is not None or is_page_name(version.path):
                history.add(version)
        for error in scan.refused:
            log.warning(f"refused: {error}")
        if not scan.accepted and not history.skipped:
            log.warning(f"nothing was imported: no file in {repository} is a usable page of {scan.source_series}")
            return FAILED
        new = _store(store, scan.source_series, version_groups(scan.source_series, scan.accepted), summary)
    stored = len(scan.accepted) - new + history.skipped
    missing = f", {history.missing} of them missing from the repository" if history.missing else ""
    refused = format_count(len(scan.refused), "version")
    log.info(f"{format_count(new, 'version')} imported, {stored} already stored, {refused} refused{missing}")
    status = summary.finish()
    return max(status, ATTENTION) if scan.refused else status


def _store(store: Store, source_series: SourceSeries, groups: Iterable[FetchGroup], summary: RunSummary) -> int:
    """Store the groups and build their days; returns how many pages are new."""
    from dailypapers.ingest.importer.store import store_fetches

    summary.report.open()
    added: dict[date, int] = {}
    for day, of_day in groupby(sorted(groups, key=lambda group: group.day), key=lambda group: group.day):
        added[day] = sum(store_fetches(store, source_series.on(day), of_day))
    # What was stored before may be the work of a killed import, which did not sync it.
    build_stale(store, source_series, sorted(added), summary, synced={day for day, count in added.items() if count})
    return sum(added.values())
