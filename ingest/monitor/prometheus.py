"""Metrics for Prometheus, in a file that the node exporter's textfile collector reads.

https://github.com/prometheus/node_exporter#textfile-collector; names and units follow
https://prometheus.io/docs/practices/naming/ and `promtool check metrics`, which takes `days` in a name for a unit. The
numbers come from the certificates and from the reports of runs, so any command may write them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.runs.reader import PastRun, newest_first
from dailypapers.snapshots.store.atomic import write_whole
from dailypapers.snapshots.store.layout import Store

from .problems import KINDS, series_problems
from .status import SeriesStatus, series_status

STATES: Final = ("open", "settling", "closed", "empty", "partial")
LOOKED_THROUGH: Final = 500
"""Reports searched for the newest run of each command."""
COMMANDS: Final = ("run", "backfill", "import", "build", "pull")


class _RunMetric(NamedTuple):
    """A metric of the newest run: its name, its description, and its value, from the report or the part for a site."""

    name: str
    what: str
    value: Callable[[Any], float]


_OF_RUNS: Final = (
    _RunMetric("start_timestamp_seconds", "Start", lambda report: _seconds(report["started"])),
    _RunMetric("end_timestamp_seconds", "End", lambda report: _seconds(report["ended"])),
    _RunMetric("duration_seconds", "Duration", itemgetter("seconds")),
    _RunMetric("exit_status", "Exit status", itemgetter("exit")),
    _RunMetric("new_papers", "New papers", lambda report: sum(day["new"] or 0 for day in report["days"])),
    _RunMetric("attention", "Number of days that failed or need attention, of those", itemgetter("attention")),
    _RunMetric("peak_memory_bytes", "Peak memory", itemgetter("peak_memory_bytes")),
)
_OF_SITES: Final = (
    _RunMetric("received_bytes", "Bytes of the bodies received, as sent,", itemgetter("bytes")),
    _RunMetric("retries", "Retries among the requests", itemgetter("retries")),
    _RunMetric(
        "waited_seconds",
        "Time spent waiting for the budget, for a backoff and before retries, in seconds,",
        itemgetter("waited_seconds"),
    ),
)


def write_metrics(path: Path, store: Store, now: datetime) -> None:
    """Write the metrics of a store to `path`, atomically: the node exporter never reads a part of them.

    Raises OSError, with the file name, if it cannot be written.
    """
    # The collector reads only names that end in .prom, and two processes may write at once.
    write_whole(path, metrics_text(store, now), temporary=path.with_name(f"{path.name}.{os.getpid()}.tmp"))


def metrics_text(store: Store, now: datetime) -> bytes:
    """The metrics of a store in Prometheus' text format."""
    registry = CollectorRegistry()
    statuses = [series_status(store, stored, now) for stored in all_stored_series(store)]
    _add_series(registry, statuses, now)
    _add_runs(registry, list(_newest_runs(store)))
    return generate_latest(registry)


def _add_series(registry: CollectorRegistry, statuses: Sequence[SeriesStatus], now: datetime) -> None:
    def gauge(name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"dailypapers_{name}", what, ("source", "query", *labels), registry=registry)

    success = gauge("last_success_timestamp_seconds", "Time of the newest whole fetch of a listing.")
    fetched = gauge("last_fetch_timestamp_seconds", "Time of the newest fetch, whole or in doubt.")
    late = gauge("late_seconds", "How long a fetch of a listing has been due.")
    papers = gauge("papers", "Papers of all days.")
    rejects = gauge("rejects", "Rejected items of all days.")
    days = gauge("day_states", "Number of days in each state.", "state")
    problems = gauge("problems", "Problems that need a human now.", "kind")
    for status in statuses:
        labels = (status.series.source, status.series.query or "")
        for metric, at in ((success, status.succeeded), (fetched, status.fetched)):
            if at is not None:
                metric.labels(*labels).set(at.timestamp())
        late.labels(*labels).set(status.late(now).total_seconds())
        papers.labels(*labels).set(status.total("papers"))
        rejects.labels(*labels).set(status.total("rejects"))
        states = Counter(day.state.name for day in status.days if day.state)
        for state in STATES:
            days.labels(*labels, state).set(states[state])
        kinds = Counter(problem.kind for problem in series_problems(status, now))
        for kind in (*KINDS, *(kinds.keys() - set(KINDS))):
            problems.labels(*labels, kind).set(kinds[kind])


def _add_runs(registry: CollectorRegistry, runs: Sequence[PastRun]) -> None:
    def gauge(name: str, what: str, *labels: str) -> Gauge:
        what = f"{what} of the newest finished run."
        return Gauge(f"dailypapers_run_{name}", what, ("command", *labels), registry=registry)

    of_runs = [(gauge(name, what), value) for name, what, value in _OF_RUNS]
    requests = gauge("requests", "Requests, by HTTP status (fault: no answer),", "site", "status")
    of_sites = [(gauge(name, what, "site"), value) for name, what, value in _OF_SITES]
    for run in runs:
        command = run.report["command"]
        for metric, value in of_runs:
            metric.labels(command).set(value(run.report))
        for site in run.report["sites"]:
            for outcome, count in site["requests"].items():
                requests.labels(command, site["site"], outcome).set(count)
            for metric, value in of_sites:
                metric.labels(command, site["site"]).set(value(site))


def _newest_runs(store: Store) -> Iterator[PastRun]:
    """The newest finished run of each command."""
    wanted = set(COMMANDS)
    for _, run in zip(range(LOOKED_THROUGH), newest_first(store), strict=False):
        if run.state == "ended" and run.report["command"] in wanted:
            wanted.remove(run.report["command"])
            yield run
        if not wanted:
            return


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
