"""Whether the file of a catalog can be used, and what is done with one that cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from snapshots.errors import StoreError
from snapshots.store.reading import open_regular

from .schema import APPLICATION_ID, META, SCHEMA, connect_for_reading

_MAGIC: Final = b"SQLite format 3\x00"
_CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})

_REFUSALS: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""What the machine refuses, whatever the file holds."""

_NOT_TEXT: Final = "Could not decode to UTF-8"
"""How the sqlite3 module begins an error of its own, which has no code: the catalog writes nothing else than UTF-8."""


class DamagedCatalogError(Exception):
    """A row of the catalog is not as it was written."""


@dataclass(frozen=True, slots=True)
class Log:
    """The arrivals of a catalog, and its generation."""

    generation: str
    rows: list[tuple[int, str, str, str]] = field(default_factory=list)


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file is damaged, and not that it is busy or the disk full."""
    if isinstance(error, DamagedCatalogError):
        return True
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    return _primary_code(error) in _CODES or str(error).startswith(_NOT_TEXT)


@contextmanager
def named_refusals(path: Path) -> Iterator[None]:
    """Turns an error by which the disk or the machine refuses the file into a StoreError that names it."""
    try:
        yield
    except sqlite3.Error as error:
        if _primary_code(error) not in _REFUSALS:
            raise
        raise StoreError(f"{path}: {error}; fix it and run the same command again, nothing was lost") from error


def _primary_code(error: sqlite3.Error) -> int | None:
    # The low byte of the extended code (https://www.sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def problem_of(path: Path) -> str | None:
    """Why an existing file cannot be used as the catalog; None if it can. Damage inside is found when it is read."""
    if _exists_with_content(_beside(path, "-journal")):
        # Only the file's first transaction has one; it can be undone only by who may write.
        return "the process that made it was killed"
    header = _header(path)
    if not header.startswith(_MAGIC) or len(header) < 100:
        return "it is not an SQLite file"
    if not _exists_with_content(_beside(path, "-wal")):
        page_size = int.from_bytes(header[16:18]) or 1
        expected = int.from_bytes(header[28:32]) * (65536 if page_size == 1 else page_size)
        if path.stat().st_size < expected:
            return f"it is cut: {path.stat().st_size} of {expected} bytes"
    return _stated_problem(path)


def _stated_problem(path: Path) -> str | None:
    """What is wrong with what an SQLite file says of itself; None if it is a catalog of this version."""
    try:
        with closing(connect_for_reading(path)) as connection:
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            facts = {name for (name,) in connection.execute("SELECT name FROM meta")}
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not is_damage(error) and "no such table" not in str(error):
            raise
        return str(error)
    if found != APPLICATION_ID:
        return "another program made it"
    if schema != SCHEMA:
        return f"its schema is {schema}, not {SCHEMA}"
    return None if facts >= META else f"it does not say its {', '.join(sorted(META - facts))}"


def is_begun(path: Path) -> bool:
    """Whether an existing file has any table; a writer that was killed at once leaves none."""
    if not path.stat().st_size:
        return False
    try:
        with closing(connect_for_reading(path)) as connection:
            return bool(connection.execute("SELECT EXISTS(SELECT 1 FROM sqlite_master)").fetchone()[0])
    except sqlite3.DatabaseError:
        return True


def set_aside(path: Path) -> Path:
    """Rename the file, in place of one that was set aside before; gives its new path."""
    aside = _beside(path, ".damaged")
    for suffix in ("-wal", "-shm"):
        _beside(aside, suffix).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        _beside(path, "-wal").replace(_beside(aside, "-wal"))
    path.replace(aside)
    for suffix in ("-shm", "-journal"):
        _beside(path, suffix).unlink(missing_ok=True)
    return aside


def saved_log(path: Path) -> Log | None:
    """The arrivals in a file that was set aside, if all of them can be read."""
    try:
        with closing(connect_for_reading(path)) as connection:
            if connection.execute("PRAGMA quick_check(arrival)").fetchone()[0] != "ok":
                return None
            (generation,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
            rows = connection.execute("SELECT seq, key, series, day FROM arrival ORDER BY seq").fetchall()
    except (sqlite3.Error, TypeError):
        return None
    return Log(str(generation), rows) if len(str(generation)) == 8 else None


def _header(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read(100)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _exists_with_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
