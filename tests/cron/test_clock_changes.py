"""Which jobs a clock change of the coming year can skip or repeat, and which file they are read from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dailypapers.cron import jobs as jobs_module
from dailypapers.cron.export_program import crosses_clock_change, dst_warnings, may_skip_or_repeat
from dailypapers.cron.jobs import default_file, jobs_file, load_with_lines
from tests.cron.jobs import CHECK, jobs_of, written

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TWO_JOBS = """\
jobs:
  - name: hourly
    schedule: "17 * * * *"
    timezone: Europe/Berlin
    run: run
  - name: night
    run: run
    schedule: 30 5,3,0 * * *
    timezone: Europe/Berlin
"""


@pytest.mark.parametrize(
    ("schedule", "zone", "crosses", "may_skip"),
    [
        ("30 1 * * *", "Europe/Berlin", True, True),
        ("30 3,12 * * *", "America/New_York", True, True),
        ("30 0,4 * * *", "Europe/Berlin", False, False),
        ("30 2 * * *", "UTC", False, False),
        ("30 2 * * *", "Asia/Tokyo", False, False),
        # A job of every hour follows the clock.
        ("30 * * * *", "Europe/Berlin", True, False),
        ("30 */3 * * *", "Europe/Berlin", True, False),
        ("30 */3 * * *", "Asia/Tokyo", False, False),
    ],
)
def test_jobs_at_the_hours_of_a_clock_change(schedule: str, zone: str, crosses: bool, may_skip: bool) -> None:
    (job,) = jobs_of({"name": "job", "schedule": schedule, "timezone": zone, "run": "run"}).jobs
    assert (crosses_clock_change(job, NOW), may_skip_or_repeat(job, NOW)) == (crosses, may_skip)


@pytest.mark.parametrize(("year", "crosses"), [(2018, True), (2019, False)])
def test_a_zone_that_changed_its_clock_for_the_last_time(year: int, crosses: bool) -> None:
    # Brazil has had no summer time since February 2019.
    (job,) = jobs_of({"name": "job", "schedule": "0 2 * * *", "timezone": "America/Sao_Paulo", "run": "run"}).jobs
    assert crosses_clock_change(job, NOW.replace(year=year)) is crosses


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_looks_a_whole_year_ahead(month: int) -> None:
    (job,) = jobs_of({"name": "job", "schedule": "0 2 * * *", "timezone": "Europe/Berlin", "run": "run"}).jobs
    assert crosses_clock_change(job, NOW.replace(month=month))


def test_a_warning_names_the_line_of_the_schedule_and_its_first_such_hour(tmp_path: Path) -> None:
    jobs, document = load_with_lines(written(tmp_path, TWO_JOBS), CHECK)
    assert list(dst_warnings(jobs, document, NOW)) == [
        (
            8,
            "schedule: at 03 in Europe/Berlin, where clock changes skip or repeat 01:00 to 03:59: exported to a timer "
            "or cluster it may run twice, or not at all; write another hour, or timezone: UTC",
        )
    ]


def test_the_default_file_is_in_the_package_once_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jobs_module, "__file__", str(tmp_path / "tree" / "dailypapers" / "cron" / "jobs.py"))
    inside = tmp_path / "tree" / "dailypapers" / "cron" / "cron.yaml"
    inside.parent.mkdir(parents=True)
    assert jobs_file() == default_file() == tmp_path / "tree" / "cron.yaml"
    inside.touch()
    assert jobs_file() == default_file() == inside
    Path("cron.yaml").touch()
    assert jobs_file() == Path("cron.yaml")
    assert jobs_file(Path("x.yaml")) == Path("x.yaml")
