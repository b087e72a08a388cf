"""`dailypapers status`: show the state of each day and what needs attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count, no_days, require_store
from dailypapers.cli.options import global_options, metrics_option, series_options
from dailypapers.cli.output import print_line
from dailypapers.cli.selection import named_or_stored_series, since_until
from dailypapers.cli.settings import Settings
from dailypapers.ingest.exit_status import ATTENTION, DONE
from dailypapers.ingest.monitor.problems import Problem, series_problems
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus, series_status
from dailypapers.ingest.plan.waived import invalid_lines
from dailypapers.snapshots.store.layout import Store

from .calendar import calendar, legend
from .problem_lines import StatusLine, problem_lines

VERSION: Final = 2
"""Version of the object that `--json` prints; raised when a name is removed or changes its meaning."""


@click.command()
@series_options
@metrics_option
@global_options
@pass_invocation
def command(invocation: Invocation, source: str | None, query: str | None, since: str | None) -> int:
    """Show the state of each day (open, settling, closed, empty or partial) and what needs attention.

    Exit status 1 if a day of the last five weeks raises an alarm, a series is no longer fetched, its site does not
    answer, or days are not closed and out of reach of `run`: fetch them with the printed command, or waive them.
    """
    settings = invocation.settings
    first, _ = since_until(since, None, settings.clock.today())
    store, now = Store(settings.root), settings.clock.now()
    require_store(store)
    for message in invalid_lines(store):
        invocation.log.warning(message)
    selected = named_or_stored_series(store, [source] if source else [], query)
    statuses = [series_status(store, each, now) for each in selected]
    problems = [problem for status in statuses for problem in series_problems(status, now)]
    problems = [problem for problem in problems if _is_since(problem, first)]
    alarms = [problem for problem in problems if problem.raises_alarm]
    if not problems and not any(status.days or store.stored_days(status.series) for status in statuses):
        raise no_days(store)
    if settings.json:
        print_json(_as_json(statuses, problems, first, now, settings.store))
    elif settings.quiet:
        for problem in alarms:
            print_line(problem.describe(settings.store))
    else:
        _print(statuses, problems, first, now, settings)
    return ATTENTION if alarms else DONE


def _is_since(problem: Problem, first: date) -> bool:
    return problem.day is None or (problem.until or problem.day) >= first


def _as_json(
    statuses: Sequence[SeriesStatus], problems: Sequence[Problem], first: date, now: datetime, store: Path | None
) -> dict[str, object]:
    """The output for programs; docs/monitoring.md says what each name means."""
    return {
        "version": VERSION,
        "now": now,
        "sources": [_series_row(status, now) for status in statuses],
        "days": [row for status in statuses for row in _day_rows(status, first, now)],
        "problems": [_problem_row(problem, store) for problem in problems],
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


def _day_rows(status: SeriesStatus, first: date, now: datetime) -> Iterator[dict[str, object]]:
    young = status.young_day
    for day in status.days:
        if day.day >= first:
            is_young = young is not None and young.at.date() == day.day
            yield _day_row(day, now) | {"usual_share": young.usual_share if young and is_young else None}


def _day_row(day: DayStatus, now: datetime) -> dict[str, object]:
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
        # If it is late, the next run takes it.
        "next_look": day.next_look and max(day.next_look, now),
        "alarm": {"kind": day.alarm.kind, "reason": day.alarm.reason} if day.alarm else None,
    }


def _problem_row(problem: Problem, store: Path | None) -> dict[str, object]:
    return {
        "series": problem.series,
        "day": problem.day,
        "until": problem.until,
        "kind": problem.kind,
        "reason": problem.reason,
        "command": problem.words(store) or None,
    }


def _print(
    statuses: Sequence[SeriesStatus], problems: Sequence[Problem], first: date, now: datetime, settings: Settings
) -> None:
    store, color = settings.store, settings.colors_stdout
    for status in statuses:
        days = [day for day in status.days if day.day >= first]
        rejects = f", {format_count(count, 'reject')}" if (count := status.total("rejects", first)) else ""
        stored = format_count(sum(1 for day in days if day.state), "day")
        papers = format_count(status.total("papers", first), "paper")
        print_line(f"{status.series}: {stored}, {papers}{rejects}{_format_last_fetch(status, now)}")
        for row in calendar({day.day: day.glyph for day in days}):
            click.echo(row, color=color)
        if (young := status.young_day) is not None and young.at.date() >= first:
            print_line(f"  {young.at:%Y-%m-%d}  {young}")
    click.echo(legend(), color=color)
    lines = [line for status in statuses for line in problem_lines(status, problems, first, now, store)]
    _print_lines("attention", [line for line in lines if line.raises_alarm])
    _print_lines("no action now", [line for line in lines if not line.raises_alarm])


def _print_lines(need: str, lines: Sequence[StatusLine]) -> None:
    if lines:
        print_line("")
        print_line(f"{len(lines)} need{'s' * (len(lines) == 1)} {need}:")
    for line in lines:
        print_line(f"  {line.text}")


def _format_last_fetch(status: SeriesStatus, now: datetime) -> str:
    if status.fetched is None:
        return f"; no answer yet, last tried {status.tried:%Y-%m-%d %H:%M} UTC" if status.tried else ""
    hours = int(status.late(now).total_seconds() // 3600)
    late = f", {f'{hours} h' if hours < 48 else f'{hours // 24} days'} late" if status.late(now) else ""
    return f"; last fetched {status.fetched:%Y-%m-%d %H:%M} UTC{late}"
