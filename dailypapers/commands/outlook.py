"""When the days that a command leaves open are fetched again, and by what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dailypapers.ingest.plan.reach import is_beyond_run
from dailypapers.ingest.plan.revisit import DayHistory, next_look

if TYPE_CHECKING:
    from dailypapers.snapshots.store.layout import Series

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
