"""Jobs as lines of a crontab: https://manpages.debian.org/bookworm/cron/crontab.5.en.html."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from .export_program import Call, ExportError, sets_catch_up, title
from .jobs import Job, Jobs, format_duration
from .slots import utc_offset

LOCALTIME: Final = Path("/etc/localtime")
HOUR: Final = timedelta(hours=1)
MAX_COMMAND: Final = 998
"""Debian's cron reads 1000 bytes of a command (MAX_COMMAND in its cron.h), the end included."""


def crontab(jobs: Jobs, call: Call, now: datetime, localtime: Path = LOCALTIME) -> str:
    """The lines for all jobs. Raises ExportError if a zone is not the machine's, or a line is too long."""
    zone, name = machine_zone(localtime)
    problems = [problem for job in jobs.jobs for problem in _problems(job, call, zone, name, now)]
    if problems:
        raise ExportError(problems)
    lines = [
        "# Written by `dailypapers cron export crontab`; add these lines with `crontab -e`.",
        f"# For a machine whose zone is {name}: Debian's cron supports no other.",
        'MAILTO=""',
    ]
    if call.state:
        lines.append(f"DAILYPAPERS_STATE={_quote(str(call.state))}")
    return "\n".join([*lines, *(line for job in jobs.jobs for line in _lines(job, call)), ""])


def machine_zone(localtime: Path) -> tuple[tzinfo, str]:
    """The machine's zone and its name, from the file that daemons read; UTC where that file is missing."""
    if not localtime.exists():
        return UTC, "UTC"
    name = str(localtime.resolve()).partition("zoneinfo/")[2] or f"that of {localtime}"
    with localtime.open("rb") as file:
        return ZoneInfo.from_file(file), name


def _lines(job: Job, call: Call) -> Iterator[str]:
    yield ""
    yield f"# {title(job)}"
    if sets_catch_up(job) and job.catch_up:
        yield f"# catch_up {format_duration(job.catch_up)} is ignored: Debian's cron does not make up for missed times."
    yield f"{job.times.expression.text} {_command(job, call)}"


def _command(job: Job, call: Call) -> str:
    """For /bin/sh, with % escaped, which ends a command for cron, and the backslash that escapes it."""
    return shlex.join(call.command_line(job)).replace("\\", "\\\\").replace("%", "\\%")


def _quote(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'


def _problems(job: Job, call: Call, zone: tzinfo, name: str, now: datetime) -> Iterator[str]:
    if not _same_times(job, zone, now):
        yield (
            f"job {job.name}: its times are in {job.timezone}, and Debian's cron supports only the zone of the "
            f"machine, {name}; give the job that zone, or use `dailypapers cron run` or `cron export systemd`"
        )
    if len(_command(job, call).encode()) > MAX_COMMAND:
        yield f"job {job.name}: its line exceeds the {MAX_COMMAND} bytes that Debian's cron reads; use shorter paths"


def _same_times(job: Job, zone: tzinfo, now: datetime) -> bool:
    """Whether the job is due at the same instants in both zones for the next two years."""
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = (start + number * HOUR for number in range(2 * 366 * 24))
    differences = {utc_offset(job.times.zone, hour) - utc_offset(zone, hour) for hour in hours}
    if differences == {timedelta()}:
        return True
    expression = job.times.expression
    if expression.text.split()[1:] != ["*"] * 4:
        return False
    # It runs every hour; only the minute differs between zones that are 30 or 45 minutes apart.
    shifts = {difference % HOUR // timedelta(minutes=1) for difference in differences}
    return all({(minute + shift) % 60 for minute in expression.minutes} == expression.minutes for shift in shifts)
