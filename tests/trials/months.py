"""Months of a simulated site: their papers, what goes wrong with them, and when cron runs. Each is made of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from dailypapers.ingest.plan.revisit import LATE_DAYS
from dailypapers.ingest.sources.calendars import hugging_face
from tests.support.simulated_days import VIEWS, Problem, Stay, TroubleKind, World

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
FIRST: Final = date(2025, 12, 1)
BEGIN: Final = datetime.combine(FIRST, time(), UTC)
LENGTH: Final = 30
"""Days of a month."""
HEALED: Final = BEGIN + 75 * DAY
"""What goes wrong for a while is over by then, pauses of cron included."""
LAST: Final = BEGIN + 170 * DAY
"""By then every day can have been decided."""
RHYTHMS: Final = (1, 1, 1, 2, 3, 6, 12, 24, 48, 168)
"""Hours between two runs of cron."""
PAUSES: Final = (2, 12, 30, 72, 8 * 24, 20 * 24, 34 * 24, 35 * 24, 36 * 24, 37 * 24, 45 * 24, 60 * 24)
"""Hours."""
OUTAGES: Final = (0.25, 1, 6, 7, 30, 71, 74, 100, 200, 480)
"""Hours."""
KINDS: Final[tuple[TroubleKind, ...]] = ("silent", "down", "empty", "empty", "cut", "stale", "hides", "astray")


@dataclass(frozen=True)
class Month:
    """All that happens in a month, and to those who run cron over it."""

    worlds: Sequence[World]
    ticks: Sequence[datetime]
    checks: Sequence[datetime]
    """When somebody reads `status` and runs the commands that it prints."""
    is_healthy: bool
    lasts: bool = False
    """Whether a view fails for ever."""


def healthy_month(number: int) -> Month:
    """Late papers, re-dated ones, papers of one view alone, and an answer that fails now and then; cron runs."""
    rng = Random(f"healthy {number}")
    ticks = _ticks(rng, pauses=0)
    failures = [Problem(rng.choice(VIEWS), "down", at, at + HOUR / 4) for at in _now_and_then(rng)]
    return Month(_worlds(rng, failures, is_healthy=True), ticks, (), is_healthy=True)


def sick_month(number: int) -> Month:
    """Anything goes wrong, in one view or both, of one day or of all, for minutes or for good; cron pauses."""
    rng = Random(f"sick {number}")
    lasts = rng.random() < 0.1
    troubles = [one for _ in range(rng.choice((0, 1, 2, 4, 8))) for one in _trouble(rng)]
    if lasts:
        troubles.append(Problem(rng.choice(VIEWS), "down", BEGIN + rng.uniform(0, 40) * DAY, LAST))
    ticks = _ticks(rng, pauses=rng.choice((0, 1, 1, 2, 3)))
    every = rng.choice((1, 1, 3, 7, 14))
    checks = [BEGIN + timedelta(days=days, hours=12) for days in range(2, (LAST - BEGIN).days, every)]
    return Month(_worlds(rng, troubles, is_healthy=False), ticks, checks, is_healthy=False, lasts=lasts)


def _worlds(rng: Random, troubles: Sequence[Problem], *, is_healthy: bool) -> list[World]:
    days = [FIRST + timedelta(days=number) for number in range(LENGTH)]
    papers = {day: _papers(rng, day, is_healthy=is_healthy) for day in days}
    for day in days:
        _redate(rng, papers, day)
    return [
        World(papers[day], [*troubles, *(() if is_healthy else _of_its_own(rng, day))], hugging_face(day), day)
        for day in days
    ]


def _papers(rng: Random, day: date, *, is_healthy: bool) -> list[Stay]:
    """The papers of a day; a healthy site has some on each working day."""
    begin = datetime.combine(day, time(), UTC)
    share = 0.2 if hugging_face(day) else 1.0 if is_healthy else 0.97
    count = rng.choice((1, 3, 8, 17, 30, 45)) if rng.random() < share else 0
    return [_stay(rng, f"{day} {number}", begin, number) for number in range(count)]


def _stay(rng: Random, key: str, begin: datetime, number: int) -> Stay:
    comes = begin + rng.uniform(0, 24) * HOUR
    if number and rng.random() < 0.02:
        comes = begin + DAY + rng.expovariate(1 / 8) * DAY
    return Stay(key, comes, None, rng.choice(VIEWS) if number in {1, 2} and rng.random() < 0.1 else None)


def _redate(rng: Random, papers: dict[date, list[Stay]], day: date) -> None:
    """Now and then the site moves a paper onto the list of another day, weeks later at times."""
    if len(papers[day]) < 3 or rng.random() > 0.1:
        return
    stay = papers[day].pop()
    at = stay.comes + rng.uniform(0.1, 29) * DAY
    papers[day].append(Stay(stay.key, stay.comes, at, stay.view))
    papers[rng.choice([other for other in papers if other != day])].append(Stay(stay.key, at, None, stay.view))


def _trouble(rng: Random) -> list[Problem]:
    kind = rng.choice(KINDS)
    since = BEGIN + rng.uniform(0, 65) * DAY
    if rng.random() < 0.5:
        # Just before the looks of days that are over: they fall on the hour after midnight.
        since = since.replace(hour=0, minute=30)
    until = min(since + rng.choice(OUTAGES) * HOUR, HEALED)
    views = VIEWS if rng.random() < 0.6 else (rng.choice(VIEWS),)
    return [Problem(view, kind, since, until) for view in views]


def _of_its_own(rng: Random, day: date) -> list[Problem]:
    """Of one day alone a view may differ for good, or the site throttle at one of its late looks."""
    end, chance = datetime.combine(day, time(), UTC) + DAY, rng.random()
    if chance < 0.03:
        return [Problem(rng.choice(VIEWS), rng.choice(("empty", "hides")), end + rng.uniform(-1, 20) * DAY, LAST)]
    if chance < 0.1:
        since = end + rng.choice(LATE_DAYS) * DAY
        return [Problem(view, "empty", since, since + rng.choice((2, 6, 30)) * HOUR) for view in VIEWS]
    return []


def _ticks(rng: Random, pauses: int) -> list[datetime]:
    every, minute = rng.choice(RHYTHMS), rng.randrange(60)
    count = int((LAST - BEGIN) / HOUR)
    ticks = [BEGIN + timedelta(hours=hour, minutes=minute) for hour in range(rng.randrange(every), count, every)]
    for _ in range(pauses):
        since = BEGIN + rng.uniform(0, 60) * DAY
        until = min(since + rng.choice(PAUSES) * HOUR, HEALED)
        ticks = [tick for tick in ticks if not since <= tick < until]
    return ticks


def _now_and_then(rng: Random) -> list[datetime]:
    """Never twice within two days."""
    at, found = BEGIN + rng.uniform(0, 2) * DAY, []
    while at < LAST:
        found.append(at)
        at += rng.uniform(2, 6) * DAY
    return found
