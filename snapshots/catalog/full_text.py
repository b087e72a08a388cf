"""How the full-text index is written: in segments, which are merged once a new catalog has all papers.

See https://www.sqlite.org/fts5.html#special_insert_commands for the settings and commands.
"""

from __future__ import annotations

import sqlite3
from typing import Final

BUFFER: Final = 8 * 2**20
"""Bytes of words in memory; SQLite's 1 MiB would make more and smaller segments."""
SEGMENTS_OF_A_MERGE: Final = 8
"""Segments of a level that are merged while papers come: SQLite's 4 would write the same words more often."""
MAX_SEGMENTS: Final = 1_999
"""SQLite's limit: a transaction that leaves more merges all of them at once."""
DEFAULT_MAX_SEGMENTS: Final = 16
PAGES_OF_A_STEP: Final = 8_192
"""Written by one transaction of the last merge (about 32 MiB), so that SQLite's log stays small."""


def create_settings(connection: sqlite3.Connection) -> None:
    """Set what stays as it is."""
    _set(connection, "hashsize", BUFFER)


def stop_merging(connection: sqlite3.Connection) -> None:
    """Leave the segments of a catalog that is being filled as they are: each word is then written twice, not thrice."""
    _set(connection, "automerge", 0)
    _set(connection, "crisismerge", MAX_SEGMENTS)


def merge_all(connection: sqlite3.Connection) -> None:
    """Merge all segments into one, which is the fastest to search, and merge later ones as they come."""
    changes = 2
    while changes > 1:
        before = connection.total_changes
        _set(connection, "merge", -PAGES_OF_A_STEP)
        # Fewer than two rows changed: there was nothing to merge.
        changes = connection.total_changes - before
    _set(connection, "automerge", SEGMENTS_OF_A_MERGE)
    _set(connection, "crisismerge", DEFAULT_MAX_SEGMENTS)


def _set(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT INTO ft(ft, rank) VALUES(?, ?)", (name, value))
