"""The lines of `status` below the calendar: the problems, and the days in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from dailypapers.ingest.monitor.problems import Problem
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus
from dailypapers.ingest.sources.period import Period

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
