"""What all exports share: the call that a foreign scheduler makes, and what that scheduler cannot say."""

from __future__ import annotations

import shlex
import shutil
import sysconfig
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.cron.config.jobs import Job, Jobs
from ingest.errors import UsageError

HEEDED: Final = (
    *("DAILYPAPERS_CONTACT", "DAILYPAPERS_BUDGET", "HF_ENDPOINT", "HF_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *(name for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (proxy, proxy.lower())),
)
"""The variables that change what a run does."""


class Inexpressible(UsageError):  # noqa: N818 - named for what it is
    """Jobs that the target cannot run as `cron.yaml` means them, with what to do about each."""

    def __init__(self, findings: Iterable[str]) -> None:
        super().__init__("nothing was exported\n" + "\n".join(findings))


@dataclass(frozen=True, slots=True)
class Call:
    """How a foreign scheduler calls us: nothing in it depends on its PATH, folder or home."""

    program: Path
    store: Path
    file: Path
    state: Path | None = None
    """The state folder, where it is not the one that an empty environment leads to."""

    def words(self, job: Job) -> list[str]:
        """The command line that runs a job once, with its timeout, jitter, `on:` and its lock against overlap."""
        called = [str(self.program), "--store", str(self.store), "cron", "--file", str(self.file), "run", job.name]
        broken = [word for word in called if "\n" in word]
        if broken:
            raise Inexpressible([f"a path with a line break cannot stand in one line: {broken[0]!r}; rename it"])
        return called


def program() -> Path:
    """The `dailypapers` that belongs to this Python. Raises UsageError where it is not installed as a program."""
    beside = Path(sysconfig.get_path("scripts")) / "dailypapers"
    found = str(beside) if beside.exists() else shutil.which("dailypapers")
    if found is None:
        raise UsageError(f"no program dailypapers at {beside}; install it (pipx install .) and export again")
    return Path(found).absolute()


def is_set(job: Job, key: str) -> bool:
    """Whether the file gives this key of the job; defaults are no wish."""
    return key in job.model_fields_set


def left_behind(jobs: Jobs, environment: Collection[str]) -> list[str]:
    """The variables of an environment that a run heeds, and that a foreign scheduler would not give to every job."""
    return [name for name in HEEDED if name in environment and any(name not in job.env for job in jobs.jobs)]


def title(job: Job) -> str:
    """The job in a line: what it runs, and when."""
    return f"{job.name}: {command(job)}; {job.times.words()}"


def command(job: Job) -> str:
    """The job's command in one line, whatever the file's breaks."""
    return " ".join(shlex.join(job.words).split())


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as ranges: 1, 2, 3, 7 are (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def comments(lines: Sequence[str]) -> list[str]:
    """Lines as comments; crontabs, units and YAML have the same sign for them."""
    return [f"# {line}" for line in lines]
