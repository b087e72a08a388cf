"""Tells whether a cursor is of this catalog: by a checksum of the catalog's name and all arrivals up to its number.

The number alone does not tell, nor does a name: an older copy of the file, put back from a backup, gives the same
numbers to other papers.
"""

from __future__ import annotations

import sqlite3
from typing import Final
from zlib import crc32

STEP: Final = 1000
"""Arrivals after which the checksum is noted, so that one in between needs no more of them to be read."""

_NOTED: Final = "SELECT seq, checksum FROM generation WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
_ARRIVALS: Final = "SELECT seq, key, series, day FROM arrival WHERE seq > ? AND seq <= ? ORDER BY seq"
_ALL: Final = (1 << 63) - 1


def note_generations(connection: sqlite3.Connection) -> None:
    """Note the checksum after the newest arrival, and those of the steps before that are not noted yet."""
    start, checksum = _noted(connection, _ALL)
    found = {}
    for count, (seq, *arrival) in enumerate(connection.execute(_ARRIVALS, (start, _ALL)), 1):
        checksum, start = _with(checksum, arrival), seq
        if count % STEP == 0:
            found[seq] = checksum
    found[start] = checksum
    connection.executemany("REPLACE INTO generation(seq, checksum) VALUES(?, ?)", found.items())


def generation_at(connection: sqlite3.Connection, seq: int) -> str:
    """The checksum after the arrival with that number, as 8 hex digits."""
    start, checksum = _noted(connection, seq)
    for _, *arrival in connection.execute(_ARRIVALS, (start, seq)):
        checksum = _with(checksum, arrival)
    return f"{checksum:08x}"


def _noted(connection: sqlite3.Connection, seq: int) -> tuple[int, int]:
    """The last number up to that one whose checksum is noted, and the checksum; it begins with the catalog's name."""
    found: tuple[int, int] | None = connection.execute(_NOTED, (seq,)).fetchone()
    if found is None:
        (name,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
        found = 0, int(name, 16)
    return found


def _with(checksum: int, arrival: list[str]) -> int:
    return crc32("\n".join(arrival).encode(), checksum)
