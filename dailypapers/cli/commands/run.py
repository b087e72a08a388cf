"""`dailypapers run`: fetch and build the days that are due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import click

from dailypapers.cli.building import build_stale
from dailypapers.cli.fetching import fetch_days, fetch_options
from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.log import Log
from dailypapers.cli.options import global_options, query_option
from dailypapers.cli.selection import day_or_range, fetched_source, named_series
from dailypapers.cli.summary import RunSummary
from ingest.errors import UsageError
from ingest.exit_status import ATTENTION, DONE
from ingest.plan.due import DueDays, due_days, histories_of, unsettled
from ingest.plan.inventory import default_series
from ingest.plan.requested import has_past_days, listings_between
from ingest.plan.revisit import DayHistory, window
from ingest.sources.model import Source, SourceSeries
from snapshots.store.layout import Series, Store


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--day", metavar="DAY", help="Fetch this day, even if it is not due.")
@click.option("--since", metavar="DAY", help="Fetch the days from this one on that are not closed or empty.")
@click.option("--until", metavar="DAY", help="Last day of that range.  [default: today]")
@query_option
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
    max_wait: float,
) -> int:
    """Fetch the listings that are due and build their days.

    SOURCE is a name from `dailypapers sources` (default: hf-daily and every stored source). Without --day and --since,
    the due days of the last five weeks are fetched; run it as often as you like.
    """
    settings, log = invocation.settings, invocation.log
    if query is not None and not sources:
        raise UsageError("--query needs a source that takes one, e.g. hf-search")
    store, today = Store(settings.root), settings.clock.today()
    selected = named_series(store, map(fetched_source, sources), query) if sources else default_series(store)
    day_range = day_or_range(day, since, until, today)
    # Invalid days are refused for every source before anything is done.
    planned = [_planned_days(each.source, day_range, today, is_named=bool(sources)) for each in selected]
    summary = RunSummary(settings, log, invocation.begin_report("run", store))
    status = DONE
    for source_series, days in zip(selected, planned, strict=True):
        stored = map(source_series.on, store.stored_days(source_series.series))
        broken, known = build_stale(store, stored, summary, days)
        due = _due_days(store, source_series, day_range and days, settings.clock.now(), known, forced=day is not None)
        # A day that cannot be built is not fetched again until that is fixed.
        left = [history for history in due.days if history.first not in broken]
        if left:
            fetch_days(store, source_series, left, summary, max_wait, forced=day is not None)
        status |= _warn_missed(log, source_series.series, due)
    if not summary.days:
        log.info("nothing is due")
    status = max(status, summary.finish())
    if summary.partial and len(summary.days) > 1:
        log.info(f"{summary.partial} partial; later runs will fetch them again")
    return status


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
) -> DueDays:
    if requested is None:
        return due_days(store, source_series, now, known)
    histories = histories_of(store, source_series, requested, known).values()
    return DueDays(list(histories) if forced else unsettled(histories, now))


def _warn_missed(log: Log, series: Series, due: DueDays) -> int:
    if not due.missed:
        return DONE
    first, last = due.missed[0], due.missed[-1]
    query = f' --query "{series.query}"' if series.query else ""
    log.warning(
        f"{series}: {len(due.missed)} days were missed and are too old for run, {first} to {last}; "
        f"fetch them: dailypapers backfill {series.source}{query} --since {first} --until {last}"
    )
    return ATTENTION
