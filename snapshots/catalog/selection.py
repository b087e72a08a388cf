"""Which papers a selection has, as SQL that stays fast among millions of papers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from .keys import unicode_of
from .model import Selection
from .schema import DAY_SHIFT

FEW: Final = 20_000
"""Papers that are looked up one by one; if every condition has more, papers are tried in order."""
RISING_DAYS: Final = 30

_ORDERS: Final = {
    "new": "first_seen DESC, first_day DESC, key",
    "upvotes": "upvotes DESC, first_day DESC, key",
    "rising": "upvotes / max(1.0, julianday(observed) - julianday(first_day)) DESC, first_day DESC, key",
}
_NEWEST: Final = f"(SELECT max(id) FROM paper) >> {DAY_SHIFT}"


class Condition(NamedTuple):
    """A condition on a paper, and the same as a query for the papers that meet it."""

    check: str
    papers: str
    values: tuple[object, ...]
    needs_columns: bool = False
    """The check needs other columns of the paper than its id."""


def select_papers(connection: sqlite3.Connection, selection: Selection) -> list[int]:
    """The numbers of the papers, in order."""
    conditions = list(conditions_of(connection, selection))
    where, values = where_of(connection, conditions)
    if selection.sort != "new":
        where += " AND upvotes IS NOT NULL"
    if selection.sort == "rising":
        where += f" AND id >= ({_NEWEST}) - {RISING_DAYS} << {DAY_SHIFT}"
    limit = -1 if selection.limit is None else max(0, selection.limit)
    sql = f"SELECT id FROM paper {where} ORDER BY {_ORDERS[selection.sort]} LIMIT {limit}"
    return [row[0] for row in connection.execute(sql, values)]


def conditions_of(connection: sqlite3.Connection, selection: Selection) -> Iterator[Condition]:
    """The conditions of a selection, without its order and limit."""
    if selection.since is not None:
        yield _column("first_seen > ?", _text(selection.since))
    if selection.known_by is not None:
        yield _column("first_seen <= ?", _text(selection.known_by))
    if selection.min_upvotes is not None:
        yield _column("upvotes >= ?", selection.min_upvotes)
    for kind, word in (("organization", selection.organization), ("keyword", selection.keyword)):
        if word is not None:
            yield _of("term", "kind = ? AND word = ?", (kind, unicode_of(word).strip().casefold()))
    if selection.day is not None or selection.source is not None or selection.series is not None:
        yield _listed(connection, selection)


def where_of(connection: sqlite3.Connection, conditions: list[Condition]) -> tuple[str, tuple[object, ...]]:
    """The clause that selects papers, and its values; conditions that few papers meet come first."""
    few = {condition: count for condition in conditions if (count := _count(connection, condition)) <= FEW}
    driver = min(few, key=few.__getitem__, default=None)
    checks = [f"id IN ({driver.papers})" if condition is driver else condition.check for condition in conditions]
    values = tuple(value for condition in conditions for value in condition.values)
    # Without NOT INDEXED, SQLite would go through all papers in the order that is asked for.
    return f"{'NOT INDEXED' if driver else ''} WHERE {' AND '.join(['1', *checks])}", values


def _count(connection: sqlite3.Connection, condition: Condition) -> int:
    sql = f"SELECT count(*) FROM ({condition.papers} LIMIT {FEW + 1})"
    return int(connection.execute(sql, condition.values).fetchone()[0])


def _column(check: str, value: object) -> Condition:
    return Condition(check, f"SELECT id FROM paper WHERE {check}", (value,), needs_columns=True)


def _of(table: str, condition: str, values: tuple[object, ...]) -> Condition:
    papers = f"SELECT paper FROM {table} WHERE {condition}"
    return Condition(f"EXISTS({papers} AND {table}.paper = paper.id)", papers, values)


def _listed(connection: sqlite3.Connection, selection: Selection) -> Condition:
    """Papers that a series lists, for a day if one is given, and known at a time if one is given."""
    numbers = [
        number
        for number, source, folder in connection.execute("SELECT id, source, folder FROM series ORDER BY id")
        if selection.source in {None, source}
        and (selection.series is None or selection.series.folder.as_posix() == folder)
    ]
    condition = f"series IN ({', '.join(map(str, numbers))})"
    values: tuple[object, ...] = ()
    if selection.day is not None:
        condition, values = f"{condition} AND day = ?", (selection.day.isoformat(),)
    if selection.known_by is not None:
        condition, values = f"{condition} AND first_seen <= ?", (*values, _text(selection.known_by))
    return _of("listing", condition, values)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
