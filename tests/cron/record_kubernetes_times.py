"""Record when Kubernetes would run exported jobs: `python -m tests.cron.record_kubernetes_times FILE`.

That takes Go and the package that its CronJob controller reads schedules with (`apt-get install golang-go
golang-github-robfig-cron-dev`); `kubernetes_times.go` asks it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dailypapers.cron.export_kubernetes import manifests, schedule
from dailypapers.cron.export_program import ExportError
from dailypapers.cron.slots import Schedule
from tests.cron.jobs import jobs_of
from tests.cron.random_expressions import expression

COUNT: Final = 400
BASE: Final = datetime(2027, 1, 31, 22, 30, tzinfo=UTC)
CHANGES: Final = (
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), "30 2 * * *"),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), "30 2 * * *"),
    ("Europe/Berlin", datetime(2026, 3, 29, 0, tzinfo=UTC), "30 * * * *"),
    ("Europe/Berlin", datetime(2026, 10, 25, 0, tzinfo=UTC), "30 * * * *"),
)
HEADER: Final = """\
# Next times of exported schedules as Kubernetes has them ({versions}), recorded by
# `python -m tests.cron.record_kubernetes_times FILE`: random schedules in UTC, then some across clock changes.
zone\tafter\tours\texported\ttimes
"""


def expressible(dice: random.Random) -> Iterator[str]:
    """Random schedules that can be exported."""
    while True:
        text = expression(dice)
        try:
            manifests(jobs_of({"name": "job", "schedule": text, "run": "run"}), "image", BASE)
        except (ExportError, ValueError):
            continue
        yield text


def inputs() -> Iterator[tuple[str, datetime, str]]:
    """The rows to record: zone, start, and our schedule."""
    texts = expressible(random.Random(7))
    yield from (("UTC", BASE, next(texts)) for _ in range(COUNT))
    yield from CHANGES


def main(target: str) -> None:
    """Compute all times with the Go package and write the table."""
    rows = [(zone, after, ours, schedule(Schedule.parse(ours).expression)) for zone, after, ours in inputs()]
    lines = "".join(f"{zone}\t{int(after.timestamp())}\t{exported}\n" for zone, after, _, exported in rows)
    program = str(Path(__file__).with_name("kubernetes_times.go"))
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    output = subprocess.run(
        ["go", "run", program], input=lines, capture_output=True, text=True, env=environment, check=True
    )
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}", "golang-github-robfig-cron-dev"]
    versions = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    table = [
        "\t".join([zone, f"{after:%Y-%m-%dT%H:%MZ}", ours, exported, times.strip()])
        for (zone, after, ours, exported), times in zip(rows, output.stdout.splitlines(), strict=True)
    ]
    Path(target).write_text(HEADER.format(versions=versions) + "\n".join([*table, ""]))


if __name__ == "__main__":
    main(*sys.argv[1:])
