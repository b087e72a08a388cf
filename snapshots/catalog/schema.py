"""The tables of the catalog, how its file is opened, and how a damaged one is told and saved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.atomic import open_regular
from dailypapers.snapshots.store.layout import Store

from .fields import COLUMNS, PLAIN

SCHEMA: Final = 8
"""Raised with every change of the tables, of identity, of merging or of what is indexed: then it is built again."""

APPLICATION_ID: Final = 0x64706361
"""Marks the file as a catalog (https://www.sqlite.org/fileformat2.html#application_id)."""

META: Final = frozenset({"filled", "generation", "joins"})
"""The rows of the table `meta`: whether the first build has ended, a name of 8 hex digits, the text of joins.txt."""

PAGE_SIZE: Final = 8192
READER_CACHE_KIB: Final = 24 * 1024
SORTER_CACHE_KIB: Final = 16 * 1024
WRITER_CACHE_KIB: Final = 64 * 1024
PAGES_OF_A_CHECKPOINT: Final = 8192
"""Of the log of a catalog that is built anew (64 MiB): SQLite's 1,000 would write most pages many times."""

BUSY_MS: Final = 10_000
"""Milliseconds to wait while a program that is not ours locks the file."""

DAY_SHIFT: Final = 24
"""A paper's id is the ordinal of its first day shifted by this, and a number: higher ids are newer papers."""

_COLUMNS = ", ".join(f"{name} {PLAIN.get(name, 'TEXT')}" for name in COLUMNS)

# The abstract is the first column of `ft`: there a word needs two bytes less, and most words are in it.
TABLES: Final = f"""
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE series(id INTEGER PRIMARY KEY, folder TEXT UNIQUE NOT NULL, source TEXT NOT NULL, query TEXT);
CREATE TABLE folder(series INTEGER, year INTEGER, mtime_ns INTEGER NOT NULL, PRIMARY KEY(series, year)) WITHOUT ROWID;
CREATE TABLE built(series INTEGER, day TEXT, sha256 TEXT NOT NULL, as_of TEXT NOT NULL, first_fetch TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, certificate_size INTEGER NOT NULL,
    certificate_mtime_ns INTEGER NOT NULL, problem TEXT,
    PRIMARY KEY(series, day)) WITHOUT ROWID;
CREATE INDEX built_problem ON built(problem) WHERE problem IS NOT NULL;
CREATE TABLE paper(id INTEGER PRIMARY KEY, key TEXT NOT NULL, first_day TEXT NOT NULL, observed TEXT NOT NULL,
    checksum INTEGER NOT NULL, {_COLUMNS});
CREATE INDEX paper_key ON paper(key);
CREATE INDEX paper_first_seen ON paper(first_seen DESC, first_day DESC, key);
CREATE INDEX paper_upvotes ON paper(upvotes DESC, first_day DESC, key) WHERE upvotes IS NOT NULL;
CREATE TABLE listing(series INTEGER, day TEXT, key TEXT, paper INTEGER NOT NULL, rank INTEGER, first_seen TEXT NOT NULL,
    last_seen TEXT, observed TEXT NOT NULL, upvotes INTEGER, comments INTEGER, github_stars INTEGER,
    arxiv_version INTEGER, doi TEXT, title INTEGER NOT NULL, fields INTEGER NOT NULL, offset INTEGER NOT NULL,
    length INTEGER NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY(series, day, key)) WITHOUT ROWID;
CREATE INDEX listing_paper ON listing(paper);
CREATE INDEX listing_doi ON listing(doi) WHERE doi IS NOT NULL;
CREATE TABLE alias(key TEXT PRIMARY KEY, paper INTEGER NOT NULL, evidence TEXT NOT NULL, confidence REAL NOT NULL)
    WITHOUT ROWID;
CREATE INDEX alias_paper ON alias(paper);
CREATE TABLE term(kind TEXT, word TEXT, paper INTEGER, PRIMARY KEY(kind, word, paper)) WITHOUT ROWID;
CREATE TABLE arrival(seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, series TEXT NOT NULL, day TEXT NOT NULL);
CREATE UNIQUE INDEX arrival_key ON arrival(key, series);
CREATE TABLE generation(seq INTEGER PRIMARY KEY, checksum INTEGER NOT NULL);
CREATE VIRTUAL TABLE ft USING fts5(abstract, title, authors, content='paper', content_rowid='id',
    tokenize='porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE word USING fts5vocab(ft, instance);
CREATE VIEW listings AS SELECT paper.key AS paper, series.source, series.query, listing.day, listing.key, listing.rank,
    listing.first_seen, listing.last_seen, listing.observed, listing.upvotes, listing.comments, listing.github_stars,
    listing.arxiv_version
    FROM listing JOIN series ON series.id = listing.series JOIN paper ON paper.id = listing.paper;
"""

TITLE_INDEX: Final = "CREATE INDEX IF NOT EXISTS listing_title ON listing(title)"
"""Made once a new catalog has all days, or before a title is looked up: it is in no order that days come in, and among
millions of listings each new one would change a page of its own."""


def catalog_file(store: Store) -> Path:
    """The file of the catalog; SQLite keeps `-wal` and `-shm` beside it while it is open."""
    return store.root / "catalog" / "catalog.sqlite"


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """Open the file, which is created if it is missing; only the holder of the store's lock may write it.

    Each commit is synced (FULL, not NORMAL): a reader may have handed out a cursor that names the arrivals in it.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    return _set_up(connection, WRITER_CACHE_KIB, f"page_size = {PAGE_SIZE}", "journal_mode = WAL", "synchronous = FULL")


def prepare_to_fill(connection: sqlite3.Connection) -> None:
    """Do not sync each commit: nobody reads a catalog that is not filled. A crash may lose the last commits, no more.

    See https://www.sqlite.org/pragma.html#pragma_synchronous.
    """
    # In memory, a sorter would take as much as the whole index that it makes.
    _run(connection, "synchronous = NORMAL", f"wal_autocheckpoint = {PAGES_OF_A_CHECKPOINT}", "temp_store = FILE")


def finish_filling(connection: sqlite3.Connection) -> None:
    """Make what is made last, with little memory (a sorter takes as much as the cache), and sync again."""
    _run(connection, "synchronous = FULL", f"cache_size = -{SORTER_CACHE_KIB}", "shrink_memory")
    connection.execute(TITLE_INDEX)


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open the file without a way to change it. Raises sqlite3.Error if that fails."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    return _set_up(connection, READER_CACHE_KIB, "query_only = ON")


def _set_up(connection: sqlite3.Connection, cache_kib: int, *pragmas: str) -> sqlite3.Connection:
    """Run the pragmas; a connection to a file that cannot be used is closed."""
    try:
        _run(connection, *pragmas, f"cache_size = -{cache_kib}", "temp_store = MEMORY", f"busy_timeout = {BUSY_MS}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _run(connection: sqlite3.Connection, *pragmas: str) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


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
