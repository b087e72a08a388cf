"""Slots compared with a model: the fields day by day, and cron(8) in zones with all kinds of clock changes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dailypapers.cron.expression import ConfigError, Expression
from dailypapers.cron.slots import NEVER, Schedule
from tests.cron.random_expressions import expression

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
THREE_HOURS = 180
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULES = [
    *("30 2 * * *", "0,30 1-3 * * *", "*/15 * * * *", "*/20 2 * * *", "17 * * * *", "5 */2 * * *", "0 0 * * *"),
    *("*/30 0 * * *", "59 23 * * *", "0-59/10 2,3 * * *", "15 0-3 * * *", "* 1-2 * * *", "10 */3 1-15 * sun"),
]


def listed(fields: Expression, day: date) -> bool:
    """Whether a schedule has slots on a day."""
    monthly, weekly = day.day in fields.days, day.isoweekday() % 7 in fields.weekdays
    return day.month in fields.months and (monthly and weekly if fields.both_days else monthly or weekly)


def matches(fields: Expression, local: datetime) -> bool:
    return local.minute in fields.minutes and local.hour in fields.hours and listed(fields, local.date())


def cron(fields: Expression, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """What a cron starts that checks the clock each minute, as described in its manual."""
    behind = begin.astimezone(zone).replace(tzinfo=None) - MINUTE
    while begin <= end:
        local = begin.astimezone(zone).replace(tzinfo=None, fold=0)
        gone = (local - behind) // MINUTE
        hit = matches(fields, local)
        if 1 < gone <= THREE_HOURS and not fields.follows_clock:
            hit = any(matches(fields, behind + number * MINUTE) for number in range(1, gone + 1))
        if -THREE_HOURS < gone <= 0:
            hit = hit and fields.follows_clock
        else:
            behind = local
        if hit:
            yield begin
        begin += MINUTE


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The clock changes of a zone in a year."""
    for number in range(366 * 24):
        hour = BEGIN + number * HOUR
        if hour.astimezone(zone).utcoffset() != (hour - HOUR).astimezone(zone).utcoffset():
            yield hour


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("Europe/Berlin", "an hour"),
        ("Australia/Lord_Howe", "half an hour"),
        ("Antarctica/Troll", "two hours"),
        ("America/Havana", "at midnight"),
        ("Asia/Beirut", "into and out of midnight"),
        ("Africa/Casablanca", "by religion"),
        ("America/Scoresbysund", "across midnight"),
    ],
)
def test_clock_changes(name: str, moves: str) -> None:
    zone = ZoneInfo(name)
    moved = list(changes(zone))
    assert moved, moves
    for change in moved[:2]:
        begin, end = change - 5 * HOUR, change + 27 * HOUR
        for text in SCHEDULES:
            schedule = Schedule.parse(text, zone)
            slots = list(schedule.slots(begin - timedelta(seconds=20), end))
            assert slots == list(cron(schedule.expression, zone, begin, end)), (text, change)


def test_random_expressions() -> None:
    rng = random.Random(12)
    compared = 0
    while compared < 300:
        with suppress(ConfigError):
            schedule = Schedule.parse(expression(rng))
            after = BEGIN + timedelta(seconds=rng.randrange(4 * 366 * 86400))
            assert schedule.next(after) == by_days(schedule.expression, after), schedule.expression.text
            compared += 1


def by_days(fields: Expression, after: datetime) -> datetime:
    """The next slot in UTC, found by checking every day for fifty years."""
    first = after.replace(hour=0, minute=0, second=0)
    for number in range(50 * 366):
        day = first + number * DAY
        if listed(fields, day.date()):
            times = (
                day + hour * HOUR + minute * MINUTE
                for hour in sorted(fields.hours)
                for minute in sorted(fields.minutes)
            )
            match = next((slot for slot in times if slot > after), None)
            if match is not None:
                return match
    return NEVER
