"""Schedules are those that Debian's cron accepts and runs; each mistake says what to write instead."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ingest.cron.errors import ConfigError
from ingest.cron.schedule.slots import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
STRINGS = 3000


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("5/2 * * * *", "write 5-59/2"),
        ("0 0 * * mon/2", "write mon-7/2"),
        ("0 0 17 * * *", "write 0 17 * * *"),
        ("0 0 17 * * * 2026", "write 0 17 * * *"),
        ("* * * *", "write five: minute, hour"),
        ("", "write five fields, such as 17 * * * *"),
        ("0 0 L * *", "write 1 (the day after)"),
        ("0 0 LW * *", "write mon-fri as day of the week"),
        ("0 0 15W * *", "write mon-fri as day of the week"),
        ("0 0 * * 5L", "write the day of the week alone"),
        ("0 0 * * friL", "write the day of the week alone"),
        ("0 22-2 * * *", "write 22-23,0-2"),
        ("0 23-0 * * *", "write 23,0"),
        ("0 0 * * fri-mon", "write fri-sat,sun-mon"),
        ("0 0 * * 5-1", "write 5-7,0-1"),
        ("0 0 * nov-feb *", "write nov-dec,jan-feb"),
        ("0 0 * * FRI#1", "write the day of the week alone"),
        ("1~5 * * * *", "`jitter: 10m`"),
        ("H * * * *", "`jitter: 10m`"),
        ("0 0 ? * 1", "write *"),
        ("0 0 30 2 *", "write a day up to 29"),
        ("0 0 31 2,4 */2", "write a day up to 30"),
        ("0 0 31 4 1", "write * as day of the month"),
        ("60 * * * *", "write 0 to 59"),
        ("0 24 * * *", "write 0 to 23"),
        ("0 0 0 * *", "write 1 to 31"),
        ("0 0 * * 8", "write 0 to 7"),
        ("*/0 * * * *", "write a step from 1 to 60"),
        ("*/90 * * * *", "write a step from 1 to 60"),
        ("0 8-10/5 * * *", "write a step from 1 to 3"),
        ("1,,2 * * * *", "write the numbers with one comma"),
        ("0 0 * * monday", "write mon"),
        ("0 0 * SEPT *", "write sep"),
        ("005 * * * *", "write 5"),
        ("x * * * *", "write *, a number or a range"),
        ("0 0 * * x", "a name: sun, mon"),
        ("-5 * * * *", "write *, a number or a range"),
        ("1.5 * * * *", "write *, a number or a range"),
        ("٥ * * * *", "write *, a number or a range"),
        ("@reboot", "`dailypapers cron run` at boot"),
        ("@every 5m", "write */15 * * * *"),
        ("@dayly", "write @daily"),
        ("@daily @daily", "write @daily"),
    ],
)
def test_a_mistake_says_what_to_write_instead(text: str, instead: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        Schedule.parse(text)
    assert instead in str(mistake.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0000017 * * * *", "minute '0000017' is too long; write 17"),
        ("* * 32 * *", "day of the month 32 does not exist; write 1 to 31"),
        ("@reboot", "@reboot is not a time; write a time, and start `dailypapers cron run` at boot"),
        (
            "* * * * mo!",
            "day of the week 'mo!' is not valid; write *, a number, a range such as 1-5, or a name: sun, mon, tue, "
            "wed, thu, fri, sat",
        ),
        ("22-1 * * * *", "minute 22-1 ends before it begins and would never run; write 22-59,0-1"),
        ("50-0 * * * *", "minute 50-0 ends before it begins and would never run; write 50-59,0"),
        ("* * * * sat-mon", "day of the week sat-mon ends before it begins and would never run; write sat,sun-mon"),
        ("* * * * sat-sun", "day of the week sat-sun ends before it begins and would never run; write sat,sun"),
    ],
)
def test_the_whole_message_of_a_mistake(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        Schedule.parse(text)
    assert str(mistake.value) == message


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
