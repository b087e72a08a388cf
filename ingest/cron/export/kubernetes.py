"""Jobs as Kubernetes CronJobs: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/.

Its controller reads schedules with https://pkg.go.dev/github.com/robfig/cron/v3: five fields, Sunday is only 0, and
both day fields mean either of them, unless one is a bare `*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import yaml

from ingest.cron.config import durations
from ingest.cron.config.dst import is_risky
from ingest.cron.config.jobs import Job, Jobs
from ingest.cron.schedule.expression import Expression

from .call import Inexpressible, comments, is_set, runs, title

USER: Final = 10001
"""The user of the Dockerfile."""
CLAIM: Final = "dailypapers"
"""The volume claim that docs/operations.md makes."""
LABELS: Final = {"app.kubernetes.io/name": "dailypapers"}
SHORTEST: Final = 10
"""Seconds: the controller looks that often, and never starts a job whose deadline is shorter."""


def manifests(jobs: Jobs, image: str, now: datetime) -> str:
    """A CronJob for each job, as one YAML stream. Raises Inexpressible where one would run at other times there."""
    found = [one for job in jobs.jobs for one in _findings(job)]
    if found:
        raise Inexpressible(found)
    return "".join(_document(job, image, now) for job in jobs.jobs)


def schedule(expression: Expression) -> str:
    """The five fields as Kubernetes reads them."""
    minute, hour, day, month, weekday = expression.text.split()
    both = expression.both_days
    days = _day_field(day, expression.days, range(1, 32), both=both)
    return " ".join([minute, hour, days, month, _day_field(weekday, expression.weekdays, range(7), both=both)])


def _day_field(text: str, numbers: frozenset[int], every: range, *, both: bool) -> str:
    """Numbers that both read alike: no 7, and a bare `*` for all where both fields must match, as then there."""
    if len(numbers) == len(every) and both:
        return "*"
    if re.fullmatch(r"\*/[0-9]+", text):
        return text
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs(numbers))


def _findings(job: Job) -> Iterator[str]:
    expression = job.times.expression
    if expression.both_days and len(expression.days) < 31 and len(expression.weekdays) < 7:
        yield (
            f"job {job.name}: {expression.text!r} asks for both day fields at once, and Kubernetes would run it when "
            "either matches; give only one of them, with * as the other"
        )


def _document(job: Job, image: str, now: datetime) -> str:
    remarks = "\n".join(comments([title(job), *_remarks(job, now)]))
    return f"---\n{remarks}\n{yaml.safe_dump(cron_job(job, image), sort_keys=False, width=120)}"


def _remarks(job: Job, now: datetime) -> Iterator[str]:
    """What is lost here."""
    if job.jitter:
        yield f"jitter {durations.words(job.jitter)} is not kept: Kubernetes starts the job at its minute."
    for name in ("success", "failure", "attention"):
        if getattr(job.on, name):
            yield f"on {name} is not called: watch the Jobs of this CronJob instead."
    if is_set(job, "catch_up") and job.catch_up.total_seconds() < SHORTEST:
        yield f"catch_up {durations.words(job.catch_up)} is {SHORTEST} s here: Kubernetes looks no oftener."
    if is_risky(job, now):
        yield "Across a clock change a time of the skipped hour is left out; one of the repeated hour may run twice."


def cron_job(job: Job, image: str) -> dict[str, Any]:
    """The CronJob as plain data."""
    deadline = {"activeDeadlineSeconds": round(job.timeout.total_seconds())} if job.timeout else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": job.name, "labels": {**LABELS}},
        "spec": {
            "schedule": schedule(job.times.expression),
            "timeZone": job.timezone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": max(round(job.catch_up.total_seconds()), SHORTEST),
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 0,
                    **deadline,
                    "template": {"metadata": {"labels": {**LABELS}}, "spec": _pod(job, image)},
                }
            },
        },
    }


def _pod(job: Job, image: str) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER},
        "containers": [
            {
                "name": "dailypapers",
                "image": image,
                "command": ["dailypapers", "--store", "/store", *job.words],
                "env": [{"name": name, "value": value} for name, value in _environment(job).items()],
                "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
                "volumeMounts": [
                    {"name": "papers", "mountPath": f"/{part}", "subPath": part} for part in ("store", "state")
                ],
            }
        ],
        "volumes": [{"name": "papers", "persistentVolumeClaim": {"claimName": CLAIM}}],
    }


def _environment(job: Job) -> dict[str, str]:
    return {"DAILYPAPERS_STATE": "/state", **job.env}
