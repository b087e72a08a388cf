"""Exported CronJobs against the schemas of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dailypapers.cron.export_kubernetes import manifests, schedule
from dailypapers.cron.export_program import ExportError
from dailypapers.cron.slots import Schedule
from tests.cron.jobs import jobs_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOURLY = {"name": "hourly", "schedule": "17 * * * *", "run": "run"}
NIGHTLY = {
    "name": "nightly",
    "schedule": "30 2 * * 5-7",
    "timezone": "Europe/Berlin",
    "run": 'run hf-search --query "diffusion models"',
    "timeout": "1h30m",
    "jitter": "5m",
    "catch_up": "2h",
    "env": {"HF_ENDPOINT": "http://mirror.example", "NUMBER": "1"},
    "on": {"failure": "mail -s broken me"},
}


def exported(*jobs: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text, and the objects in it."""
    text = manifests(jobs_of(*jobs), "registry.example/dailypapers:1", NOW)
    return text, list(yaml.safe_load_all(text))


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_cron_jobs_match_the_strict_schemas(version: str) -> None:
    _, objects = exported(HOURLY, NIGHTLY)
    assert [manifest["kind"] for manifest in objects] == ["CronJob", "CronJob"]
    for manifest in objects:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schemas_would_notice_a_wrong_key() -> None:
    _, [manifest] = exported(HOURLY)
    manifest["spec"]["timezone"] = "UTC"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, "1.31", strict=True)


def test_a_job_is_its_own_command_with_its_zone_and_limits() -> None:
    _, [manifest] = exported(NIGHTLY)
    spec = manifest["spec"]
    job = spec["jobTemplate"]["spec"]
    container = job["template"]["spec"]["containers"][0]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == (
        "30 2 * * 0,5-6",
        "Europe/Berlin",
        "Forbid",
    )
    assert (spec["startingDeadlineSeconds"], job["activeDeadlineSeconds"]) == (7200, 5400)
    assert container["command"] == [
        "dailypapers",
        "--store",
        "/store",
        "run",
        "hf-search",
        "--query",
        "diffusion models",
    ]
    assert {"name": "NUMBER", "value": "1"} in container["env"]


def test_comments_name_what_kubernetes_does_differently() -> None:
    text, _ = exported(NIGHTLY)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert "# jitter 5m is ignored: Kubernetes starts the job at its minute." in comments
    assert "# on failure is not called: watch the Jobs of this CronJob instead." in comments
    assert [line for line in comments if line.startswith("# At a clock change")]
    assert len(comments) == 4
    assert len([line for line in exported(HOURLY)[0].splitlines() if line.startswith("#")]) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("17 * * * *", "17 * * * *"),
        ("@weekly", "0 0 * * 0"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * mon-fri", "0 0 * * 1-5"),
        ("0 0 * * 5-7", "0 0 * * 0,5-6"),
        ("0 0 13 * fri", "0 0 13 * 5"),
        ("0 0 */2 * *", "0 0 */2 * *"),
        ("0 0 */1 * fri", "0 0 * * 5"),
        ("0 0 */2 * 0-6", "0 0 */2 * *"),
        ("0 0 1-31 * */2", "0 0 * * */2"),
        ("0 0 1,*/31 * 0-7", "0 0 1 * 0-6"),
        ("0 0 * jan-mar,dec *", "0 0 * jan-mar,dec *"),
    ],
)
def test_fields_are_translated_to_the_same_times(ours: str, theirs: str) -> None:
    assert schedule(Schedule.parse(ours).expression) == theirs


def recorded() -> Iterator[tuple[str, datetime, str, str, list[str]]]:
    """The times that Kubernetes' own package computed for exported schedules (record_kubernetes_times.py)."""
    lines = Path(__file__).with_name("kubernetes_times.tsv").read_text().splitlines()
    for line in [line for line in lines if not line.startswith("#")][1:]:
        zone, after, ours, exported, times = line.split("\t")
        yield zone, datetime.strptime(after, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC), ours, exported, times.split()


def test_kubernetes_computes_the_times_that_we_compute() -> None:
    rows = [row for row in recorded() if row[0] == "UTC"]
    assert len(rows) == 400
    for _, after, ours, exported, times in rows:
        parsed = Schedule.parse(ours)
        assert schedule(parsed.expression) == exported
        instants = [after, *(datetime.strptime(time, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC) for time in times)]
        assert [parsed.next(instant) for instant in instants[:-1]] == instants[1:], (ours, exported)


def test_kubernetes_handles_clock_changes_as_the_comment_says() -> None:
    times_by_month = {(ours, after.month): times[:2] for zone, after, ours, _, times in recorded() if zone != "UTC"}
    assert times_by_month[("30 2 * * *", 3)] == ["2026-03-30T00:30Z", "2026-03-31T00:30Z"]
    assert times_by_month[("30 2 * * *", 10)] == ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]
    assert times_by_month[("30 * * * *", 10)] == ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]


@pytest.mark.parametrize("both", ["0 0 */2 * fri", "0 0 1-7 * */2"])
def test_both_day_fields_at_once_are_an_error(both: str) -> None:
    with pytest.raises(ExportError, match=r"job hourly: .* runs when both day fields match"):
        exported({**HOURLY, "schedule": both})


def test_a_manifest_is_the_same_to_the_letter() -> None:
    mirror = f"http://mirror.example/{'long ' * 12}end"
    text, _ = exported(HOURLY | {"env": {"HF_ENDPOINT": mirror}, "timeout": "90s"})
    assert (
        text
        == f"""\
---
# hourly: run; At minute 17 of every hour
apiVersion: batch/v1
kind: CronJob
metadata:
  name: hourly
  labels:
    app.kubernetes.io/name: dailypapers
spec:
  schedule: 17 * * * *
  timeZone: UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: 90
      template:
        metadata:
          labels:
            app.kubernetes.io/name: dailypapers
        spec:
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            runAsGroup: 10001
            fsGroup: 10001
          containers:
          - name: dailypapers
            image: registry.example/dailypapers:1
            command:
            - dailypapers
            - --store
            - /store
            - run
            env:
            - name: DAILYPAPERS_STATE
              value: /state
            - name: HF_ENDPOINT
              value: {mirror}
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
            volumeMounts:
            - name: papers
              mountPath: /store
              subPath: store
            - name: papers
              mountPath: /state
              subPath: state
          volumes:
          - name: papers
            persistentVolumeClaim:
              claimName: dailypapers
"""
    )
