"""`cron.yaml` as a pydantic model, and its reader, which reports everything that is wrong in it at once."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
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
    ValidationInfo,
    WithJsonSchema,
)

from dailypapers.outputs.yaml_file import Document, read_file

from .diagnostics import JobsFileError, duplicate_names, validation_diagnostics
from .expression import ConfigError, closest
from .slots import Schedule

# Four digits of days are 27 years; three digits more would leave the range of datetime.
PATTERN: Final = r"^(?=.)([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
_UNITS: Final = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def parse_duration(text: object) -> timedelta:
    """Read a duration; each number needs a unit. Raises ConfigError."""
    match = re.fullmatch(PATTERN, text) if isinstance(text, str) else None
    if match is None:
        raise ConfigError(f"{text!r} is not a duration", _instead(str(text)))
    days, hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """A duration in the form that `parse_duration` reads, rounded to seconds."""
    seconds, text = round(duration.total_seconds()), ""
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _instead(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"{text}s for seconds, {text}m for minutes or {text}h for hours"
    return "a duration such as 90s, 15m, 1h30m or 2d"


FILE_NAME = "cron.yaml"


def jobs_file(named: Path | None = None) -> Path:
    """The file that was named, else ./cron.yaml, else the default file of the package."""
    if named is not None:
        return named
    here = Path(FILE_NAME)
    return here if here.exists() else default_file()


def default_file() -> Path:
    """The file that comes with the package: inside it once installed, at the top of a source tree."""
    inside = Path(__file__).parent / FILE_NAME
    return inside if inside.exists() else Path(__file__).parents[2] / FILE_NAME


NAME = r"^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$"
"""Also valid as the name of a CronJob: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""

CommandCheck = Callable[[Sequence[str]], object]
"""Takes the arguments of a job's command line. Raises ConfigError where they are wrong."""


def _text(text: str) -> str:
    if "\0" in text or (not text.isascii() and re.search("[\ud800-\udfff]", text)):
        raise ConfigError("a character that no command can take (NUL, or half of a surrogate pair)", "it without")
    return text


def _name(text: str) -> str:
    if re.fullmatch(NAME, text) is None:
        instead = "lower case letters, digits and hyphens, 52 at most, such as hf-daily"
        raise ConfigError(f"{text!r} is not a job name", instead)
    return text


def _variable(text: str) -> str:
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text) is None:
        raise ConfigError(f"{text!r} is not a variable name", "letters, digits and _, such as HF_TOKEN")
    return text


def _schedule(text: str) -> str:
    Schedule.parse(text)
    return text


def _zone(text: str) -> str:
    parse_zone(text)
    return text


def _command(text: str, info: ValidationInfo) -> str:
    _text(text)
    try:
        arguments = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"{text!r}: {str(error).lower()}", "each quote twice, one at each end") from error
    if arguments[:1] == ["dailypapers"]:
        raise ConfigError(f"{text!r} begins with dailypapers", " ".join(text.split()[1:]) or "run")
    if info.context is not None:
        info.context(arguments)
    return text


def _hook(text: str) -> str:
    if not text.strip():
        raise ConfigError("no command", "one for `sh -c`, or leave the key out")
    return _text(text)


def parse_zone(name: str) -> tzinfo:
    """The zone of that name in the IANA database. Raises ConfigError."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # missing, a folder of zones, not a valid name
        known = available_timezones()
        if not known:
            raise ConfigError(f"this machine has no time zones, {name!r} included", "UTC, or install tzdata") from error
        raise ConfigError(
            f"unknown time zone {name!r}", closest(name, known) or "a name such as Europe/Berlin"
        ) from error


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["90s", "15m", "1h30m"]}),
]
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": NAME})]
Variable = Annotated[str, AfterValidator(_variable)]
Hook = Annotated[str, AfterValidator(_hook)]


class Model(BaseModel):
    """Immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Hooks(Model):
    """Command lines for `sh -c`, with DAILYPAPERS_JOB, _EXIT, _STATUS and others in their environment."""

    success: Hook | None = None
    """Called after a run that did its work (exit 0 or 1)."""
    failure: Hook | None = None
    """Called after any other exit, and after the timeout."""
    attention: Hook | None = None
    """Called once for each new problem of the store, and again after it has changed or come back."""


class Job(Model):
    """A command line and when to run it."""

    name: Name
    """Lower case letters, digits and hyphens."""
    schedule: Annotated[str, AfterValidator(_schedule), Field(examples=["17 * * * *", "@daily"])]
    """Five fields as Debian's cron reads them, or a macro such as @daily."""
    timezone: Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Berlin"])] = "UTC"
    """The zone of the schedule, a name of the IANA database."""
    run: Annotated[str, AfterValidator(_command), Field(examples=["run", "run hf-daily hf-weekly"])]
    """A dailypapers command line as you would type it, without the word dailypapers."""
    timeout: Duration | None = None
    """The longest that a run may take; then it gets SIGTERM, and SIGKILL after 20 s."""
    jitter: Duration = timedelta()
    """The start is delayed by up to this long, so that not everyone sends requests in the same second."""
    catch_up: Duration = timedelta(seconds=60)
    """A missed slot (sleep, restart) is started up to this late; later it is dropped with a message."""
    env: dict[Variable, Annotated[str, AfterValidator(_text)]] = {}
    """Environment variables for the run and its hooks."""
    on: Hooks = Hooks()
    """What to call after a run."""

    @cached_property
    def times(self) -> Schedule:
        """The schedule in its zone."""
        return Schedule.parse(self.schedule, parse_zone(self.timezone))

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the command line."""
        return tuple(shlex.split(self.run))


def _not_empty(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    if not jobs:
        raise ConfigError("the list is empty", "at least one job, beginning with - name: hf-daily")
    return jobs


class Jobs(Model):
    """The jobs of a `cron.yaml`."""

    jobs: Annotated[tuple[Job, ...], AfterValidator(_not_empty)]

    def get(self, name: str) -> Job | None:
        """The job of that name."""
        return next((job for job in self.jobs if job.name == name), None)


_KEYS: Final = {
    (): tuple(Jobs.model_fields),
    ("jobs",): tuple(Job.model_fields),
    ("jobs", "on"): tuple(Hooks.model_fields),
}
"""The keys of the file, of a job and of its hooks, by their place in the file."""


def load(path: Path, check_command: CommandCheck) -> Jobs:
    """Read a file. Raises JobsFileError with everything that is wrong in it, and OSError."""
    return load_with_lines(path, check_command)[0]


def load_with_lines(path: Path, check_command: CommandCheck) -> tuple[Jobs, Document]:
    """Read a file as `load` does; gives the line numbers of its values too."""
    document = read_file(path)
    diagnostics = list(document.diagnostics)
    try:
        jobs = Jobs.model_validate(document.value, context=check_command)
    except ValidationError as error:
        # A file that is not YAML has no value whose errors would mean anything.
        if document.value or not diagnostics:
            diagnostics += [*validation_diagnostics(document, error, _KEYS), *duplicate_names(document)]
    else:
        diagnostics += duplicate_names(document)
        if not diagnostics:
            return jobs, document
    raise JobsFileError(path, diagnostics)
