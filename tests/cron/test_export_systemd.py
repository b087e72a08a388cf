"""Exported timers compared with systemd's own reading."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dailypapers.cron.export_program import Call, ExportError
from dailypapers.cron.export_systemd import calendar, units
from dailypapers.cron.expression import ConfigError
from dailypapers.cron.slots import Schedule
from tests.cron.jobs import jobs_of
from tests.cron.random_expressions import expression

BASE = datetime(2027, 1, 31, 22, 30, tzinfo=UTC)
TURNS = 4

analyzed = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def analyze(*words: str) -> str:
    """The output of `systemd-analyze`, in UTC and English."""
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def elapses(lines: list[str], base: datetime = BASE) -> list[list[datetime]]:
    """The next times of each calendar expression that systemd computes."""
    output = analyze("calendar", f"--base-time={base:%Y-%m-%d %H:%M:%S} UTC", f"--iterations={TURNS}", *lines)
    blocks = output.strip().split("\n\n")
    assert len(blocks) == len(lines)
    return [
        [_instant(text) for text in re.findall(r"(?:elapse|#\d+): \w+ ([-\d]+ [:\d]+) UTC", block)] for block in blocks
    ]


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def ours(schedule: Schedule) -> list[datetime]:
    """The next times that we compute."""
    times = [schedule.next(BASE)]
    while len(times) < TURNS:
        times.append(schedule.next(times[-1]))
    return times


@analyzed
def test_a_thousand_random_schedules_have_the_same_times_as_their_timers() -> None:
    dice = random.Random(7)
    schedules = [Schedule.parse(text) for text in _valid(dice, 1000)]
    lines = [calendar(schedule.expression, "UTC") for schedule in schedules]
    times = iter(elapses([line for both in lines for line in both]))
    for schedule, both in zip(schedules, lines, strict=True):
        union = sorted({time for _ in both for time in next(times)})[:TURNS]
        assert union == ours(schedule), (schedule.expression.text, both)


def _valid(dice: random.Random, count: int) -> Iterator[str]:
    while count:
        text = expression(dice)
        try:
            Schedule.parse(text)
        except ConfigError:
            continue
        count -= 1
        yield text


def test_the_day_fields_are_one_line_where_both_must_match_and_two_where_either_does() -> None:
    assert calendar(Schedule.parse("30 2 1,15 * fri").expression, "Europe/Berlin") == [
        "Fri *-*-* 02:30:00 Europe/Berlin",
        "*-*-01,15 02:30:00 Europe/Berlin",
    ]
    assert calendar(Schedule.parse("0 6 */10 jan-mar mon-fri").expression, "UTC") == [
        "Mon..Fri *-01..03-01,11,21,31 06:00:00 UTC"
    ]
    assert calendar(Schedule.parse("*/20 * * * *").expression, "UTC") == ["*-*-* *:00,20,40:00 UTC"]


JOBS = jobs_of(
    {"name": "hourly", "schedule": "17 * * * *", "run": "run"},
    {
        "name": "nightly",
        "schedule": "30 2 1,15 * fri",
        "timezone": "Europe/Berlin",
        "run": 'run hf-search --query "50% of \\"it\\" $HOME"',
        "catch_up": "2h",
    },
)


def units_in(folder: Path, *, state: Path | None = None) -> list[Path]:
    """The units of JOBS, whose program is in a folder with a name that has to be quoted."""
    program = folder / "a b%c $d" / "dailypapers"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    call = Call(program, folder / "50% of 'my' $HOME", folder / "cron; yaml", state)
    for name, text in units(JOBS, call, BASE).items():
        (folder / name).write_text(text)
    return sorted(folder.glob("*.timer")) + sorted(folder.glob("*.service"))


@analyzed
def test_systemd_accepts_the_units_without_a_warning(tmp_path: Path) -> None:
    written = units_in(tmp_path, state=tmp_path / "the state")
    assert len(written) == 4
    assert analyze("verify", "--man=no", *map(str, written)) == ""


@analyzed
def test_systemd_would_notice_a_missing_program(tmp_path: Path) -> None:
    written = units_in(tmp_path)
    (tmp_path / "a b%c $d" / "dailypapers").unlink()
    with pytest.raises(AssertionError, match="is not executable"):
        analyze("verify", "--man=no", *map(str, written))


def test_a_service_runs_the_job_once_with_absolute_paths() -> None:
    written = units(JOBS, Call(Path("/opt/dailypapers"), Path("/srv/50%"), Path("/etc/$cron.yaml")), BASE)
    lines = written["dailypapers-hourly.service"].splitlines()
    assert "Type=oneshot" in lines
    assert "ExecStart=/opt/dailypapers --store /srv/50%% cron --file /etc/$$cron.yaml run hourly" in lines


def test_a_timer_makes_up_for_missed_times_only_where_the_job_says_so() -> None:
    written = units(JOBS, Call(Path("/opt/dailypapers"), Path("/srv"), Path("/etc/cron.yaml")), BASE)
    hourly, nightly = (written[f"dailypapers-{name}.timer"].splitlines() for name in ("hourly", "nightly"))
    assert "OnCalendar=*-*-* *:17:00 UTC" in hourly
    assert "Persistent=true" not in hourly
    assert "Persistent=true" in nightly
    assert "# catch_up 2h: systemd makes up for a missed time however late it is." in nightly
    assert [line for line in nightly if line.startswith("# At a clock change")]
    assert not [line for line in hourly if line.startswith("# At a clock change")]
    assert [line for line in nightly if line.startswith("OnCalendar")] == [
        "OnCalendar=Fri *-*-* 02:30:00 Europe/Berlin",
        "OnCalendar=*-*-01,15 02:30:00 Europe/Berlin",
    ]


@analyzed
def test_systemd_handles_clock_changes_as_the_comment_says() -> None:
    # Of a job for all hours too.
    hourly, nightly = "*-*-* *:30:00 Europe/Berlin", "*-*-* 02:30:00 Europe/Berlin"
    assert [f"{time:%d %H}" for time in elapses([nightly], datetime(2026, 3, 28, tzinfo=UTC))[0]] == [
        "28 01",
        "30 00",
        "31 00",
        "01 00",
    ]
    assert [f"{time:%d %H}" for time in elapses([hourly], datetime(2026, 10, 24, 23, tzinfo=UTC))[0]] == [
        "24 23",
        "25 00",
        "25 02",
        "25 03",
    ]
    job = {"name": "hourly", "schedule": "30 * * * *", "timezone": "Europe/Berlin", "run": "run"}
    timer = units(jobs_of(job), Call(Path("/a"), Path("/b"), Path("/c")), BASE)["dailypapers-hourly.timer"]
    assert "# At a clock change" in timer


def test_a_program_that_systemd_does_not_start_is_an_error() -> None:
    with pytest.raises(ExportError, match="no program with a quote"):
        units(JOBS, Call(Path("/it's/dailypapers"), Path("/srv"), Path("/etc/cron.yaml")), BASE)


def test_words_with_characters_of_systemd_are_quoted_and_escaped() -> None:
    call = Call(Path("/opt/a$b"), Path("/a\\b"), Path('/say "hi"'), Path("/100%"))
    service = units(JOBS, call, BASE)["dailypapers-hourly.service"].splitlines()
    command = r"""ExecStart=/opt/a$b --store "/a\\b" cron --file "/say \"hi\"" run hourly"""
    assert [line for line in service if line.startswith(("ExecStart=", "Environment="))] == [
        "Environment=DAILYPAPERS_STATE=/100%%",
        command,
    ]
