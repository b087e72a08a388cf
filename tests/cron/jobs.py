"""Jobs for tests, as a `cron.yaml` would give them."""

from __future__ import annotations

from typing import Any

from ingest.cron.config.jobs import Jobs


def jobs_of(*jobs: dict[str, Any]) -> Jobs:
    """The model of these jobs."""
    return Jobs.model_validate({"jobs": list(jobs)})
