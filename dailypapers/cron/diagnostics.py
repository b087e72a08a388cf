"""What is wrong in a `cron.yaml`, as `cron.yaml:LINE: what is wrong; what to write instead`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dailypapers.outputs.yaml_file import Diagnostic, Document, KeyPath, YamlFileError

from .expression import closest

_JOB_LIST: Final = "jobs:, and below it a list that begins with - name: hf-daily"
EXAMPLES: Final = {
    "the file": _JOB_LIST,
    "jobs": _JOB_LIST,
    "name": "name: hf-daily",
    "schedule": 'schedule: "17 * * * *"',
    "run": "run: run",
    "env": "env:, and below it lines such as HF_TOKEN: hf_...",
    "on": "on:, and below it success:, failure: or attention:",
}
SHAPES: Final = {
    "model_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list whose entries begin with -",
    "string_type": "one line of text",
}


class JobsFileError(YamlFileError):
    """A `cron.yaml` that is not valid, with everything that is wrong in it."""


Keys = Mapping[tuple[str, ...], Sequence[str]]


def validation_diagnostics(document: Document, error: ValidationError, keys: Keys) -> Iterator[Diagnostic]:
    """The errors of pydantic with lines and plain messages; `keys` are the known keys, by their place in the file."""
    for details in error.errors():
        yield Diagnostic(document.line(details["loc"]), _message(details, keys))


def duplicate_names(document: Document) -> Iterator[Diagnostic]:
    """Jobs whose name another job has already."""
    jobs = document.value.get("jobs", []) if isinstance(document.value, dict) else []
    seen: dict[str, int] = {}
    for number, job in enumerate(jobs):
        name = job.get("name") if isinstance(job, dict) else None
        line = document.line(("jobs", number, "name"))
        if not isinstance(name, str):
            continue
        if name in seen:
            yield Diagnostic(line, f"the job in line {seen[name]} is called {name!r} too; write another name")
        seen.setdefault(name, line)


def _message(error: ErrorDetails, keys: Keys) -> str:
    kind, key = error["type"], _key(error["loc"])
    if kind == "extra_forbidden":
        known = keys[tuple(part for part in error["loc"][:-1] if isinstance(part, str))]
        meant = closest(key, known)
        return f"unknown key {key!r}; " + (f"did you mean {meant!r}?" if meant else f"known are {', '.join(known)}")
    if kind == "missing":
        return f"{key!r} is missing; write {EXAMPLES[key]}"
    if kind == "value_error":
        return f"{key}: {error['ctx']['error']}"
    if kind in SHAPES:
        return f"{key} must be {SHAPES[kind]}" + (f"; write {EXAMPLES[key]}" if key in EXAMPLES else "")
    return f"{key}: {error['msg'].lower()}"


def _key(path: KeyPath) -> str:
    if path and isinstance(path[-1], int):
        return "a job"
    if path and path[-1] == "[key]":  # pydantic's name for a key that is itself wrong
        path = path[:-2]
    return next((str(part) for part in reversed(path)), "the file")
