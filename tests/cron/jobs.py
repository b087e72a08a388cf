"""Jobs for tests, as read from a `cron.yaml`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dailypapers.cli.main import cli
from dailypapers.cron.diagnostics import JobsFileError
from dailypapers.cron.jobs import Jobs, load
from dailypapers.cron.jobs_file import check_command

CHECK = partial(check_command, cli)
"""The check of command lines that the command line itself hands in."""


def jobs_of(*jobs: dict[str, Any]) -> Jobs:
    """The model of these jobs."""
    return Jobs.model_validate({"jobs": list(jobs)}, context=CHECK)


def written(folder: Path, content: str | bytes) -> Path:
    """A `cron.yaml` in a folder."""
    path = folder / "cron.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def messages(path: Path) -> list[str]:
    """What is wrong in a file, without its path."""
    with pytest.raises(JobsFileError) as broken:
        load(path, CHECK)
    return [line.removeprefix(f"{path}:") for line in broken.value.lines]
