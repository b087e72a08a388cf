"""Jobs as Kubernetes CronJobs: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/.

Its controller reads schedules with https://pkg.go.dev/github.com/robfig/cron/v3: five fields, Sunday is only 0, and
either day field is enough unless one is a bare `*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import yaml

from .export_program import ExportError, format_numbers, may_skip_or_repeat, sets_catch_up, title
from .expression import Expression
from .jobs import Job, Jobs, format_duration

USER: Final = 10001
"""The user in the Dockerfile."""
CLAIM: Final = "dailypapers"
"""The volume claim in docs/operations.md."""
LABELS: Final = {"app.kubernetes.io/name": "dailypapers"}
MIN_DEADLINE: Final = 10
"""Seconds: the controller checks that often, and never starts a job whose deadline is shorter."""


def manifests(jobs: Jobs, image: str, now: datetime) -> str:
    """One YAML stream with a CronJob for each job. Raises ExportError where one would run at other times."""
    problems = [problem for job in jobs.jobs for problem in _problems(job)]
    if problems:
        raise ExportError(problems)
    return "".join(_document(job, image, now) for job in jobs.jobs)


def schedule(expression: Expression) -> str:
    """The five fields as Kubernetes reads them."""
    minute, hour, day, month, weekday = expression.text.split()
    both = expression.both_days
    days = _day_field(day, expression.days, range(1, 32), both=both)
    return " ".join([minute, hour, days, month, _day_field(weekday, expression.weekdays, range(7), both=both)])


def _day_field(text: str, numbers: frozenset[int], every: range, *, both: bool) -> str:
    """Numbers that both read alike: no 7, and a bare `*` for all numbers where both fields must match."""
    if len(numbers) == len(every) and both:
        return "*"
    if re.fullmatch(r"\*/[0-9]+", text):
        return text
    return format_numbers(numbers, "-")


def _problems(job: Job) -> Iterator[str]:
    expression = job.times.expression
    if expression.both_days and len(expression.days) < 31 and len(expression.weekdays) < 7:
        yield (
            f"job {job.name}: {expression.text!r} runs when both day fields match, and Kubernetes would run it when "
            "either does; give only one of them, with * as the other"
        )


def _document(job: Job, image: str, now: datetime) -> str:
    comments = "".join(f"# {line}\n" for line in [title(job), *_differences(job, now)])
    return f"---\n{comments}{yaml.safe_dump(cron_job(job, image), sort_keys=False, width=120)}"


def _differences(job: Job, now: datetime) -> Iterator[str]:
    """What the CronJob does not do as `cron.yaml` says."""
    if job.jitter:
        yield f"jitter {format_duration(job.jitter)} is ignored: Kubernetes starts the job at its minute."
    for name in ("success", "failure", "attention"):
        if getattr(job.on, name):
            yield f"on {name} is not called: watch the Jobs of this CronJob instead."
    if sets_catch_up(job) and job.catch_up.total_seconds() < MIN_DEADLINE:
        yield f"catch_up {format_duration(job.catch_up)} becomes {MIN_DEADLINE} s: Kubernetes checks no more often."
    if may_skip_or_repeat(job, now):
        yield "At a clock change, a time in the skipped hour is left out; one in the repeated hour may run twice."


def cron_job(job: Job, image: str) -> dict[str, Any]:
    """The CronJob as plain data."""
    deadline = {"activeDeadlineSeconds": round(job.timeout.total_seconds())} if job.timeout else {}
    template = {"metadata": {"labels": {**LABELS}}, "spec": _pod(job, image)}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": job.name, "labels": {**LABELS}},
        "spec": {
            "schedule": schedule(job.times.expression),
            "timeZone": job.timezone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": max(round(job.catch_up.total_seconds()), MIN_DEADLINE),
            "jobTemplate": {"spec": {"backoffLimit": 0, **deadline, "template": template}},
        },
    }


def _pod(job: Job, image: str) -> dict[str, Any]:
    variables = {"DAILYPAPERS_STATE": "/state", **job.env}
    mounts = [{"name": "papers", "mountPath": f"/{part}", "subPath": part} for part in ("store", "state")]
    container = {
        "name": "dailypapers",
        "image": image,
        "command": ["dailypapers", "--store", "/store", *job.arguments],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
        "volumeMounts": mounts,
    }
    return {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER},
        "containers": [container],
        "volumes": [{"name": "papers", "persistentVolumeClaim": {"claimName": CLAIM}}],
    }
