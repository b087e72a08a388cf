"""`dailypapers history`: how a paper's numbers went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click
import orjson

from dailypapers.cli.options import global_options, settings_of
from dailypapers.cli.selection import no_store
from dailypapers.cli.settings import Settings
from ingest.exit_status import ATTENTION, DONE
from ingest.plan.inventory import all_stored_series
from snapshots.store.layout import Store

if TYPE_CHECKING:
    from snapshots.history import Course

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48
"""Columns of a curve."""
NUMBERS = {"upvotes": "upvotes", "comments": "comments", "github_stars": "stars"}


@click.command()
@click.argument("key")
@global_options
@settings_of
def command(settings: Settings, key: str) -> int:
    """Show how the upvotes, comments and stars of the paper KEY went, as a curve from its first fetch to its last.

    KEY is that of a record, such as arxiv:2408.00118; a bare arXiv id will do.
    """
    from snapshots.history import courses

    known = key if key.partition(":")[0] in {"arxiv", "doi", "title"} else f"arxiv:{key}"
    store = Store(settings.root)
    found = list(courses(store, (series for _, series in all_stored_series(store)), known))
    if settings.json:
        click.echo(orjson.dumps([_as_json(course, known) for course in found], option=orjson.OPT_INDENT_2))
    elif not found:
        click.echo(f"no day in {store.root} lists {known}" if store.root.is_dir() else no_store(store), err=True)
    for course in found if not settings.json else ():
        _print(course)
    return DONE if found else ATTENTION


def _print(course: Course) -> None:
    click.echo(f"{course.series} {course.day}: {course.title}")
    if not course.points:
        click.echo("  no numbers were ever shown")
        return
    click.echo(f"  {course.points[0]['at']} to {course.points[-1]['at']}")
    for name, label in NUMBERS.items():
        values = [(point["at"], point[name]) for point in course.points if point[name] is not None]
        if values:
            click.echo(f"  {label:<9} {sparkline(values)} {values[0][1]} -> {values[-1][1]}")


def sparkline(values: list[tuple[str, int]]) -> str:
    """A curve over time in one line: each column shows the value that held at its time, on a scale from the least."""
    times = [datetime.fromisoformat(at).timestamp() for at, _ in values]
    low, high = min(value for _, value in values), max(value for _, value in values)
    span, step = (high - low) or 1, (times[-1] - times[0]) / (WIDTH - 1)
    if len(values) == 1 or not step:
        return BARS[0]
    held = (_held(times, values, times[0] + step * column) for column in range(WIDTH))
    return "".join(BARS[(value - low) * (len(BARS) - 1) // span] for value in held)


def _held(times: list[float], values: list[tuple[str, int]], moment: float) -> int:
    # Half a second of slack: the last column is the last point.
    return next(value for at, (_, value) in reversed(list(zip(times, values, strict=True))) if at <= moment + 0.5)


def _as_json(course: Course, key: str) -> dict[str, object]:
    series = course.series
    head = {"source": series.source, "query": series.query, "day": course.day, "key": key, "title": course.title}
    return head | {"points": course.points}
