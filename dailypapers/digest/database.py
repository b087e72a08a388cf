"""`mail.sqlite` in the state folder: subscriptions, mails and what was sent. Nothing of it is in a store.

Only the owner can read it. Every change is one transaction that is on the disk when it ends (`synchronous=FULL`), and
deleted rows are overwritten (`secure_delete`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from dailypapers.snapshots.store.atomic import make_folder

from .model import DigestError

NAME: Final = "mail.sqlite"
_APPLICATION: Final = 0x64706D6C
"""`dpml`: https://sqlite.org/pragma.html#pragma_application_id"""
_VERSION: Final = 1
_BUSY_SECONDS: Final = 30
_SCHEMA: Final = """
CREATE TABLE subscription (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    source TEXT NOT NULL,
    query TEXT,
    search TEXT,
    at TEXT NOT NULL,
    zone TEXT NOT NULL,
    always INTEGER NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0,
    cursor TEXT,
    last_cut TEXT
);
CREATE TABLE mail (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription INTEGER NOT NULL REFERENCES subscription(number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    cut TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    message BLOB,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    first_try TEXT,
    next_try TEXT,
    reply TEXT
);
CREATE UNIQUE INDEX one_issue_a_cut ON mail(subscription, cut) WHERE kind = 'issue';
CREATE INDEX mail_by_state ON mail(state);
CREATE TABLE sent_key (
    subscription INTEGER NOT NULL REFERENCES subscription(number) ON DELETE CASCADE,
    key TEXT NOT NULL,
    cut TEXT NOT NULL,
    PRIMARY KEY (subscription, key)
) WITHOUT ROWID;
CREATE TABLE signup (client TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX signup_by_time ON signup(at);
"""


@contextmanager
def opened(state_folder: Path) -> Iterator[sqlite3.Connection]:
    """The database, which is created if it is missing.

    Raises DigestError if the file is another one or damaged, or was written by a newer version; OSError.
    """
    make_folder(state_folder)
    path = state_folder / NAME
    # SQLite gives its journal the permissions of the database.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            _prepare(connection, path)
            yield connection
    except sqlite3.DatabaseError as error:
        raise DigestError(f"{path}: {error}; if it is damaged, restore it from a copy") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that nobody else writes in; undone if the block raises."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    for setting in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "journal_mode=DELETE"):
        connection.execute(f"PRAGMA {setting}")
    if _number(connection, "application_id") == 0:
        with transaction(connection):
            _create(connection, path)
    if _number(connection, "application_id") != _APPLICATION:
        raise DigestError(f"{path}: not the mail database of dailypapers; move it away")
    if _number(connection, "user_version") > _VERSION:
        raise DigestError(f"{path}: a newer dailypapers wrote it; install that version")


def _create(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "application_id") != 0:
        return  # another process was faster
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise DigestError(f"{path}: not the mail database of dailypapers; move it away")
    for statement in _SCHEMA.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={_VERSION}")
    connection.execute(f"PRAGMA application_id={_APPLICATION}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
