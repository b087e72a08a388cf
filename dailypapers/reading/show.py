"""`dailypapers show`: all that is known of a paper; `history`: its numbers over time; `query`: rows of an SQL query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.invocation import Invocation, open_paper_store, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import as_of_option, global_options
from dailypapers.cli.output import format_count, print_line
from dailypapers.cli.selection import as_of_instant
from dailypapers.cli.settings import Settings
from dailypapers.cli.table import table
from dailypapers.ingest.errors import DONE, UsageError
from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import CatalogPaper, QueryResult
    from dailypapers.snapshots.history import ArxivVersion, Metric, PaperHistory
    from dailypapers.store import PaperStore

    from .cards import States


@contextmanager
def _paper_as_of(invocation: Invocation, key: str, as_of: str | None) -> Iterator[tuple[PaperStore, CatalogPaper]]:
    """The paper of a key and the store that has it, as they were at a time if one is given."""
    instant = as_of_instant(as_of, invocation.settings.clock) if as_of is not None else None
    store = open_paper_store(invocation)
    paper = store.paper(key)
    if instant is None:
        yield store, paper
        return
    with store.as_of(instant, days=paper.days) as then:
        yield then, then.same_paper(paper)


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
    with _paper_as_of(invocation, key, as_of) as (store, paper):
        histories = list(store.history(paper.key))
    if invocation.settings.json:
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


VERSION: Final = 1
"""Version of the object that `--json` prints; raised when a name is removed or changes its meaning."""


@click.command()
@click.argument("sql", metavar="SQL")
@as_of_option
@global_options
@pass_invocation
def query_command(invocation: Invocation, sql: str, as_of: str | None) -> int:
    """Print the rows of one SELECT over the catalog: paper, listings, alias and others (see docs/catalog.md).

    Nothing can be changed by it. It ends after 10 seconds or 10,000 rows.
    """
    from dailypapers.snapshots.catalog.model import QueryError

    settings = invocation.settings
    instant = as_of_instant(as_of, settings.clock) if as_of is not None else None
    store = open_paper_store(invocation)
    try:
        result = store.query(sql, as_of=instant)
    except QueryError as error:
        raise UsageError(str(error)) from error
    if settings.json:
        columns = _distinct(result.columns)
        rows = [dict(zip(columns, map(_plain, row), strict=True)) for row in result.rows]
        print_json({"version": VERSION, "columns": columns, "rows": rows, "cut": result.cut})
        return DONE
    _print_rows(result)
    if result.cut:
        invocation.log.warning(f"cut after {len(result.rows)} rows; add LIMIT or conditions")
    return DONE


def _print_rows(result: QueryResult) -> None:
    from dailypapers.cli.table import table, terminal_width

    numbers = {
        index for index in range(len(result.columns)) if all(isinstance(row[index], int | float) for row in result.rows)
    }
    rows = [result.columns, *(tuple("" if cell is None else str(_plain(cell)) for cell in row) for row in result.rows)]
    for line in table(rows, right=numbers if result.rows else (), width=terminal_width()):
        click.echo(line)


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names with `:1`, `:2` and so on after those that came before, as SQLite names them in a subquery."""
    found: dict[str, None] = {}
    for column in columns:
        numbered = (f"{column}:{number}" for number in count(1))
        found[next(name for name in chain([column], numbered) if name not in found)] = None
    return list(found)


def _plain(value: object) -> object:
    """Bytes, which only a cast can make, as hex."""
    return value.hex() if isinstance(value, bytes) else value


@click.command()
@click.argument("key")
@click.option("--sources", "with_sources", is_flag=True, help="Also which listing each field is taken from.")
@as_of_option
@global_options
@pass_invocation
def show_command(invocation: Invocation, key: str, with_sources: bool, as_of: str | None) -> int:
    """Show a paper: its record merged from all lists, the days that list it, and the keys that lead to it.

    KEY is an arXiv id, with or without version, a DOI, the key of a record, or a link to the paper at arxiv.org,
    doi.org or huggingface.co.
    """
    with _paper_as_of(invocation, key, as_of) as (store, paper):
        _print(invocation.settings, paper, _states(store, paper), with_sources=with_sources)
    return DONE


def _states(store: PaperStore, paper: CatalogPaper) -> States:
    from dailypapers.errors import StoreError

    states: dict[tuple[Series, date], str] = {}
    for listing in paper.listings:
        try:
            day = store.day(listing.series.source, listing.day, query=listing.series.query)
            states[listing.series, listing.day] = day.state
        except StoreError as error:
            states[listing.series, listing.day] = f"not known ({error})"
    return states


def _print(settings: Settings, paper: CatalogPaper, states: States, *, with_sources: bool) -> None:
    from dailypapers.cli.table import terminal_width

    from .cards import VERSION, as_json, card, sources_json

    if settings.json:
        row = as_json(paper, states)
        print_json({"version": VERSION, **row, **({"sources": sources_json(paper)} if with_sources else {})})
        return
    for line in card(paper, states, width=terminal_width(), with_sources=with_sources):
        print_line(line)
