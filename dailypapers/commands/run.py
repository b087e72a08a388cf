"""`dailypapers run`: fetch and build the days that are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options, query_option, sources_argument
from dailypapers.cli.selection import day_or_range, fetched_source, named_series
from dailypapers.cli.summary import RunSummary
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.exit_status import ATTENTION, DONE
from dailypapers.ingest.plan.due import due_days, histories_of, unsettled
from dailypapers.ingest.plan.gaps import gaps, unwaived
from dailypapers.ingest.plan.inventory import default_series
from dailypapers.ingest.plan.reach import window
from dailypapers.ingest.plan.requested import has_past_days, listings_between
from dailypapers.ingest.plan.revisit import DayHistory
from dailypapers.ingest.plan.waived import invalid_lines, waivers
from dailypapers.ingest.runs.reader import past_runs
from dailypapers.ingest.sources.model import Source, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.store.layout import Store

from .enriching import enrich
from .fetching import fetch_days, fetch_options
from .outlook import outlook


@click.command()
@sources_argument
@click.option("--day", metavar="DAY", help="Fetch this day, even if it is not due.")
@click.option("--since", metavar="DAY", help="Fetch the days from this one on that are not closed or empty.")
@click.option("--until", metavar="DAY", help="Last day of that range.  [default: today]")
@query_option
@click.option(
    "--for",
    "described",
    metavar="SOURCE",
    help="With arxiv-api: fetch what arXiv knows about the stored papers of that source.",
)
@fetch_options
@global_options
@pass_invocation
def command(
    invocation: Invocation,
    sources: tuple[str, ...],
    day: str | None,
    since: str | None,
    until: str | None,
    query: str | None,
    described: str | None,
    max_wait: float,
) -> int:
    """Fetch the listings that are due and build their days.

    SOURCE is a name from `dailypapers sources` (default: hf-daily and every stored source). Without --day and --since,
    the due days of the last five weeks are fetched; run it as often as you like.
    """
    settings, log = invocation.settings, invocation.log
    if described is not None:
        if sources != ("arxiv-api",) or any((day, since, until, query)):
            raise UsageError(f"--for goes with arxiv-api alone: dailypapers run arxiv-api --for {described}")
        return enrich(invocation, described, max_wait)
    if query is not None and not sources:
        raise UsageError("--query needs a source that takes one, e.g. hf-search")
    store, today = Store(settings.root), settings.clock.today()
    selected = named_series(store, map(fetched_source, sources), query) if sources else default_series(store)
    day_range = day_or_range(day, since, until, today)
    # Invalid days are refused for every source before anything is done.
    planned = [_planned_days(each.source, day_range, today, is_named=bool(sources)) for each in selected]
    summary = RunSummary(settings, log, invocation.begin_report("run", store))
    for message in invalid_lines(store):
        log.warning(message)
    run = _Run(invocation, store, summary, day_range is not None, day is not None, max_wait)
    status = DONE
    for source_series, days in zip(selected, planned, strict=True):
        status |= run.fetch(source_series, days)
    if not summary.days:
        log.info("nothing is due")
    status = max(status, summary.finish())
    if len(summary.days) > 1:
        for line in outlook(summary.partial, "partial", settings.clock.now(), settings.store):
            log.info(line)
    return status


class _Run(NamedTuple):
    """What is the same for all series of a run."""

    invocation: Invocation
    store: Store
    summary: RunSummary
    is_range: bool
    """Only the days that were named."""
    forced: bool
    """They are fetched even if they are not due."""
    max_wait: float
    """Seconds."""

    def fetch(self, source_series: SourceSeries, days: list[date]) -> int:
        """Build what is stale of a series, fetch what is due, and return ATTENTION if gaps are named."""
        clock, stored = self.invocation.settings.clock, self.store.stored_days(source_series.series)
        names_gaps = not self.is_range and not _has_run_today(self.store, source_series.source, clock.today())
        planned_days = {*days, *stored} if names_gaps else set(days)
        broken, known = build_stale(self.store, source_series, stored, self.summary, planned_days)
        if not self.is_range and any(view.paging.by_links for view in source_series.source.views):
            from dailypapers.ingest.fetch.stopped_walk import clear_abandoned

            clear_abandoned(self.store, source_series, days)
        requested = days if self.is_range else None
        due = _due_days(self.store, source_series, requested, clock.now(), known, forced=self.forced)
        # A day that cannot be built is not fetched again until that is fixed.
        left = [history for history in due if history.first not in broken]
        if left:
            fetch_days(self.store, source_series, left, self.summary, self.max_wait, forced=self.forced)
        return _warn_gaps(self.invocation, self.store, source_series, known, broken) if names_gaps else DONE


def _planned_days(source: Source, day_range: tuple[date, date] | None, today: date, *, is_named: bool) -> list[date]:
    """The days of a source that may be fetched: those of a range, else the window of a run.

    Raises UsageError for days that the source cannot have. A source that was not named may have none of a range.
    """
    if day_range is None:
        return window(source.period, date.min, today)
    return listings_between(source, *day_range, today) if is_named or has_past_days(source) else []


def _due_days(
    store: Store,
    source_series: SourceSeries,
    requested: list[date] | None,
    now: datetime,
    known: Mapping[date, DayHistory],
    *,
    forced: bool,
) -> list[DayHistory]:
    if requested is None:
        return due_days(store, source_series, now, known)
    histories = histories_of(store, source_series, requested, known).values()
    return list(histories) if forced else unsettled(histories, now)


def _has_run_today(store: Store, source: Source, today: date) -> bool:
    """Whether a run of this day has fetched what was due of a source, and so has named the gaps."""
    reports = (run.report for run in past_runs(store, today) if run.state == "ended")
    return any(_covers(report, source) for report in reports if report["command"] == "run")


def _covers(report: Mapping[str, Any], source: Source) -> bool:
    words = set(report.get("arguments", ()))
    named = words & SOURCES.keys()
    return (not named or source.name in named) and not any(word.startswith(("--day", "--since")) for word in words)


def _warn_gaps(
    invocation: Invocation,
    store: Store,
    source_series: SourceSeries,
    known: Mapping[date, DayHistory],
    broken: Collection[date],
) -> int:
    """Name the days that no run will fetch again, with the commands that do."""
    settings = invocation.settings
    now = settings.clock.now()
    histories = {day: None if day in broken else history for day, history in known.items()}
    found = unwaived(gaps(source_series, histories, now), waivers(store))
    if not found:
        return DONE
    from dailypapers.ingest.monitor.problems import gap_problem  # seldom needed

    for gap in found:
        invocation.log.warning(gap_problem(gap, now).describe(settings.store))
    return ATTENTION
