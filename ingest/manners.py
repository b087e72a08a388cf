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

from snapshots.durable import make_folder

from .budgets import Budget
from .errors import IngestError
from .rate_limits import Said

PAUSE: Final = 1.0
"""Seconds that a site rests after the first 429 or 503 that names no time; twice as long after each further one."""
LONGEST_PAUSE: Final = 300.0
FEW: Final = 0.10
"""With less than this share of a quota left, the requests left are spread over the time until it is full again."""

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
class Standing:
    """What is known of a site: used budget by bucket, and its rest."""

    origin: str
    used: dict[str, int]
    rests_until: float | None
    reason: str | None


class Manners:
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
            while True:
                wait, reason = self._grant(origin, bucket, budget, delay)
                if wait <= 0:
                    break
                if wait > self._max_wait:
                    raise SiteRests(origin, now() + wait, reason)
                sleep(wait)
            yield

    def note(self, origin: str, bucket: str, said: Said) -> None:
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
            return connection.execute("DELETE FROM rest WHERE origin = ?", (origin,)).rowcount > 0

    def standing(self, origin: str, budgets: dict[str, Budget | None]) -> Standing:
        """What was used of each budget in its own time, and whether the site rests."""
        with self._transaction() as connection:
            moment = now()
            used = {
                name: _sent_since(connection, origin, name, moment - (b.seconds if b else 300))
                for name, b in budgets.items()
            }
            rest = connection.execute("SELECT until, reason FROM rest WHERE origin = ? AND until > ?", (origin, moment))
            until, reason = rest.fetchone() or (None, None)
            return Standing(origin, used, until, reason)

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
                _rest(connection, origin, moment),
                _pace(connection, origin, moment, delay),
                _budget(connection, origin, bucket, budget, moment),
                _quota(connection, origin, bucket, moment),
            )
            if wait <= 0:
                connection.execute("INSERT INTO sent VALUES (?, ?, ?)", (origin, bucket, moment))
            return wait, reason

    def _strike(self, connection: sqlite3.Connection, origin: str, said: Said, moment: float) -> None:
        row = connection.execute("SELECT until, strikes FROM rest WHERE origin = ?", (origin,)).fetchone() or (0.0, 0)
        rest = said.rest if said.rest is not None else min(PAUSE * 2 ** row[1], LONGEST_PAUSE)
        values = (origin, max(row[0], moment + rest), row[1] + 1, said.reason)
        connection.execute("INSERT OR REPLACE INTO rest VALUES (?, ?, ?, ?)", values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        try:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise OSError(0, f"the budget file cannot be used ({error})", str(self._file)) from error

    @property
    def _file(self) -> Path:
        return self._folder / "budget.sqlite"

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            make_folder(self._folder)
            try:
                self._connection = _connect(self._file)
            except sqlite3.DatabaseError:
                # Damaged: what it knew is a few minutes old at most, so it is made anew.
                self._file.unlink(missing_ok=True)
                self._connection = _connect(self._file)
        return self._connection

    @contextmanager
    def _alone(self, origin: str, *, alone: bool) -> Iterator[None]:
        if not alone:
            yield
            return
        make_folder(self._folder)
        name = "".join(letter if letter.isalnum() else "-" for letter in origin)
        handle = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def now() -> float:
    """Seconds since 1970: the one clock that processes share."""
    return time.time()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    # A power cut may cost the last seconds of counting; syncing each request would cost more than the request.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(_TABLES)
    return connection


def _rest(connection: sqlite3.Connection, origin: str, moment: float) -> tuple[float, str]:
    row = connection.execute("SELECT until, reason FROM rest WHERE origin = ?", (origin,)).fetchone()
    return (row[0] - moment, row[1]) if row else (0.0, "")


def _pace(connection: sqlite3.Connection, origin: str, moment: float, delay: float) -> tuple[float, str]:
    if not delay:
        return 0.0, ""
    (last,) = connection.execute("SELECT max(at) FROM sent WHERE origin = ?", (origin,)).fetchone()
    return (0.0, "") if last is None else (last + delay - moment, f"its robots.txt wants {delay:g} s between requests")


def _budget(
    connection: sqlite3.Connection, origin: str, bucket: str, budget: Budget | None, moment: float
) -> tuple[float, str]:
    if budget is None:
        connection.execute("DELETE FROM sent WHERE origin = ? AND at < ?", (origin, moment - 300))
        return 0.0, ""
    requests, seconds = budget.planned
    # Those of a clock that was set back would block for ever.
    gone = (origin, bucket, moment - seconds, moment + seconds)
    connection.execute("DELETE FROM sent WHERE origin = ? AND bucket = ? AND (at <= ? OR at > ?)", gone)
    query = "SELECT at FROM sent WHERE origin = ? AND bucket = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    row = connection.execute(query, (origin, bucket, requests - 1)).fetchone()
    reason = f"the budget {bucket} of {budget.requests} requests in {budget.seconds:g} s is used up"
    return (row[0] + seconds - moment, reason) if row else (0.0, "")


def _quota(connection: sqlite3.Connection, origin: str, bucket: str, moment: float) -> tuple[float, str]:
    query = "SELECT remaining, quota, at, until FROM quota WHERE origin = ? AND bucket = ? AND until > ?"
    row = connection.execute(query, (origin, bucket, moment)).fetchone()
    if row is None:
        return 0.0, ""
    remaining, quota, at, until = row
    left = remaining - _sent_since(connection, origin, bucket, at)
    if left <= 0:
        return until - moment, f"the site says that the quota of {bucket} is used up"
    if left >= FEW * quota:
        return 0.0, ""
    (last,) = connection.execute(
        "SELECT max(at) FROM sent WHERE origin = ? AND bucket = ?", (origin, bucket)
    ).fetchone()
    reason = f"the site says that {left} requests of {bucket} are left"
    return (last or moment) + (until - at) / max(1, remaining) - moment, reason


def _sent_since(connection: sqlite3.Connection, origin: str, bucket: str, since: float) -> int:
    query = "SELECT count(*) FROM sent WHERE origin = ? AND bucket = ? AND at > ?"
    (count,) = connection.execute(query, (origin, bucket, since)).fetchone()
    return int(count)
