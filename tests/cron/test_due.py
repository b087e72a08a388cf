"""When jobs are due: compared with what Debian's cron started; missed, late and delayed slots."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import pytest

from dailypapers.cron import scheduler as room
from dailypapers.cron.jobs import Job
from dailypapers.cron.scheduler import Due
from tests.cron.debian_slots import Recorded, recorded
from tests.cron.jobs import jobs_of
from tests.cron.loop import every_second, now_and_then, started

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
due, delay = partial(room.due, machine="machine"), partial(room.delay, machine="machine")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
WINDOWS = [list(rows) for _, rows in groupby(recorded(), key=lambda row: (row.zone, row.start))]
NAMES = [f"{rows[0].zone} {rows[0].start:%Y-%m-%d}" for rows in WINDOWS]


def job(**keys: Any) -> Job:
    return jobs_of({"name": "job", "schedule": "0 * * * *", "run": "run"} | keys).jobs[0]


def jobs_of_rows(rows: list[Recorded]) -> list[Job]:
    return [job(name=f"job-{at}", schedule=row.schedule, timezone=row.zone) for at, row in enumerate(rows)]


def compare(
    rows: list[Recorded], ticks: Iterator[datetime], begin: datetime, end: datetime, rng: random.Random
) -> None:
    runs = started(jobs_of_rows(rows), ticks, begin - SECOND, rng)
    for row, slots in zip(rows, runs.values(), strict=True):
        # Times listed twice are in a skipped hour: missed slots, which become one run.
        assert slots == sorted({slot for slot in row.slots if begin <= slot < end}), row.schedule


@pytest.mark.parametrize("rows", WINDOWS, ids=NAMES)
def test_the_loop_starts_what_debian_starts_at_random_ticks(rows: list[Recorded]) -> None:
    rng = random.Random(5)
    compare(rows, now_and_then(rows[0].start, rows[0].until, rng), rows[0].start, rows[0].until, rng)


@pytest.mark.parametrize("rows", WINDOWS, ids=NAMES)
def test_second_by_second_around_the_change_it_starts_what_debian_starts(rows: list[Recorded]) -> None:
    # Hours; make torture covers all of these weeks.
    middle = change_or_leap_day(rows[0])
    begin, end = middle - 3 * HOUR, middle + 3 * HOUR
    compare(rows, every_second(begin, end), begin, end, random.Random(6))


def change_or_leap_day(row: Recorded) -> datetime:
    zone = job(timezone=row.zone).times.zone
    hours = [row.start + number * HOUR for number in range((row.until - row.start) // HOUR)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    changes = [hour for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]
    return changes[0] if changes and row.start.year != 2028 else datetime(2028, 2, 29, tzinfo=zone).astimezone(UTC)


def test_the_table_has_skipped_hours_and_leap_days() -> None:
    assert len(WINDOWS) == 6
    twice = [row for rows in WINDOWS for row in rows if len(set(row.slots)) < len(row.slots)]
    assert {row.zone for row in twice} == {"Europe/Berlin", "America/New_York"}
    assert any(row.slots for rows in WINDOWS for row in rows if "29" in row.schedule)


def test_a_slot_is_started_once_at_the_first_tick_at_or_after_it() -> None:
    hourly = job()
    assert due(hourly, NOON, NOON + HOUR - SECOND) is None
    assert due(hourly, NOON, NOON + HOUR) == Due(until=NOON + HOUR, slot=NOON + HOUR)
    assert due(hourly, NOON + HOUR, NOON + HOUR + SECOND) is None


def test_the_longest_catch_up_stays_within_the_range_of_datetime() -> None:
    assert due(job(catch_up="9999d999999h"), NOON - HOUR, NOON) == Due(until=NOON, slot=NOON)


def test_missed_slots_become_one_run() -> None:
    job_with_catch_up = job(schedule="*/10 * * * *", catch_up="2h")
    now = NOON + 95 * MINUTE
    assert due(job_with_catch_up, NOON, now) == Due(
        NOON + 90 * MINUTE, slot=NOON + 90 * MINUTE, missed=NOON + 10 * MINUTE
    )
    assert due(job_with_catch_up, NOON + 90 * MINUTE, now) is None


@pytest.mark.parametrize(("late", "runs"), [(60, True), (61, False)])
def test_a_slot_later_than_catch_up_is_dropped_once(late: int, runs: bool) -> None:
    slot = NOON + HOUR
    action = due(job(), NOON, slot + late * SECOND)
    assert action is not None
    assert (action.slot, action.missed) == ((slot, None) if runs else (None, slot))
    assert due(job(), action.until, slot + late * SECOND) is None
    assert due(job(), action.until, slot + HOUR) == Due(until=slot + HOUR, slot=slot + HOUR)


def test_years_of_missed_slots_are_not_counted_one_by_one() -> None:
    minutely = job(schedule="* * * * *")
    now = NOON + timedelta(days=3650, seconds=30)
    assert due(minutely, NOON, now) == Due(now - 30 * SECOND, slot=now - 30 * SECOND, missed=NOON + MINUTE)


def test_a_clock_that_goes_back_repeats_nothing_unless_it_was_wrong_by_more_than_three_hours() -> None:
    hourly = job()
    assert due(hourly, NOON, NOON - 3 * HOUR) is None
    assert due(hourly, NOON, NOON - 3 * HOUR - SECOND) == Due(until=NOON - 3 * HOUR - SECOND)


def test_jitter_delays_the_start_and_not_the_slot() -> None:
    jittery = job(jitter="10m")
    offs = [delay(jittery, NOON + number * HOUR) for number in range(200)]
    assert all(timedelta() <= off < 10 * MINUTE for off in offs)
    assert len(set(offs)) > 100
    off = delay(jittery, NOON + HOUR)
    assert due(jittery, NOON, NOON + HOUR + off - SECOND) is None
    # A scheduler that restarts in between computes the same time.
    assert due(jittery, NOON, NOON + HOUR + off) == Due(until=NOON + HOUR, slot=NOON + HOUR)
    late = [due(jittery, NOON, NOON + HOUR + off + seconds * SECOND) for seconds in (60, 61)]
    assert [action and action.slot for action in late] == [NOON + HOUR, None]


def test_no_slot_is_started_before_its_jitter_is_over() -> None:
    jittery = job(schedule="* * * * *", jitter="5m", catch_up="10m")
    after, slots = NOON, 0
    for now in every_second(NOON, NOON + HOUR):
        action = due(jittery, after, now)
        if action is not None:
            assert action.slot is not None
            assert now >= action.slot + delay(jittery, action.slot)
            after, slots = action.until, slots + 1
    assert slots > 10


def test_of_missed_slots_the_last_one_that_is_not_too_late_is_started() -> None:
    jittery = job(schedule="*/2 * * * *", jitter="9m", catch_up="1m")
    slots = list(jittery.times.slots(NOON, NOON + HOUR))
    started_late = 0
    for now in every_second(NOON + HOUR / 2, NOON + HOUR):
        late = {slot: now - slot - delay(jittery, slot) for slot in slots}
        timely = [slot for slot in slots if timedelta() <= late[slot] <= jittery.catch_up]
        action = due(jittery, NOON, now)
        assert action is not None
        assert action.slot == (timely[-1] if timely else None)
        started_late += bool(timely) and timely[-1] != max(slot for slot in slots if late[slot] >= timedelta())
    assert started_late


def test_jitter_longer_than_the_time_between_slots_does_not_starve_the_job() -> None:
    rng = random.Random(8)
    jittery = job(schedule="* * * * *", jitter="5m", catch_up="10m")
    end = NOON + 6 * HOUR
    slots = started([jittery], now_and_then(NOON, end, rng), NOON, rng)["job"]
    assert slots == sorted(set(slots))
    assert len(slots) > 60
    assert all(b - a <= 12 * MINUTE for a, b in pairwise(slots))
