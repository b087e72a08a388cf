"""`cron.yaml`: its jobs as a pydantic model, and its reading, which names everything that is wrong in it at once."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)

from dailypapers.cli.job_command import words_of
from ingest.cron.errors import Mistake, closest
from ingest.cron.schedule.slots import Schedule

from . import durations
from .diagnostics import BrokenJobs, described, doubles
from .yaml_lines import Document, read

NAME = r"^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$"
"""Also what Kubernetes takes for a CronJob: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""


def _text(text: str) -> str:
    if "\0" in text or (not text.isascii() and re.search("[\ud800-\udfff]", text)):
        raise Mistake("it has a sign that no command can take (NUL, or half of a surrogate pair)", "it without")
    return text


def _variable(name: str) -> str:
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) is None:
        raise Mistake(f"{name!r} is no name of a variable", "letters, digits and _, such as HF_TOKEN")
    return name


def _schedule(text: str) -> str:
    Schedule.parse(text)
    return text


def _command(text: str) -> str:
    words_of(_text(text))
    return text


def _name(text: str) -> str:
    if re.fullmatch(NAME, text) is None:
        raise Mistake(
            f"{text!r} is no name for a job", "lower case letters, digits and hyphens, 52 at most, such as hf-daily"
        )
    return text


def _hook(text: str) -> str:
    if not text.strip():
        raise Mistake("no command", "one for `sh -c`, or leave the key out")
    return _text(text)


def zone_named(name: str) -> tzinfo:
    """The zone of that name in the IANA database. Raises Mistake."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # not there, a folder of zones, no name at all
        known = available_timezones()
        if not known:
            raise Mistake(f"this machine knows no time zones, {name!r} neither", "UTC, or install tzdata") from error
        raise Mistake(f"no zone {name!r}", closest(name, known) or "a name such as Europe/Berlin") from error


def _zone(name: str) -> str:
    zone_named(name)
    return name


Duration = Annotated[
    timedelta,
    BeforeValidator(durations.duration),
    PlainSerializer(durations.words),
    WithJsonSchema({"type": "string", "pattern": durations.PATTERN, "examples": ["90s", "15m", "1h30m"]}),
]


Hook = Annotated[str, AfterValidator(_hook)]


class Model(BaseModel):
    """Nothing unknown is taken, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Hooks(Model):
    """Command lines for `sh -c`, with DAILYPAPERS_JOB, _EXIT, _STATUS and so on in their environment."""

    success: Hook | None = None
    """After a run that did its work (exit 0 or 1)."""
    failure: Hook | None = None
    """After a run that did not: any other exit, or the timeout."""
    attention: Hook | None = None
    """Once for each trouble of the store that is new, and again when it has changed or come back."""


class Job(Model):
    """A command line and its times."""

    name: Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": NAME})]
    """What the job is called: lower case letters, digits, hyphens."""
    schedule: Annotated[str, AfterValidator(_schedule), Field(examples=["17 * * * *", "@daily"])]
    """Five fields as Debian's cron reads them, or a macro such as @daily."""
    timezone: Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Berlin"])] = "UTC"
    """The zone of the schedule, a name of the IANA database."""
    run: Annotated[str, AfterValidator(_command), Field(examples=["run", "run hf-daily hf-weekly"])]
    """A dailypapers command line as a person would type it, without the word dailypapers."""
    timeout: Duration | None = None
    """The longest that a run may take; then it gets TERM, and KILL after 20 s."""
    jitter: Duration = timedelta()
    """The start is put off by up to this long, so that not all the world asks in the same second."""
    catch_up: Duration = timedelta(seconds=60)
    """A slot that was missed (sleep, restart) is made up for within this time; later it is dropped, and said."""
    env: Annotated[
        dict[Annotated[str, AfterValidator(_variable)], Annotated[str, AfterValidator(_text)]],
        Field(default_factory=dict),
    ]
    """Variables for the environment of the run and of its hooks."""
    on: Hooks = Hooks()
    """What to call after a run."""

    @cached_property
    def times(self) -> Schedule:
        """The schedule in its zone."""
        return Schedule.parse(self.schedule, zone_named(self.timezone))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the command line."""
        return words_of(self.run)


def _some(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    if not jobs:
        raise Mistake("the list is empty", "at least one job, beginning with - name: hf-daily")
    return jobs


class Jobs(Model):
    """The jobs of a `cron.yaml`."""

    jobs: Annotated[tuple[Job, ...], AfterValidator(_some)]

    def named(self, name: str) -> Job | None:
        """The job of that name."""
        return next((job for job in self.jobs if job.name == name), None)


_KEYS: Final = {
    (): tuple(Jobs.model_fields),
    ("jobs",): tuple(Job.model_fields),
    ("jobs", "on"): tuple(Hooks.model_fields),
}
"""The keys of the file, of a job and of its hooks, by where they stand."""


def load(path: Path) -> Jobs:
    """Read a file. Raises BrokenJobs with everything that is wrong in it, a line each, and OSError."""
    return load_with_lines(path)[0]


def load_with_lines(path: Path) -> tuple[Jobs, Document]:
    """Read a file, and where in it everything stands. Raises as `load` does."""
    document = read(path.read_bytes())
    findings = list(document.findings)
    try:
        jobs = Jobs.model_validate(document.value)
    except ValidationError as error:
        # Where it is no YAML at all, what else is wrong is not known yet.
        findings += described(document, error, _KEYS) if document.value or not findings else []
    else:
        findings += doubles(document)
        if not findings:
            return jobs, document
    raise BrokenJobs(path, sorted(findings, key=lambda one: one.line))
