"""`dailypapers status`: show the state of each day and what needs attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

import click

from dailypapers.cli.calendar import calendar, legend
from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, no_days_message
from dailypapers.cli.options import global_options, metrics_option, series_options
from dailypapers.cli.selection import named_or_stored_series, since_until
from dailypapers.cli.settings import Settings
from ingest.exit_status import ATTENTION, DONE
from ingest.monitor.problems import Problem, series_problems
from ingest.monitor.status import DayStatus, SeriesStatus, series_status
from snapshots.store.layout import Store

VERSION: Final = 2
"""Version of the object that `--json` prints; raised when a name is removed or changes its meaning."""


@click.command()
@series_options
@metrics_option
@global_options
@pass_settings
def command(settings: Settings, source: str | None, query: str | None, since: str | None) -> int:
    """Show the state of each day (open, settling, closed, empty or partial) and what needs attention.

    Exit status 1 if a day of the last five weeks raises an alarm, or a series is no longer fetched.
    """
    first, _ = since_until(since, None)
    store, now = Store(settings.root), settings.clock.now()
    selected = named_or_stored_series(store, [source] if source else [], query)
    statuses = [series_status(store, each, now) for each in selected]
    problems = [problem for status in statuses for problem in series_problems(status, now)]
    problems = [problem for problem in problems if problem.day is None or problem.day >= first]
    alarms = [problem for problem in problems if problem.raises_alarm]
    if settings.json:
        print_json(_as_json(statuses, problems, first, now))
    elif settings.quiet:
        for problem in alarms:
            click.echo(problem)
    elif any(status.days for status in statuses):
        _print(statuses, problems, first, now)
    else:
        click.echo(no_days_message(store, f"no days in {store.root}; start with: dailypapers run"))
    return ATTENTION if alarms else DONE


def _as_json(
    statuses: Sequence[SeriesStatus], problems: Sequence[Problem], first: date, now: datetime
) -> dict[str, object]:
    """The output for programs; docs/monitoring.md says what each name means."""
    return {
        "version": VERSION,
        "now": now,
        "sources": [_series_row(status, now) for status in statuses],
        "days": [_day_row(day) for status in statuses for day in status.days if day.day >= first],
        "problems": problems,
    }


def _series_row(status: SeriesStatus, now: datetime) -> dict[str, object]:
    return {
        "source": status.series.source,
        "query": status.series.query,
        "days": sum(1 for day in status.days if day.state),
        "papers": status.total("papers"),
        "rejects": status.total("rejects"),
        "last_fetch": status.fetched,
        "last_success": status.succeeded,
        "due_since": status.due_since(now),
        "late_seconds": int(status.late(now).total_seconds()),
    }


def _day_row(day: DayStatus) -> dict[str, object]:
    names = ("papers", "gone", "rejects", "as_of", "lost")
    return {
        "source": day.series.source,
        "query": day.series.query,
        "day": day.day,
        "state": day.state.name if day.state else None,
        "reason": day.state.reason if day.state else None,
        **(day.counts or dict.fromkeys(names) | {"fetches": 0}),
        "last_fetch": day.fetched,
        "last_success": day.succeeded,
        "next_look": day.next_look,
        "alarm": {"kind": day.alarm.kind, "reason": day.alarm.reason} if day.alarm else None,
    }


def _print(statuses: Sequence[SeriesStatus], problems: Sequence[Problem], first: date, now: datetime) -> None:
    for status in statuses:
        days = [day for day in status.days if day.day >= first]
        rejects = f", {format_count(count, 'reject')}" if (count := status.total("rejects", first)) else ""
        stored = format_count(sum(1 for day in days if day.state), "day")
        papers = format_count(status.total("papers", first), "paper")
        click.echo(f"{status.series}: {stored}, {papers}{rejects}{_format_last_fetch(status, now)}")
        for row in calendar({day.day: day.state.name if day.state else "missing" for day in days}):
            click.echo(row)
    click.echo(legend())
    lines = [line for status in statuses for line in _attention_lines(status, problems, first, now)]
    if lines:
        click.echo(f"\n{len(lines)} need{'s' * (len(lines) == 1)} attention:")
    for line in lines:
        click.echo(f"  {line}")


def _format_last_fetch(status: SeriesStatus, now: datetime) -> str:
    if status.fetched is None:
        return ""
    hours = int(status.late(now).total_seconds() // 3600)
    late = f", {f'{hours} h' if hours < 48 else f'{hours // 24} days'} late" if status.late(now) else ""
    return f"; last fetched {status.fetched:%Y-%m-%d %H:%M} UTC{late}"


def _attention_lines(status: SeriesStatus, problems: Sequence[Problem], first: date, now: datetime) -> Iterator[str]:
    """A line for each problem of a series, and for each partial day that raises no alarm (yet, or any more).

    Consecutive days that were never fetched share one line.
    """
    ours = [problem for problem in problems if problem.series == str(status.series)]
    day_problems: dict[date | None, Problem] = {}
    for problem in ours:
        if problem.day is None or problem.kind == "drift":
            yield str(problem)
        else:
            day_problems[problem.day] = problem
    missing = {day for day, problem in day_problems.items() if problem.kind == "missing"}
    for is_missing, group in groupby(status.days, lambda day: day.day in missing):
        days = list(group)
        if is_missing and len(days) > 1:
            span = f"{days[0].series} {days[0].day} to {days[-1].day}"
            yield f"{span}: missing: {len(days)} days were never fetched; the next run will fetch them"
        else:
            for day in days:
                yield from _day_line(status, day, day_problems.get(day.day), first, now)


def _day_line(
    status: SeriesStatus, day: DayStatus, problem: Problem | None, first: date, now: datetime
) -> Iterator[str]:
    if problem is not None:
        yield f"{problem}{_format_next_look(status, day, now)}"
    elif day.state and day.state.name == "partial" and day.day >= first:
        yield f"{day.series} {day.day}: partial: {day.state.reason}{_format_next_look(status, day, now)}"


def _format_next_look(status: SeriesStatus, day: DayStatus, now: datetime) -> str:
    if day.unreadable is not None or not status.source.fetched:
        return ""
    if day.next_look is None:
        return "; no run will fetch it again unless asked to with --day"
    if day.next_look <= now:
        return "; the next run will fetch it"
    return f"; next fetch {day.next_look:%Y-%m-%d %H:%M} UTC"
