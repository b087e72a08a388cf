"""How many requests each site allows, with the sources of the numbers, and the file in which all processes count
theirs. `DAILYPAPERS_BUDGET` replaces the numbers."""

from __future__ import annotations

import ipaddress
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dailypapers.ingest.errors import UsageError
from dailypapers.snapshots.store.locks import file_lock

LOCKED_SECONDS: Final = 60.0
"""Seconds that other processes may keep the file locked; signals are handled between two attempts."""
LOCKED_PAUSE: Final = 0.01

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS sent (origin TEXT, bucket TEXT, at REAL);
CREATE INDEX IF NOT EXISTS sent_at ON sent (origin, bucket, at);
CREATE TABLE IF NOT EXISTS rest (origin TEXT PRIMARY KEY, until REAL, strikes INTEGER, reason TEXT);
CREATE TABLE IF NOT EXISTS quota (origin TEXT, bucket TEXT, remaining INTEGER, quota INTEGER, at REAL, until REAL,
                                  PRIMARY KEY (origin, bucket));
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, at REAL, status INTEGER, body TEXT);
"""


class BudgetFile:
    """The file and the connection of this process. Use it from one thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the state folder, which is created when needed."""
        self._folder = folder
        self._file = folder / "budget.sqlite"
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether any process has counted a request."""
        return self._file.exists()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A `BEGIN IMMEDIATE` transaction, committed at the end. Raises OSError when the file cannot be used."""
        try:
            connection = self._begin_or_recreate()
            with connection:
                yield connection
        except sqlite3.Error as error:
            raise OSError(0, f"the budget file cannot be used ({error})", str(self._file)) from error

    def lock(self, name: str) -> AbstractContextManager[object]:
        """Hold a lock file of the state folder."""
        # Not synced: like the counts, the folder may be lost in a power cut.
        self._folder.mkdir(parents=True, exist_ok=True)
        return file_lock(self._folder / f"{name}.lock")

    def _begin_or_recreate(self) -> sqlite3.Connection:
        """Recreate the file when it is damaged: its counts cover a few minutes, so little is lost."""
        try:
            return self._begin()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        self.close()
        self._remove_if_damaged()
        return self._begin()

    def _begin(self) -> sqlite3.Connection:
        end = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                # SQLite returns at once where waiting could deadlock, so its own timeout is not enough.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(LOCKED_PAUSE)
            else:
                return connection

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            with self.lock("budget"):
                self._connection = _connect(self._file)
        return self._connection

    def _remove_if_damaged(self) -> None:
        """Another process may have recreated the file in the meantime, so it is checked again under the lock."""
        with self.lock("budget"):
            try:
                _connect(self._file).close()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                for suffix in ("", "-wal", "-shm"):
                    self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        # A power cut may lose the last seconds of counting; syncing each request would cost more than the request.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_TABLES)
        _check(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """Check every page: a power cut may damage pages that opening does not read, and the file is small."""
    (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if result != "ok":
        error = sqlite3.DatabaseError(result)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


USED_SHARE: Final = 0.95
"""The share of a budget that is used: the site counts arrivals, whose times vary."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The requests allowed in a number of seconds, for all processes of the machine together."""

    name: str
    requests: int
    seconds: float
    alone: bool = False
    """One connection at a time."""

    @property
    def planned(self) -> tuple[int, float]:
        """The requests and seconds that are used."""
        if self.requests * USED_SHARE < 1:
            return 1, self.seconds / USED_SHARE
        return int(self.requests * USED_SHARE), self.seconds


BUDGETS: Final = {
    budget.name: budget
    for budget in (
        # Without a token, per address: https://huggingface.co/docs/hub/rate-limits
        Budget("hf-api", 500, 300),
        Budget("hf-pages", 100, 300),
        # For sites without a published rule: that of arXiv, the strictest that we know.
        Budget("site", 1, 3, alone=True),
        # One request every three seconds, one connection, over all interfaces: https://info.arxiv.org/help/api/tou.html
        Budget("arxiv", 1, 3, alone=True),
    )
}

_ENTRY: Final = re.compile(r"([a-z-]+)=([0-9]{1,9})/([0-9]{1,9}(?:\.[0-9]{1,9})?)")


def budget_for(name: str, origin: str, custom: Mapping[str, Budget]) -> Budget | None:
    """The budget of that name at a site: the user's, else the built-in one; loopback sites have none built in."""
    if name in custom:
        return custom[name]
    return None if is_loopback(origin) else BUDGETS[name]


def budgets_from_env(text: str | None) -> dict[str, Budget]:
    """The budgets of `DAILYPAPERS_BUDGET`, e.g. `hf-api=500/300,arxiv=1/3` (requests/seconds).

    Raises UsageError on anything else.
    """
    budgets: dict[str, Budget] = {}
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        entry = _ENTRY.fullmatch(part)
        if entry is None or entry[1] not in BUDGETS or int(entry[2]) < 1 or float(entry[3]) <= 0:
            names = ", ".join(BUDGETS)
            raise UsageError(f"DAILYPAPERS_BUDGET holds {part!r}; write NAME=REQUESTS/SECONDS with a name of {names}")
        budgets[entry[1]] = Budget(entry[1], int(entry[2]), float(entry[3]), BUDGETS[entry[1]].alone)
    return budgets


def is_loopback(origin: str) -> bool:
    """Whether an origin is this machine."""
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def finish_time(requests: int, work: float, budget: Budget | None, sent: Sequence[float], start: float) -> float:
    """When `requests` further requests will be done, of which the first may be sent at `start`.

    `work` is the number of seconds that they take besides waiting for the budget; `sent` has the times of the earlier
    requests within the period of the budget, oldest first.
    """
    if budget is None or requests < 1:
        return start + work
    (limit, seconds), pace = budget.planned, work / requests
    times = list(sent[-limit:])
    # Request n waits for the end of the period that began with request n - limit; this repeats after `limit` requests.
    rounds, last = divmod(requests - 1, limit)
    instant = start
    for _ in range(last + 1):
        if len(times) >= limit:
            instant = max(instant, times[-limit] + seconds)
        times.append(instant)
        instant += pace
    return instant + rounds * max(seconds, limit * pace)
