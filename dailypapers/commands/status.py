"""`dailypapers status`: show the state of each day and what needs attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import global_options, metrics_option, series_options
from dailypapers.cli.output import format_count, no_days, print_line, require_store
from dailypapers.cli.selection import named_or_stored_series, since_until
from dailypapers.cli.settings import Settings
from dailypapers.ingest.errors import ATTENTION, DONE
from dailypapers.ingest.monitor.problems import Problem, series_problems
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus, series_status
from dailypapers.ingest.plan.waived import invalid_lines
from dailypapers.ingest.sources.calendars import Period
from dailypapers.snapshots.store.layout import Store

LETTERS: Final = {
    "closed": ("C", "green"),
    "empty": ("e", "bright_black"),
    "settling": ("s", "yellow"),
    "open": ("o", "cyan"),
    "partial": ("P", "red"),
    "missing": ("?", "magenta"),
    "out of reach": ("!", "red"),
    "waived": ("w", "bright_black"),
}
"""The letter and colour of each state."""


def calendar(states: Mapping[date, str]) -> Iterator[str]:
    """The lines of a calendar with a ruler above; a day without a state is a dot."""
    if not states:
        return
    yield "           " + "".join(str(number % 10) for number in range(1, 32))
    month = min(states).replace(day=1)
    while month <= max(states):
        yield f"  {month:%Y-%m}  " + "".join(_letter(states, day) for day in _days(month))
        month = (month + timedelta(days=31)).replace(day=1)


def legend() -> str:
    """The line that explains the letters."""
    return "  " + "  ".join(f"{click.style(letter, fg=colour)} {name}" for name, (letter, colour) in LETTERS.items())


def _days(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


def _letter(states: Mapping[date, str], day: date) -> str:
    if day not in states:
        return "·"
    letter, colour = LETTERS[states[day]]
    return click.style(letter, fg=colour)


_OF_RANGES = frozenset({"drift", "gap"})


class StatusLine(NamedTuple):
    """A line below the calendar."""

    text: str
    raises_alarm: bool
    """Whether it makes the exit status 1."""


def problem_lines(
    status: SeriesStatus, problems: Sequence[Problem], first: date, now: datetime, store: Path | None
) -> Iterator[StatusLine]:
    """A line for each problem of a series, and for each partial day that raises no alarm (yet, or any more).

    Consecutive days that were never fetched share one line. `store` is the one that the command line named, for the
    commands that are printed.
    """
    ours = [problem for problem in problems if problem.series == str(status.series)]
    for problem in ours:
        if problem.day is None or problem.kind in _OF_RANGES:
            yield StatusLine(problem.describe(store), problem.raises_alarm)
    day_problems = {problem.day: problem for problem in ours if problem.kind not in _OF_RANGES}
    missing = {day for day, problem in day_problems.items() if problem.kind == "missing"}
    for is_missing, group in groupby(status.days, lambda day: day.day in missing):
        days = list(group)
        if is_missing and len(days) > 1:
            span = f"{days[0].series} {days[0].day} to {days[-1].day}"
            text = f"{span}: missing: {len(days)} days were never fetched; the next run will fetch them"
            yield StatusLine(text, raises_alarm=True)
        else:
            for day in days:
                yield from _day_line(status, day, day_problems.get(day.day), first, now)


def _day_line(
    status: SeriesStatus, day: DayStatus, problem: Problem | None, first: date, now: datetime
) -> Iterator[StatusLine]:
    next_look = _format_next_look(status, day, now)
    if problem is not None:
        yield StatusLine(f"{problem}{next_look}", problem.raises_alarm)
    elif day.glyph == "partial" and day.state is not None and day.day >= first:
        yield StatusLine(f"{day.series} {day.day}: partial: {day.state.reason}{next_look}", raises_alarm=False)


def _format_next_look(status: SeriesStatus, day: DayStatus, now: datetime) -> str:
    if day.unreadable is not None or not status.source.fetched:
        return ""
    if day.next_look is None:
        # The line of a gap says what to do.
        return "; it cannot be fetched any more" if status.source.period is Period.NOW else ""
    if day.next_look <= now:
        return "; the next run will fetch it"
    return f"; next fetch {day.next_look:%Y-%m-%d %H:%M} UTC"


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
