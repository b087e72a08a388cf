"""Jobs as lines of a crontab: https://manpages.debian.org/bookworm/cron/crontab.5.en.html."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ingest.cron.config import durations
from ingest.cron.config.jobs import Job, Jobs

from .call import Call, Inexpressible, comments, is_set, title

LOCALTIME: Final = Path("/etc/localtime")
HOUR: Final = timedelta(hours=1)
MAX_LENGTH: Final = 998
"""Debian's cron reads 1000 bytes of a command (MAX_COMMAND in its cron.h), the end included."""


def crontab(jobs: Jobs, call: Call, now: datetime, localtime: Path = LOCALTIME) -> str:
    """The lines for all jobs. Raises Inexpressible where the zone is not the machine's, or a line is too long."""
    zone, name = machine_zone(localtime)
    found = [one for job in jobs.jobs for one in _findings(job, call, zone, name, now)]
    if found:
        raise Inexpressible(found)
    head = comments(["Written by `dailypapers cron export crontab`; these lines belong into `crontab -e`."])
    zoned = comments([f"For a machine whose zone is {name}: Debian's cron knows no other."])
    state = [f"DAILYPAPERS_STATE={_quoted(str(call.state))}"] if call.state else []
    return "\n".join(
        [*head, *zoned, 'MAILTO=""', *state, *(line for job in jobs.jobs for line in _lines(job, call)), ""]
    )


def machine_zone(localtime: Path) -> tuple[tzinfo, str]:
    """The zone of the machine and its name, as the file says it that its daemons read; without that file it is UTC."""
    if not localtime.exists():
        return UTC, "UTC"
    name = str(localtime.resolve()).partition("zoneinfo/")[2] or f"that of {localtime}"
    with localtime.open("rb") as file:
        return ZoneInfo.from_file(file), name


def _lines(job: Job, call: Call) -> Iterator[str]:
    yield ""
    yield f"# {title(job)}"
    if is_set(job, "catch_up") and job.catch_up:
        yield f"# catch_up {durations.words(job.catch_up)} is not kept: what the machine misses is not made up for."
    yield f"{job.times.expression.text} {_command(job, call)}"


def _command(job: Job, call: Call) -> str:
    """For /bin/sh, with the sign escaped that ends a command for cron, and the one by which it is escaped."""
    return shlex.join(call.words(job)).replace("\\", "\\\\").replace("%", "\\%")


def _quoted(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'


def _findings(job: Job, call: Call, zone: tzinfo, name: str, now: datetime) -> Iterator[str]:
    if not _same_times(job, zone, now):
        yield (
            f"job {job.name}: its times are in {job.timezone}, and Debian's cron knows only the zone of the machine, "
            f"{name}; give the job that zone, or use `dailypapers cron run` or `cron export systemd`"
        )
    if len(_command(job, call).encode()) > MAX_LENGTH:
        yield (
            f"job {job.name}: its line is longer than the {MAX_LENGTH} bytes that Debian's cron takes; "
            "use shorter paths"
        )


def _same_times(job: Job, zone: tzinfo, now: datetime) -> bool:
    """Whether the job is due at the same instants in both zones, in the two years to come at least."""
    apart = _apart(job.times.zone, zone, now)
    if apart == {timedelta()}:
        return True
    expression = job.times.expression
    if expression.text.split()[1:] != ["*"] * 4:
        return False
    # Each hour, but of zones that are 30 or 45 minutes apart the minute is another one.
    shifts = {one % HOUR // timedelta(minutes=1) for one in apart}
    return all({(minute + shift) % 60 for minute in expression.minutes} == expression.minutes for shift in shifts)


def _apart(one: tzinfo, other: tzinfo, now: datetime) -> set[timedelta]:
    """The differences between two zones, hour by hour for two years."""
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = (start + hour * HOUR for hour in range(2 * 366 * 24))
    return {_offset(one, hour) - _offset(other, hour) for hour in hours}


def _offset(zone: tzinfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
