"""`dailypapers run`: fetch and build the days that are due, and the papers that arXiv has not described yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.options import global_options, query_option, sources_argument
from dailypapers.cli.selection import day_or_range, fetched_source, named_series
from dailypapers.cli.summary import RunSummary, build_stale
from dailypapers.ingest.errors import ATTENTION, DONE, UsageError
from dailypapers.ingest.plan.due import due_days, has_past_days, histories_of, listings_between, unsettled
from dailypapers.ingest.plan.gaps import gaps, unwaived
from dailypapers.ingest.plan.inventory import day_history, default_series, stored_series
from dailypapers.ingest.plan.missing import missing_ids
from dailypapers.ingest.plan.revisit import DayHistory, is_beyond_run, next_look, window
from dailypapers.ingest.plan.waived import invalid_lines, waivers
from dailypapers.ingest.runs.reader import past_runs
from dailypapers.ingest.sources.arxiv import PAPERS_BY_ID
from dailypapers.ingest.sources.model import Source, SourceSeries
from dailypapers.ingest.sources.registry import SOURCES, source_named
from dailypapers.snapshots.store.layout import Series, Store

from .fetching import fetch_days, fetch_options

Days = Sequence[tuple["Series", DayHistory]]


def outlook(days: Days, what: str, now: datetime, store: Path | None) -> Iterator[str]:
    """A line for the days that later runs fetch, and one with a command for each range of the others.

    `what` says what the days are, for instance `partial`; `store` is the one that the command line named.
    """
    beyond = [item for item in days if is_beyond_run(item[1], now)]
    within = (day for _, day in days if not is_beyond_run(day, now))
    looks = [look for day in within if (look := next_look(day, now)) is not None]
    if looks:
        when = "the next one" if min(looks) <= now else f"the first at {min(looks):%Y-%m-%d %H:%M} UTC"
        yield f"{len(looks)} {what}; later runs will fetch them again, {when}"
    yield from _commands(beyond, now, store)


def _commands(days: Days, now: datetime, store: Path | None) -> Iterator[str]:
    if not days:
        return
    from dailypapers.ingest.monitor.problems import gap_problem  # seldom needed
    from dailypapers.ingest.plan.gaps import as_gaps

    for series in dict.fromkeys(series for series, _ in days):
        own = sorted((day for each, day in days if each == series), key=lambda day: day.first)
        yield from (gap_problem(gap, now).describe(store) for gap in as_gaps(series, own))


MAX_NAMED: Final = 5
"""Ids that a message names."""


def enrich(invocation: Invocation, name: str, max_wait: float) -> int:
    """Fetch the papers of a stored source that arXiv has not described yet; returns the exit status.

    Raises UsageError for an unknown source, and for one that is not stored.
    """
    from dailypapers.ingest.fetch.known_ids import IdFetcher

    settings = invocation.settings
    store, listing = Store(settings.root), source_named(name)
    listings = stored_series(store, listing)
    if not listings:
        raise UsageError(f"--for {name}: nothing of it is stored; first fetch it: dailypapers run {name}")
    enriched = SourceSeries(SOURCES[PAPERS_BY_ID], Series(PAPERS_BY_ID, name))
    summary = RunSummary(settings, invocation.log, invocation.begin_report("run", store))
    # What an earlier run archived and could not build is not missing.
    build_stale(store, enriched, store.stored_days(enriched.series), summary)
    ids, resting = _due_ids(store, listings, enriched, settings.clock.now())
    if not ids:
        invocation.log.info(f"arXiv has described all papers of {name}{_except(resting)}")
        return summary.finish()
    history = day_history(store, enriched.on(settings.clock.today()))
    fetch_days(store, enriched, [history], summary, max_wait, forced=True, make_fetcher=partial(IdFetcher, ids=ids))
    return summary.finish()


def _due_ids(
    store: Store, listings: Sequence[Series], enriched: SourceSeries, now: datetime
) -> tuple[list[str], list[str]]:
    """The ids that arXiv has not described yet: those to request now, and those that it was asked for a short time ago.

    What a listing shows since then is requested at once.
    """
    from dailypapers.ingest.fetch.known_ids import answered_ids

    missing = missing_ids(store, listings, enriched.series)
    answered = answered_ids(store, enriched, now) if missing else {}
    rests = {each for each, seen in missing.items() if each in answered and (seen is None or seen <= answered[each])}
    return [each for each in missing if each not in rests], [each for each in missing if each in rests]


def _except(resting: Sequence[str]) -> str:
    if not resting:
        return ""
    named = ", ".join([*resting[:MAX_NAMED], *(["..."] if len(resting) > MAX_NAMED else [])])
    return f" except {len(resting)} that it did not have when asked in the last 24 hours: {named}"


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
            from dailypapers.ingest.fetch.day import clear_abandoned

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
