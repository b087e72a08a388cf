"""`dailypapers history`: show a paper's upvotes, comments and stars over time, and its arXiv versions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.messages import format_count
from dailypapers.cli.options import as_of_option, global_options
from dailypapers.cli.output import print_line
from dailypapers.cli.paper_store import open_paper_store
from dailypapers.cli.selection import as_of_instant
from dailypapers.cli.table import table
from dailypapers.ingest.exit_status import DONE

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper
    from dailypapers.snapshots.history import ArxivVersion, PaperHistory
    from dailypapers.snapshots.metrics import Metric

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48
"""Columns of a sparkline."""
NUMBERS = {"upvotes": "upvotes", "comments": "comments", "github_stars": "stars"}


@click.command()
@click.argument("key")
@as_of_option
@global_options
@pass_invocation
def history_command(invocation: Invocation, key: str, as_of: str | None) -> int:
    """Show the upvotes, comments and stars of a paper over time, and its arXiv versions.

    First each version with the listing that showed it first, then the numbers from the first fetch to the last, over
    all days that list the paper and on each of them. KEY is what `show` takes: an arXiv id, a DOI, a
    link, or the key of a record such as arxiv:2408.00118.
    """
    settings = invocation.settings
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    store = open_paper_store(invocation)
    paper = store.paper(key)
    with ExitStack() as stack:
        if instant is not None:
            store = stack.enter_context(store.as_of(instant, days=paper.days))
            paper = store.same_paper(paper)
        histories = list(store.history(paper.key))
    if settings.json:
        print_json([_as_json(history, paper.key) for history in histories])
    else:
        _print_history(paper, histories)
    return DONE


def _print_history(paper: CatalogPaper, histories: Sequence[PaperHistory]) -> None:
    print_line(f"{paper.key}: {paper.fields['title']}")
    _print_versions(histories)
    metrics = sorted((metric for history in histories for metric in history.metrics), key=lambda metric: metric.at)
    if not metrics:
        print_line("  no numbers were ever listed")
        return
    first, last = metrics[0].at, metrics[-1].at
    print_line(f"  {_utc(first)} to {_utc(last)}, on {format_count(len(histories), 'list')}")
    for name, label in NUMBERS.items():
        values = [(metric.at, getattr(metric, name)) for metric in metrics if getattr(metric, name) is not None]
        if values:
            print_line(f"  {label:<9} {sparkline(values)} {values[0][1]} -> {values[-1][1]}")
    for line in table(sorted(map(_row, histories))) if len(histories) > 1 else ():
        print_line(f"  {line}")
    for history in histories:
        for metric in history.metrics:
            if metric.at in history.witnesses:
                print_line(f"  {_witnessed(history, metric)}")


def _print_versions(histories: Sequence[PaperHistory]) -> None:
    from dailypapers.snapshots.history import first_versions

    rows = [
        (
            f"v{version.number}",
            f"of {version.updated}" if version.updated else "",
            f"seen by {_utc(version.seen_by)}",
            f"{history.series} {history.day}",
        )
        for version, history in first_versions(histories)
    ]
    for line in table(rows):
        print_line(f"  {line}")


def _row(history: PaperHistory) -> tuple[str, ...]:
    """The first and the last numbers of one day that lists the paper."""
    columns = []
    for name, label in NUMBERS.items():
        values = [getattr(metric, name) for metric in history.metrics if getattr(metric, name) is not None]
        columns.append(f"{label} {values[0]} -> {values[-1]}" if values else "")
    return f"{history.day}", str(history.series), *columns


def _witnessed(history: PaperHistory, metric: Metric) -> str:
    """A point of the curves that is a version in a git repository."""
    numbers = ((label, getattr(metric, name)) for name, label in NUMBERS.items())
    listed = ", ".join(f"{label} {number}" for label, number in numbers if number is not None)
    witness = history.witnesses[metric.at]
    where = f"{witness['origin']} {witness['commit'][:12]} {witness['path']}"
    return f"{_utc(metric.at)} {listed or 'no numbers'}, from {where}"


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


def _as_json(history: PaperHistory, paper: str) -> dict[str, object]:
    series = history.series
    head = {"source": series.source, "query": series.query, "day": history.day, "key": history.key}
    return head | {
        "paper": paper,
        "title": history.title,
        "arxiv_version": _version_as_json(history.version),
        "points": [
            {"at": metric.at}
            | {name: getattr(metric, name) for name in NUMBERS}
            | {"witness": history.witnesses.get(metric.at)}
            for metric in history.metrics
        ],
    }


def _version_as_json(version: ArxivVersion | None) -> dict[str, object] | None:
    if version is None:
        return None
    return {"number": version.number, "updated": version.updated, "seen_by": version.seen_by}
