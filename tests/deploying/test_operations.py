"""What docs/operations.md says to write is taken by those who read it."""

from __future__ import annotations

import re
import shlex
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dailypapers.cron.export_kubernetes import CLAIM
from dailypapers.cron.jobs import Jobs
from tests.deploying.image import ROOT
from tests.test_docs import takes

TEXT = (ROOT / "docs" / "operations.md").read_text()
BLOCKS: list[dict[str, Any]] = [
    yaml.load(one, yaml.BaseLoader) for one in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]


def block(*keys: str) -> dict[str, Any]:
    """The one YAML block with these keys, no others, at its top."""
    [found] = [one for one in BLOCKS if set(one) == set(keys)]
    return found


def test_the_volume_claim_is_the_one_that_exported_jobs_ask_for() -> None:
    claim = block("apiVersion", "kind", "metadata", "spec")
    kubernetes_validate.validate(claim, "1.31", strict=True)
    assert (claim["kind"], claim["metadata"]["name"]) == ("PersistentVolumeClaim", CLAIM)


def test_the_hook_is_one() -> None:
    job = {"name": "hourly", "schedule": "17 * * * *", "run": "run", **block("on")}
    assert Jobs.model_validate({"jobs": [job]}).jobs[0].on.success


def test_the_workflow_runs_commands_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = block("name", "on", "concurrency", "permissions", "jobs")["jobs"]["run"]["steps"]
    ours = [step["run"] for step in steps if step.get("run", "").startswith("dailypapers ")]
    assert ours
    for line in ours:
        takes(shlex.split(line)[1:], monkeypatch)
