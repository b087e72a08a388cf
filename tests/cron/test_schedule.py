"""Schedules are those that Debian's cron accepts and runs; each mistake says what to write instead."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import UTC, datetime, tzinfo
from itertools import count, product
from zoneinfo import ZoneInfo

import pytest

from dailypapers.cron.expression import FIELDS, ConfigError, Field
from dailypapers.cron.slots import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
STRINGS = 3000
NOT_VALID = " is not valid; write *, a number"
NO_NUMBER = f"{NOT_VALID} or a range such as 1-5"
NO_WEEKDAY = f"{NOT_VALID}, a range such as 1-5, or a name: sun, mon, tue, wed, thu, fri, sat"
NO_MONTH = f"{NOT_VALID}, a range such as 1-5, or a name: jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec"
UNSUPPORTED = ": Debian's cron does not support "
JITTER = "; write one number, and `jitter: 10m` in the job"
NO_RANDOM, NO_HASH = f"{UNSUPPORTED}random times{JITTER}", f"{UNSUPPORTED}hashed times{JITTER}"
EVERY_WEEK = "Monday of a month and the like; write the day of the week alone, for every week"
NO_FIRST_MONDAY, NO_LAST_MONDAY = f"{UNSUPPORTED}the first {EVERY_WEEK}", f"{UNSUPPORTED}the last {EVERY_WEEK}"
NO_WORKING_DAY = f"{UNSUPPORTED}the nearest working day; write mon-fri as day of the week"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5/2 * * * *", "minute '5/2': a step is allowed only after * or a range; write 5-59/2"),
        ("0 0 * * mon/2", "day of the week 'mon/2': a step is allowed only after * or a range; write mon-7/2"),
        ("0 0 17 * * *", "it has 6 fields; Debian's cron has no seconds and no years; write 0 17 * * *"),
        ("0 0 17 * * * 2026", "it has 7 fields; Debian's cron has no seconds and no years; write 0 17 * * *"),
        (
            "* * * *",
            "it has 4 fields; write five: minute, hour, day of the month, month, day of the week, such as 17 * * * *",
        ),
        ("", "it is empty; write five fields, such as 17 * * * *"),
        (
            "0 0 L * *",
            "day of the month 'L': Debian's cron does not support the last day; write 1 (the day after), or 28",
        ),
        ("0 0 LW * *", "day of the month 'LW'" + NO_WORKING_DAY),
        ("0 0 15W * *", "day of the month '15W'" + NO_WORKING_DAY),
        ("0 0 * * 5L", "day of the week '5L'" + NO_LAST_MONDAY),
        ("0 0 * * friL", "day of the week 'friL'" + NO_LAST_MONDAY),
        ("0 22-2 * * *", "hour 22-2 ends before it begins and would never run; write 22-23,0-2"),
        ("0 23-0 * * *", "hour 23-0 ends before it begins and would never run; write 23,0"),
        ("0 0 * * fri-mon", "day of the week fri-mon ends before it begins and would never run; write fri-sat,sun-mon"),
        ("0 0 * * 5-1", "day of the week 5-1 ends before it begins and would never run; write 5-7,0-1"),
        ("0 0 * nov-feb *", "month nov-feb ends before it begins and would never run; write nov-dec,jan-feb"),
        ("0 0 * * FRI#1", "day of the week 'FRI#1'" + NO_FIRST_MONDAY),
        ("1~5 * * * *", "minute '1~5'" + NO_RANDOM),
        ("H * * * *", "minute 'H'" + NO_HASH),
        ("0 0 ? * 1", "day of the month '?': Debian's cron does not support ?; write *"),
        ("0 0 30 2 *", "day 30 never comes in month 2; write a day up to 29"),
        ("0 0 31 2,4 */2", "day 31 never comes in month 2, 4; write a day up to 30"),
        (
            "0 0 31 4 1",
            "day 31 never comes in month 4; only the day of the week would count; write * as day of the month",
        ),
        ("60 * * * *", "minute 60 does not exist; write 0 to 59"),
        ("0 24 * * *", "hour 24 does not exist; write 0 to 23"),
        ("0 0 0 * *", "day of the month 0 does not exist; write 1 to 31"),
        ("0 0 * * 8", "day of the week 8 does not exist; write 0 to 7"),
        ("*/0 * * * *", "minute '*/0': the range has 60 values; write a step from 1 to 60"),
        ("*/90 * * * *", "minute '*/90': the range has 60 values; write a step from 1 to 60"),
        ("0 8-10/5 * * *", "hour '8-10/5': the range has 3 values; write a step from 1 to 3"),
        ("1,,2 * * * *", "minute: a comma without a number beside it; write the numbers with one comma between two"),
        ("0 0 * * monday", "day of the week 'monday': a name has three letters; write mon"),
        ("0 0 * SEPT *", "month 'SEPT': a name has three letters; write sep"),
        ("005 * * * *", "minute '005' is too long; write 5"),
        ("x * * * *", "minute 'x'" + NO_NUMBER),
        ("0 0 * * x", "day of the week 'x'" + NO_WEEKDAY),
        ("-5 * * * *", "minute '-5'" + NO_NUMBER),
        ("1.5 * * * *", "minute '1.5'" + NO_NUMBER),
        ("٥ * * * *", "minute '٥'" + NO_NUMBER),
        ("@reboot", "@reboot is not a time; write a time, and start `dailypapers cron run` at boot"),
        ("@every 5m", "Debian's cron does not support @every; write */15 * * * * for every 15 minutes"),
        ("@dayly", "@dayly is not a macro; write @daily"),
        ("@daily @daily", "@daily @daily is not a macro; write @daily"),
        ("0000017 * * * *", "minute '0000017' is too long; write 17"),
        ("* * 32 * *", "day of the month 32 does not exist; write 1 to 31"),
        ("* * * * mo!", "day of the week 'mo!'" + NO_WEEKDAY),
        ("22-1 * * * *", "minute 22-1 ends before it begins and would never run; write 22-59,0-1"),
        ("50-0 * * * *", "minute 50-0 ends before it begins and would never run; write 50-59,0"),
        ("* * * * sat-mon", "day of the week sat-mon ends before it begins and would never run; write sat,sun-mon"),
        ("* * * * sat-sun", "day of the week sat-sun ends before it begins and would never run; write sat,sun"),
        ("*/61 * * * *", "minute '*/61': the range has 60 values; write a step from 1 to 60"),
        (
            "0 0 l-3 * *",
            "day of the month 'l': Debian's cron does not support the last day; write 1 (the day after), or 28",
        ),
        ("h(0-29)/10 * * * *", "minute 'h(0-29)/10'" + NO_HASH),
        ("~ * * * *", "minute '~'" + NO_RANDOM),
        ("* * * foo *", "month 'foo'" + NO_MONTH),
        ("*", "it has 1 field; write five: minute, hour, day of the month, month, day of the week, such as 17 * * * *"),
        (
            "0 0 31 apr,jun mon",
            "day 31 never comes in month 4, 6; only the day of the week would count; write * as day of the month",
        ),
        ("@weekly 5", "@weekly 5 is not a macro; write @weekly"),
        ("@foo", "@foo is not a macro; write one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"),
        ("100 * * * *", "minute 100 does not exist; write 0 to 59"),
        ("000 * * * *", "minute '000' is too long; write 0"),
        ("9" * 5000 + " * * * *", "minute " + "9" * 5000 + " does not exist; write 0 to 59"),
        ("0 0 * * sun-2x", "day of the week '2x'" + NO_WEEKDAY),
        ("1-2-3 * * * *", "minute '1-2-3'" + NO_NUMBER),
        ("0 0 * dec-1 *", "month dec-1 ends before it begins and would never run; write dec,jan-1"),
        ("0 0 * 12-jan *", "month 12-jan ends before it begins and would never run; write 12,1-jan"),
        ("5-1/2 * * * *", "minute 5-1/2 ends before it begins and would never run; write 5-59/2,1"),
        ("5-3/2 * * * *", "minute 5-3/2 ends before it begins and would never run; write 5-59/2,1-3/2"),
        ("* * * * fri-mon/2", "day of the week fri-mon/2 ends before it begins and would never run; write fri,sun"),
        ("* * * * 7-1/2", "day of the week 7-1/2 ends before it begins and would never run; write 0"),
        ("5-1/0 * * * *", "minute 5-1/0 ends before it begins and would never run; write 5-59,0-1"),
        (
            "*/" + "9" * 5000 + " * * * *",
            f"minute '*/{'9' * 5000}': the range has 60 values; write a step from 1 to 60",
        ),
        ("0 0 * mar1 *", "month 'mar1'" + NO_MONTH),
        ("1, * * * *", "minute: a comma without a number beside it; write the numbers with one comma between two"),
    ],
    ids=map(str, count()),
)
def test_a_mistake_says_what_to_write_instead(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        Schedule.parse(text)
    assert str(mistake.value) == message


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_hint_for_a_range_over_the_end_of_a_field_is_that_range(field: Field) -> None:
    whole = range(field.low, field.low + field.cycle)
    for first, last, step in product(range(field.low, field.high + 1), range(field.low, field.high, 3), (1, 2, 7)):
        if last < first:
            with pytest.raises(ConfigError) as mistake:
                field.numbers(f"{first}-{last}/{step}")
            numbers = range(first, last + field.cycle + 1, step)
            hint = field.numbers(f"{mistake.value}".rpartition("write ")[2])
            assert {whole[(number - field.low) % field.cycle] for number in hint} == {
                whole[(number - field.low) % field.cycle] for number in numbers
            }


def _field(rng: random.Random, low: int, high: int, names: tuple[str, ...]) -> str:
    words = [str(rng.randint(max(0, low - 1), high + 1)) for _ in range(3)] + list(names) + ["*", "*", "*"]
    item = rng.choice(words)
    if rng.random() < 0.4:
        item += rng.choice("-----/#~L") + rng.choice(words)
    if rng.random() < 0.2:
        item += f"/{rng.randint(0, high + 2)}"
    if rng.random() < 0.2:
        item += "," + _field(rng, low, high, names)
    return item


def _string(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@x"])
    months, days = ("jan", "Feb", "SEP", "dec"), ("sun", "MON", "Fri", "sat")
    limits: list[tuple[int, int, tuple[str, ...]]] = [(0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, months)]
    fields = [_field(rng, *limit) if rng.random() < 0.45 else "*" for limit in [*limits, (0, 7, days)]]
    return rng.choice([" ", "  ", "\t"]).join(fields[: rng.choice([5] * 30 + [4])])


def _accepted(text: str) -> bool:
    try:
        Schedule.parse(text)
    except ConfigError:
        return False
    return True


@pytest.mark.skipif(shutil.which("crontab") is None, reason="no crontab here: apt-get install cron")
def test_debian_accepts_what_we_accept() -> None:
    rng = random.Random(7)
    strings = [_string(rng) for _ in range(STRINGS)]
    ours = [text for text in strings if _accepted(text)]
    assert 800 < len(ours) < STRINGS - 800

    def takes(lines: list[str]) -> bool:
        table = "".join(f"{line} true\n" for line in lines)
        ran = subprocess.run(["crontab", "-n", "-"], input=table, text=True, capture_output=True, check=False)
        return ran.returncode == 0

    assert takes(ours)
    assert not takes([*ours, "60 * * * *"])


def _slots(text: str, zone: ZoneInfo | None, after: str, count: int) -> list[str]:
    schedule, at = Schedule.parse(text, zone or UTC), datetime.fromisoformat(after)
    slots: list[str] = []
    for _ in range(count):
        at = schedule.next(at)
        slots.append(f"{at:%m-%d %H:%M}")
    return slots


@pytest.mark.parametrize(
    ("text", "zone", "after", "slots"),
    [
        ("17 * * * *", None, "2026-12-31T22:17:00Z", ["12-31 23:17", "01-01 00:17"]),
        ("@daily", None, "2026-02-28T12:00:00Z", ["03-01 00:00"]),
        ("0 0 29 2 *", None, "2026-01-01T00:00:00Z", ["02-29 00:00", "02-29 00:00"]),
        ("0 0 * * 7", None, "2026-11-24T00:00:00Z", ["11-29 00:00"]),
        # Both day fields: either matches, but where one begins with * both must.
        ("0 0 13 * fri", None, "2026-11-01T00:00:00Z", ["11-06 00:00", "11-13 00:00", "11-20 00:00"]),
        ("0 0 */2 * fri", None, "2026-11-01T00:00:00Z", ["11-13 00:00", "11-27 00:00"]),
        ("0 0 1-7 * */7", None, "2026-11-01T00:00:00Z", ["12-06 00:00", "01-03 00:00"]),
        # A range of one number is that number.
        ("0 5-5/1 20-20/1 * *", None, "2026-11-01T00:00:00Z", ["11-20 05:00", "12-20 05:00"]),
        # Clocks go on from 02:00 to 03:00: a skipped time runs once, at once; a job that follows the clock does not.
        ("30 2 * * *", BERLIN, "2026-03-28T12:00:00Z", ["03-29 01:00", "03-30 00:30"]),
        ("0,30 2,3 * * *", BERLIN, "2026-03-29T00:00:00Z", ["03-29 01:00", "03-29 01:30", "03-30 00:00"]),
        ("*/30 2 * * *", BERLIN, "2026-03-28T12:00:00Z", ["03-30 00:00", "03-30 00:30"]),
        ("30 * * * *", BERLIN, "2026-03-29T00:00:00Z", ["03-29 00:30", "03-29 01:30"]),
        ("30 2 8 3 *", NEW_YORK, "2026-03-01T00:00:00Z", ["03-08 07:00"]),
        # And back from 03:00 to 02:00: once, and twice for a job that follows the clock.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", ["10-25 00:30", "10-26 01:30"]),
        ("*/30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30"]),
        ("15 1 * * *", NEW_YORK, "2026-11-01T00:00:00Z", ["11-01 05:15", "11-02 06:15"]),
        ("15 * * * *", NEW_YORK, "2026-11-01T04:30:00Z", ["11-01 05:15", "11-01 06:15"]),
    ],
)
def test_slots(text: str, zone: ZoneInfo | None, after: str, slots: list[str]) -> None:
    assert _slots(text, zone, after, len(slots)) == slots


def test_half_an_hour_of_summer_time() -> None:
    # Lord Howe Island goes back from 02:00 to 01:30: cronsim alone loses the time up to 02:30.
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert _slots("*/20 2 * * *", lord_howe, "2026-04-04T12:00:00Z", 2) == ["04-04 15:30", "04-04 15:50"]


def test_slots_of_a_range_and_a_schedule_without_any() -> None:
    hourly = Schedule.parse("@hourly")
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert [slot.hour for slot in hourly.slots(begin, end)] == [1, 2, 3]
    assert list(Schedule.parse("0 0 29 2 *").slots(begin, end)) == []


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("17 * * * *", None, "At minute 17 of every hour"),
        ("@daily", None, "At 00:00 every day"),
        ("0 9 * * mon-fri", BERLIN, "At 09:00 on Monday through Friday, Europe/Berlin"),
    ],
)
def test_descriptions(text: str, zone: ZoneInfo | None, words: str) -> None:
    assert Schedule.parse(text, zone or UTC).describe() == words


@pytest.mark.parametrize(
    ("zone", "slot", "words"),
    [
        (BERLIN, "2026-03-29T01:00:00Z", "2026-03-29 03:00 CEST"),
        (BERLIN, "2026-03-29T00:59:00Z", "2026-03-29 01:59 CET"),
        (UTC, "2026-03-29T01:00:00Z", "2026-03-29 01:00 UTC"),
    ],
)
def test_a_slot_in_local_time(zone: tzinfo, slot: str, words: str) -> None:
    assert Schedule.parse("@hourly", zone).in_zone(datetime.fromisoformat(slot)) == words
