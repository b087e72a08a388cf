"""What is wrong in a `cron.yaml`, as `cron.yaml:LINE: what is wrong; what would be right`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ingest.cron.errors import closest
from ingest.errors import UsageError

from .yaml_lines import Document, Finding, Place

EXAMPLES: Final = {
    "the file": "jobs:, and below it a list that begins with - name: hf-daily",
    "jobs": "jobs:, and below it a list that begins with - name: hf-daily",
    "name": "name: hf-daily",
    "schedule": 'schedule: "17 * * * *"',
    "run": "run: run",
    "env": "env:, and below it lines such as HF_TOKEN: hf_...",
    "on": "on:, and below it success:, failure: or attention:",
}
SHAPES: Final = {
    "model_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list, each entry with a - before it",
    "string_type": "one line of text",
}


class BrokenJobs(UsageError):  # noqa: N818 - named for what it is
    """A `cron.yaml` that cannot be taken, with all that is wrong in it."""

    def __init__(self, path: Path, findings: Sequence[Finding]) -> None:
        self.lines = [f"{path}:{one.line}: {one.message}" for one in findings]
        super().__init__("\n".join(self.lines))


Keys = Mapping[tuple[str, ...], Sequence[str]]


def described(document: Document, error: ValidationError, keys: Keys) -> list[Finding]:
    """What pydantic found, in words and with lines; `keys` are those there are at a place."""
    found = error.errors(include_url=False)
    return [Finding(document.line(one["loc"]), _message(one, keys)) for one in found] + doubles(document)


def doubles(document: Document) -> list[Finding]:
    """Names that two jobs have."""
    return list(_doubles(document))


def _doubles(document: Document) -> Iterator[Finding]:
    jobs: Any = document.value["jobs"] if isinstance(document.value, dict) and "jobs" in document.value else []
    seen: dict[str, int] = {}
    for number, job in enumerate(jobs if isinstance(jobs, list) else []):
        name = job.get("name") if isinstance(job, dict) else None
        line = document.line(("jobs", number, "name"))
        if isinstance(name, str) and seen.setdefault(name, line) != line:
            yield Finding(line, f"the job in line {seen[name]} is called {name!r} too; write another name")


def _message(error: ErrorDetails, keys: Keys) -> str:
    kind, key = error["type"], _key(error["loc"])
    if kind == "extra_forbidden":
        known = keys[tuple(one for one in error["loc"][:-1] if isinstance(one, str))]
        meant = closest(key, known)
        return f"unknown key {key!r}; " + (f"did you mean {meant!r}?" if meant else f"known are {', '.join(known)}")
    if kind == "missing":
        return f"{key!r} is missing; write {EXAMPLES[key]}"
    if kind == "value_error":
        return f"{key}: {error['ctx']['error']}"
    if kind in SHAPES:
        shape = SHAPES[kind]
        return f"{key} must be {shape}" + (f"; write {EXAMPLES[key]}" if key in EXAMPLES else "")
    return f"{key}: {error['msg'].lower()}"


def _key(place: Place) -> str:
    if place and isinstance(place[-1], int):
        return "a job"
    if place and place[-1] == "[key]":  # pydantic's word for a key that is wrong itself
        place = place[:-2]
    return next((str(one) for one in reversed(place)), "the file")
