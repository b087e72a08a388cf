"""What the exports share: how another scheduler calls this program, which jobs a clock change affects, and the error
for what a scheduler cannot express."""

from __future__ import annotations

import shlex
import shutil
import sysconfig
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from dailypapers.ingest.errors import UsageError
from dailypapers.outputs.yaml_file import Document

from .jobs import Job, Jobs

HOURS: Final = frozenset({1, 2, 3})
"""The local hours in which almost all zones change their clocks."""


def dst_warnings(jobs: Jobs, document: Document, now: datetime) -> Iterator[tuple[int, str]]:
    """Line and message for each job that a clock change of the coming year can skip or repeat."""
    for number, job in enumerate(jobs.jobs):
        if may_skip_or_repeat(job, now):
            yield document.line(("jobs", number, "schedule")), f"schedule: {_describe(job)}"


def may_skip_or_repeat(job: Job, now: datetime) -> bool:
    """Whether a clock change of the coming year can skip or repeat a job that runs at fixed hours."""
    return not job.times.expression.every_hour and crosses_clock_change(job, now)


def crosses_clock_change(job: Job, now: datetime) -> bool:
    """Whether a job, of fixed hours or of all, runs at hours that a clock change of the coming year touches."""
    days = (now + timedelta(days=number) for number in range(366))
    runs_then = bool(HOURS & job.times.expression.hours)
    return runs_then and len({day.astimezone(job.times.zone).utcoffset() for day in days}) > 1


def _describe(job: Job) -> str:
    hour = min(HOURS & job.times.expression.hours)
    return (
        f"at {hour:02} in {job.timezone}, where clock changes skip or repeat 01:00 to 03:59: exported to a "
        "timer or cluster it may run twice, or not at all; write another hour, or timezone: UTC"
    )


RUN_VARIABLES: Final = (
    *("DAILYPAPERS_CONTACT", "DAILYPAPERS_BUDGET", "HF_ENDPOINT", "HF_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *(name for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (proxy, proxy.lower())),
)
"""The environment variables that change what a run does."""


class ExportError(UsageError):
    """Jobs that the target cannot run as `cron.yaml` means them, with what to do about each."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("nothing was exported\n" + "\n".join(problems))


@dataclass(frozen=True, slots=True)
class Call:
    """How another scheduler calls this program, independent of its PATH, working folder and home."""

    program: Path
    store: Path
    file: Path
    state: Path | None = None
    """The state folder; None if an empty environment leads to the same one."""

    def command_line(self, job: Job) -> list[str]:
        """The command line that runs a job once, with its timeout, jitter, hooks and lock. Raises ExportError."""
        words = [str(self.program), "--store", str(self.store), "cron", "--file", str(self.file), "run", job.name]
        for word in words:
            if "\n" in word:
                raise ExportError([f"a path with a line break does not fit into one line: {word!r}; rename it"])
        return words


def program() -> Path:
    """The `dailypapers` program of this Python. Raises UsageError if it is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "dailypapers"
    path = str(beside) if beside.exists() else shutil.which("dailypapers")
    if path is None:
        raise UsageError(f"no program dailypapers at {beside}; install it (pipx install .) and export again")
    return Path(path).absolute()


def sets_catch_up(job: Job) -> bool:
    """Whether the file gives the job a `catch_up`; the default is not exported."""
    return "catch_up" in job.model_fields_set


def missing_variables(jobs: Jobs, environment: Collection[str]) -> list[str]:
    """The variables of an environment that affect runs, and that another scheduler would not pass to every job."""
    return [name for name in RUN_VARIABLES if name in environment and any(name not in job.env for job in jobs.jobs)]


def title(job: Job) -> str:
    """The job in one line: what it runs, and when."""
    return f"{job.name}: {one_line(job)}; {job.times.describe()}"


def one_line(job: Job) -> str:
    """The job's command, in one line even where the file breaks it."""
    return " ".join(shlex.join(job.arguments).split())


def format_numbers(numbers: Iterable[int], dash: str, name: Callable[[int], str] = str) -> str:
    """Numbers as a list of ranges: 1, 2, 3, 7 with the dash `-` become `1-3,7`."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ",".join(dash.join(map(name, bounds)) for bounds in ranges)
