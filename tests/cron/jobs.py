"""Jobs for tests, as read from a `cron.yaml`."""

from __future__ import annotations

from functools import partial
from typing import Any

from dailypapers.cli.job_command import check_command
from dailypapers.cli.main import cli
from ingest.cron.config.jobs import Jobs

CHECK = partial(check_command, cli)
"""The check of command lines that the command line itself hands in."""


def jobs_of(*jobs: dict[str, Any]) -> Jobs:
    """The model of these jobs."""
    return Jobs.model_validate({"jobs": list(jobs)}, context=CHECK)
