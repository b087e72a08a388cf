"""`dailypapers query`: SQL over the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Final

import click

from dailypapers.cli.invocation import Invocation, pass_invocation
from dailypapers.cli.json_output import print_json
from dailypapers.cli.options import as_of_option, global_options
from dailypapers.cli.paper_store import open_paper_store
from dailypapers.cli.selection import as_of_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.exit_status import DONE

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.model import QueryResult

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
