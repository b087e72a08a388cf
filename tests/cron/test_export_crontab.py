"""Exported crontabs."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dailypapers.cron.export_crontab import crontab
from dailypapers.cron.export_program import Call, ExportError
from tests.cron.jobs import jobs_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CALL = Call(Path("/opt/dailypapers"), Path("/srv/papers"), Path("/etc/cron.yaml"))
JOB = {"name": "hourly", "schedule": "17 * * * *", "run": "run"}


def exported(call: Call = CALL, zone: str | None = None, **changed: Any) -> list[str]:
    """The lines for one job, on a machine in that zone."""
    localtime = Path("/usr/share/zoneinfo", zone) if zone else Path("/nowhere")
    return crontab(jobs_of({**JOB, **changed}), call, NOW, localtime).splitlines()


def test_a_job_is_one_line_that_needs_no_path_and_no_folder() -> None:
    lines = exported()
    assert 'MAILTO=""' in lines
    assert lines[-1] == "17 * * * * /opt/dailypapers --store /srv/papers cron --file /etc/cron.yaml run hourly"
    assert lines[-2].startswith("# hourly: run; ")


def test_percent_signs_spaces_and_quotes_reach_the_program(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = tmp_path / "dailypapers"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\n')
    program.chmod(0o755)
    line = exported(Call(program, Path("/srv/50% it's"), Path(r"/etc/$HOME\\%.yaml")))[-1]
    # Before it calls the shell, cron removes the backslash before a percent sign or a backslash.
    command = re.sub(r"\\([%\\])", r"\1", line.split(maxsplit=5)[5])
    subprocess.run(["/bin/sh", "-c", command], check=True, env={})
    words = ["--store", "/srv/50% it's", "cron", "--file", r"/etc/$HOME\\%.yaml", "run", "hourly"]
    assert seen.read_text().splitlines() == words


def test_a_custom_state_folder_is_exported() -> None:
    call = Call(CALL.program, CALL.store, CALL.file, Path("/var/my state"))
    assert 'DAILYPAPERS_STATE="/var/my state"' in exported(call)


@pytest.mark.parametrize(
    ("zone", "machine", "schedule"),
    [
        ("Europe/Berlin", "Europe/Berlin", "30 2 * * *"),
        ("Europe/Paris", "Europe/Berlin", "30 2 * * *"),
        ("Etc/UTC", None, "30 2 * * *"),
        ("America/New_York", "Europe/Berlin", "17 * * * *"),
        ("Asia/Kolkata", None, "*/10 * * * *"),
    ],
)
def test_a_job_with_the_same_times_in_the_zone_of_the_machine_is_exported(
    zone: str, machine: str | None, schedule: str
) -> None:
    assert exported(zone=machine, timezone=zone, schedule=schedule)[-1].startswith(schedule)


@pytest.mark.parametrize(
    ("zone", "machine", "schedule"),
    [
        ("Europe/Berlin", None, "30 2 * * *"),
        ("Europe/Berlin", "America/New_York", "0 * * * mon"),
        ("UTC", "Europe/London", "0 12 * * *"),
        ("America/Havana", "America/New_York", "30 2 * * *"),
        ("Asia/Kolkata", None, "17 * * * *"),
        ("Europe/Berlin", None, "17 * 1 * *"),
    ],
)
def test_a_job_with_other_times_in_the_zone_of_the_machine_is_an_error(
    zone: str, machine: str | None, schedule: str
) -> None:
    with pytest.raises(
        ExportError, match=f"job hourly: its times are in {zone}, .* zone of the machine, {machine or 'UTC'}"
    ):
        exported(zone=machine, timezone=zone, schedule=schedule)


def test_a_line_that_cron_would_cut_is_an_error() -> None:
    with pytest.raises(ExportError, match="job hourly: its line exceeds the 998 bytes"):
        exported(Call(CALL.program, Path("/" + "x" * 990), CALL.file))


def test_a_path_with_a_line_break_is_an_error() -> None:
    with pytest.raises(ExportError, match="line break"):
        exported(Call(CALL.program, Path("/a\nb"), CALL.file))


def test_a_comment_says_that_catch_up_is_ignored() -> None:
    assert "# catch_up 2h is ignored: Debian's cron does not make up for missed times." in exported(catch_up="2h")
    assert not [line for line in exported() if "catch_up" in line]


@pytest.mark.skipif(shutil.which("crontab") is None, reason="crontab is not installed")
def test_debian_accepts_the_file() -> None:
    call = Call(CALL.program, Path("/srv/50% it's"), CALL.file, Path("/var/my state"))
    text = "\n".join([*exported(call, catch_up="2h", schedule="*/20 1-5 1,15 jan-mar fri"), ""])
    checked = subprocess.run(["crontab", "-n", "-"], input=text, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
