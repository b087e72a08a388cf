"""One budget per site for the whole machine: all processes share one SQLite file in the state folder.

A request is granted in one `BEGIN IMMEDIATE` transaction, which counts what was sent and notes what is about to be.
What a site says (Retry-After, RateLimit, 429, 503) makes it rest for all processes.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.errors import IngestError

from .budgets import Budget
from .rate_limit_headers import RateLimitInfo
from .rate_limiter_waits import budget_wait, pace_wait, quota_wait, rest_wait, sent_since, used_up

PAUSE: Final = 1.0
"""Seconds that a site rests after the first 429 or 503 that names no time; twice as long after each further one."""
MAX_PAUSE: Final = 300.0
LOCKED_SECONDS: Final = 60.0
"""Seconds that other processes may hold the file; between two tries signals are heard."""
LOCKED_PAUSE: Final = 0.01

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS sent (origin TEXT, bucket TEXT, at REAL);
CREATE INDEX IF NOT EXISTS sent_at ON sent (origin, bucket, at);
CREATE TABLE IF NOT EXISTS rest (origin TEXT PRIMARY KEY, until REAL, strikes INTEGER, reason TEXT);
CREATE TABLE IF NOT EXISTS quota (origin TEXT, bucket TEXT, remaining INTEGER, quota INTEGER, at REAL, until REAL,
                                  PRIMARY KEY (origin, bucket));
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, at REAL, status INTEGER, body TEXT);
"""


class SiteRests(IngestError):  # noqa: N818 - named for what it is
    """The site may not be asked before a time that is further off than the run waits."""

    def __init__(self, origin: str, until: float, reason: str) -> None:
        """`until` is a time in seconds since 1970."""
        self.until = until
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(until))
        super().__init__(f"{origin} is not asked before {when} UTC: {reason}; run the same command again then")


@dataclass(frozen=True, slots=True)
class SiteUsage:
    """What is known of a site: used budget by bucket, and its rest."""

    origin: str
    used: dict[str, int]
    rests_until: float | None
    reason: str | None


class RateLimiter:
    """The budgets and rests of the machine. Use it from one thread; processes share the file."""

    def __init__(self, folder: Path, max_wait: float) -> None:
        """`folder` is the state folder; `max_wait` the seconds that one wait may take."""
        self._folder = folder
        self._max_wait = max_wait
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def turn(self, origin: str, bucket: str, budget: Budget | None, delay: float = 0.0) -> Iterator[None]:
        """Wait for a request's turn and hold it while the request is in flight.

        `delay` is the least time between two requests. Raises SiteRests where the turn comes later than the run waits.
        """
        with self._alone(origin, alone=budget is not None and budget.alone):
            waited = 0.0
            while True:
                wait, reason = self._grant(origin, bucket, budget, delay)
                if wait <= 0:
                    break
                if waited + wait > self._max_wait:
                    raise SiteRests(origin, now() + wait, reason)
                sleep(wait)
                waited += wait
            yield

    def note(self, origin: str, bucket: str, said: RateLimitInfo) -> None:
        """Take up what an answer said of quota and rest."""
        with self._transaction() as connection:
            moment = now()
            if said.remaining is not None and said.reset is not None:
                values = (origin, bucket, said.remaining, said.quota or 0, moment, moment + said.reset)
                connection.execute("INSERT OR REPLACE INTO quota VALUES (?, ?, ?, ?, ?, ?)", values)
            if said.slow_down:
                self._strike(connection, origin, said, moment)
            elif said.answered:
                connection.execute("DELETE FROM rest WHERE origin = ? AND until <= ?", (origin, moment))

    def reset_rest(self, origin: str) -> bool:
        """Let a site be asked again at once; gives whether it rested."""
        with self._transaction() as connection:
            rest = connection.execute("DELETE FROM rest WHERE origin = ? AND until > ?", (origin, now())).rowcount
            used_up = connection.execute("DELETE FROM quota WHERE origin = ?", (origin,)).rowcount
            return rest + used_up > 0

    def standing(self, origin: str, budgets: dict[str, Budget | None]) -> SiteUsage:
        """What was used of each budget in its own time, and whether the site rests."""
        with self._transaction() as connection:
            moment = now()
            used = {
                name: sent_since(connection, origin, name, moment - (b.seconds if b else 300))
                for name, b in budgets.items()
            }
            rest = connection.execute("SELECT until, reason FROM rest WHERE origin = ? AND until > ?", (origin, moment))
            until, reason = rest.fetchone() or used_up(connection, origin, moment)
            return SiteUsage(origin, used, until, reason)

    def robots(self, origin: str, age: float) -> tuple[int, str] | None:
        """The status and text of a site's robots.txt, if they were kept and are no older than `age` seconds."""
        with self._transaction() as connection:
            query = "SELECT status, body FROM robots WHERE origin = ? AND at > ?"
            found: tuple[int, str] | None = connection.execute(query, (origin, now() - age)).fetchone()
            return found

    def keep_robots(self, origin: str, status: int, body: str) -> None:
        """Keep a site's robots.txt."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", (origin, now(), status, body))

    def _grant(self, origin: str, bucket: str, budget: Budget | None, delay: float) -> tuple[float, str]:
        with self._transaction() as connection:
            moment = now()
            wait, reason = max(
                rest_wait(connection, origin, moment),
                pace_wait(connection, origin, moment, delay),
                budget_wait(connection, origin, bucket, budget, moment),
                quota_wait(connection, origin, bucket, moment),
            )
            if wait <= 0:
                connection.execute("INSERT INTO sent VALUES (?, ?, ?)", (origin, bucket, moment))
            return wait, reason

    def _strike(self, connection: sqlite3.Connection, origin: str, said: RateLimitInfo, moment: float) -> None:
        row = connection.execute("SELECT until, strikes FROM rest WHERE origin = ?", (origin,)).fetchone() or (0.0, 0)
        rest = said.rest if said.rest is not None else min(PAUSE * 2 ** row[1], MAX_PAUSE)
        values = (origin, max(row[0], moment + rest), row[1] + 1, said.reason)
        connection.execute("INSERT OR REPLACE INTO rest VALUES (?, ?, ?, ?)", values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._begun()
            with connection:
                yield connection
        except sqlite3.Error as error:
            raise OSError(0, f"the budget file cannot be used ({error})", str(self._file)) from error

    def _begun(self) -> sqlite3.Connection:
        """A connection in a transaction. A damaged file is made anew: what it knew is minutes old at most."""
        try:
            return self._begin()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        self.close()
        self._make_anew()
        return self._begin()

    def _begin(self) -> sqlite3.Connection:
        end = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                # SQLite does not wait where waiting might deadlock, so its own timeout is not enough.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(LOCKED_PAUSE)
            else:
                return connection

    @property
    def _file(self) -> Path:
        return self._folder / "budget.sqlite"

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            with self._lock("budget"):
                self._connection = _connect(self._file)
        return self._connection

    def _make_anew(self) -> None:
        """Remove a damaged file, unless another process was faster and made a sound one of it."""
        with self._lock("budget"):
            try:
                _connect(self._file).close()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                for suffix in ("", "-wal", "-shm"):
                    self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _alone(self, origin: str, *, alone: bool) -> Iterator[None]:
        if not alone:
            yield
            return
        with self._lock("".join(letter if letter.isalnum() else "-" for letter in origin)):
            yield


def now() -> float:
    """Seconds since 1970: the one clock that processes share."""
    return time.time()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def _check(connection: sqlite3.Connection) -> None:
    """Such a cut may also damage what no opening meets. The file holds minutes: to look at all of it costs nothing."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        # A power cut may cost the last seconds of counting; syncing each request would cost more than the request.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_TABLES)
        _check(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
