"""`dailypapers history`: show a paper's upvotes, comments and stars over time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import pass_settings
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import require_store
from dailypapers.cli.options import global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.settings import Settings
from ingest.exit_status import ATTENTION, DONE
from ingest.log_lines import visible
from ingest.plan.inventory import all_stored_series
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from snapshots.history import PaperHistory
    from snapshots.metrics import Metric

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48
"""Columns of a sparkline."""
NUMBERS = {"upvotes": "upvotes", "comments": "comments", "github_stars": "stars"}


@click.command()
@click.argument("key")
@global_options
@pass_settings
def command(settings: Settings, key: str) -> int:
    """Show the upvotes, comments and stars of a paper over time, from its first fetch to its last.

    KEY is the key of a record, such as arxiv:2408.00118; a bare arXiv id works too.
    """
    from snapshots.history import paper_history

    full_key = key if key.partition(":")[0] in {"arxiv", "doi", "title"} else f"arxiv:{key}"
    store = Store(settings.root)
    require_store(store)
    histories = list(paper_history(store, (stored.series for stored in all_stored_series(store)), full_key))
    if settings.json:
        print_json([_as_json(history, full_key) for history in histories])
    elif not histories:
        print_line(f"no day in {store.root} lists {full_key}", err=True)
    else:
        for history in histories:
            _print(history)
    return DONE if histories else ATTENTION


def _print(history: PaperHistory) -> None:
    print_line(f"{history.series} {history.day}: {history.title}")
    if not history.metrics:
        print_line("  no numbers were ever listed")
        return
    print_line(f"  {_utc(history.metrics[0].at)} to {_utc(history.metrics[-1].at)}")
    for name, label in NUMBERS.items():
        values = [(metric.at, getattr(metric, name)) for metric in history.metrics if getattr(metric, name) is not None]
        if values:
            print_line(f"  {label:<9} {sparkline(values)} {values[0][1]} -> {values[-1][1]}")
    for metric in history.metrics:
        if metric.at in history.witnesses:
            print_line(f"  {_witnessed(history, metric)}")


def _witnessed(history: PaperHistory, metric: Metric) -> str:
    """A point of the curves that is a version in a git repository."""
    numbers = ((label, getattr(metric, name)) for name, label in NUMBERS.items())
    listed = ", ".join(f"{label} {number}" for label, number in numbers if number is not None)
    witness = history.witnesses[metric.at]
    where = f"{witness['origin']} {witness['commit'][:12]} {witness['path']}"
    return visible(f"{_utc(metric.at)} {listed or 'no numbers'}, from {where}")


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def sparkline(values: list[tuple[datetime, int]]) -> str:
    """A curve over time in one line: each column shows the value at its time, on a scale from the lowest value."""
    times = [instant.timestamp() for instant, _ in values]
    low, high = min(value for _, value in values), max(value for _, value in values)
    span, step = (high - low) or 1, (times[-1] - times[0]) / (WIDTH - 1)
    if len(values) == 1 or not step:
        return BARS[0]
    columns = (_value_at(times, values, times[0] + step * column) for column in range(WIDTH))
    return "".join(BARS[(value - low) * (len(BARS) - 1) // span] for value in columns)


def _value_at(times: list[float], values: list[tuple[datetime, int]], time: float) -> int:
    # Half a second of slack: the last column is the last point.
    return next(value for at, (_, value) in reversed(list(zip(times, values, strict=True))) if at <= time + 0.5)


def _as_json(history: PaperHistory, key: str) -> dict[str, object]:
    series = history.series
    head = {"source": series.source, "query": series.query, "day": history.day, "key": key, "title": history.title}
    return head | {
        "points": [
            {"at": metric.at}
            | {name: getattr(metric, name) for name in NUMBERS}
            | {"witness": history.witnesses.get(metric.at)}
            for metric in history.metrics
        ]
    }
