"""One SELECT of a user, with bounds: it cannot write, open another file, or take the machine's time or memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from .model import QueryError, QueryResult
from .schema import connect_for_reading, is_damage

MAX_SECONDS: Final = 10.0
MAX_ROWS: Final = 10_000
MAX_BYTES: Final = 64 * 2**20
"""Of all values in the result."""
MAX_VALUE: Final = 8 * 2**20
"""Bytes of one value, also of one that is computed on the way."""
MAX_HEAP: Final = 256 * 2**20
"""Bytes that SQLite may use while the query runs."""

MAX_PATTERN: Final = 100
"""Characters of a pattern for LIKE and GLOB, whose time grows with its wildcards."""

_FORBIDDEN: Final = frozenset({"load_extension", "printf", "format"})
"""Functions that open a file, or that take minutes without a step in which they can be stopped."""
_STEPS: Final = 10_000
_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})


def run_query(path: Path, sql: str) -> QueryResult:
    """See `Catalog.query`; `path` is the file of the catalog."""
    with closing(connect_for_reading(path)) as connection, _bounded(connection):
        deadline = time.monotonic() + MAX_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            cursor = connection.execute(sql)
            if cursor.description is None:
                raise QueryError("there is no SELECT in the query")
            rows, cut = _fetch(cursor)
        except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
            if is_damage(error):
                raise
            raise QueryError(_reason(error, is_late=time.monotonic() > deadline)) from error
        return QueryResult(tuple(column[0] for column in cursor.description), rows, cut)


@contextmanager
def _bounded(connection: sqlite3.Connection) -> Iterator[None]:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN)
    connection.text_factory = lambda text: text.decode(errors="replace")
    # The index is opened with statements that the authorizer would refuse.
    connection.execute("SELECT 1 FROM ft, word LIMIT 0")
    connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP}")
    connection.set_authorizer(_Authorizer())
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        connection.set_authorizer(None)
        # The limit is that of the whole process.
        connection.execute("PRAGMA hard_heap_limit = 0")


class _Authorizer:
    """https://www.sqlite.org/c3ref/c_alter_table.html lists the actions and what they come with."""

    def __init__(self) -> None:
        self._is_select = False

    def __call__(self, action: int, name: str | None, argument: str | None, *_: object) -> int:
        self._is_select |= action == sqlite3.SQLITE_SELECT
        is_allowed = action in _ALLOWED
        if action == sqlite3.SQLITE_FUNCTION:
            is_allowed = argument not in _FORBIDDEN
        elif action == sqlite3.SQLITE_PRAGMA:
            # The full-text index asks for it while it is searched.
            is_allowed = self._is_select and (name, argument) == ("data_version", None)
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


def _fetch(cursor: sqlite3.Cursor) -> tuple[list[tuple[Any, ...]], bool]:
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == MAX_ROWS or size > MAX_BYTES:
            return rows, True
        rows.append(tuple(value.hex() if isinstance(value, bytes) else value for value in row))
    return rows, False


def _reason(error: Exception, *, is_late: bool) -> str:
    if isinstance(error, MemoryError):
        return f"the query needs more than {MAX_HEAP // 2**20} MiB; ask for less, or for fewer rows to sort"
    if is_late:
        return f"the query took more than {MAX_SECONDS:.0f} s; narrow it with WHERE or LIMIT"
    if "use function" in str(error):
        return f"this function is not allowed here ({error})"
    if any(word in str(error) for word in ("not authorized", "denied", "prohibited")):
        return f"only SELECT is allowed ({error})"
    return f"the query is wrong: {error}"
