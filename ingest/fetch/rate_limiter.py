"""Rate limits per site, shared by all processes of the machine through the budget file.

Permission for a request is granted in one transaction, which counts the requests sent and records the new one. A
Retry-After, RateLimit, 429 or 503 that one process receives is obeyed by all of them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dailypapers.ingest.errors import IngestError

from .budgets import Budget, BudgetFile, finish_time
from .headers import MAX_RETRY_AFTER, RateLimitInfo

LOW_QUOTA_SHARE: Final = 0.10
"""Below this share of a quota, the remaining requests are spread over the time until the quota is reset."""
UNLIMITED_PERIOD: Final = 300.0
"""Seconds for which the requests of a bucket without a budget are counted."""


def backoff_wait(connection: sqlite3.Connection, origin: str, now: float) -> tuple[float, str]:
    """The seconds left of the backoff that the site asked for, and its reason."""
    row = connection.execute("SELECT until, reason FROM rest WHERE origin = ?", (origin,)).fetchone()
    # If the clock was set back, the time left may exceed any backoff.
    return (min(row[0] - now, MAX_RETRY_AFTER), row[1]) if row else (0.0, "")


def crawl_delay_wait(connection: sqlite3.Connection, origin: str, now: float, delay: float) -> tuple[float, str]:
    """The seconds until the minimum time between two requests has passed."""
    if not delay:
        return 0.0, ""
    query = "SELECT max(at) FROM sent WHERE origin = ? AND at <= ?"
    (last,) = connection.execute(query, (origin, now)).fetchone()
    return (0.0, "") if last is None else (last + delay - now, f"its robots.txt wants {delay:g} s between requests")


def budget_wait(
    connection: sqlite3.Connection, origin: str, bucket: str, budget: Budget | None, now: float
) -> tuple[float, str]:
    """The seconds until the budget allows another request."""
    if budget is None:
        return 0.0, ""
    requests, seconds = budget.planned
    query = "SELECT at FROM sent WHERE origin = ? AND bucket = ? AND at <= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    row = connection.execute(query, (origin, bucket, now + seconds, requests - 1)).fetchone()
    reason = f"the budget {bucket} of {budget.requests} requests in {budget.seconds:g} s is used up"
    return (row[0] + seconds - now, reason) if row else (0.0, "")


def forget_requests(
    connection: sqlite3.Connection, origin: str, bucket: str, budget: Budget | None, now: float
) -> None:
    """Delete the requests of a bucket that no wait depends on any more.

    The budget needs those of its period, a quota those since it was announced, and Crawl-delay the latest one of the
    site. Requests from before the clock was set back would block others for a long time.
    """
    seconds = budget.planned[1] if budget is not None else UNLIMITED_PERIOD
    query = "SELECT min(at) FROM quota WHERE origin = ? AND bucket = ? AND until > ? AND at <= ?"
    (announced_at,) = connection.execute(query, (origin, bucket, now, now)).fetchone()
    since = now - seconds if announced_at is None else min(now - seconds, announced_at)
    connection.execute(
        "DELETE FROM sent WHERE origin = ? AND bucket = ? AND (at > ? OR (at <= ? AND at < "
        "(SELECT max(at) FROM sent WHERE origin = ? AND at <= ?)))",
        (origin, bucket, now + seconds, since, origin, now),
    )


def quota_wait(connection: sqlite3.Connection, origin: str, bucket: str, now: float) -> tuple[float, str]:
    """The seconds until the quota announced by the site allows another request."""
    # A quota from after the present was announced before the clock was set back.
    query = "SELECT remaining, quota, at, until FROM quota WHERE origin = ? AND bucket = ? AND until > ? AND at <= ?"
    row = connection.execute(query, (origin, bucket, now, now)).fetchone()
    if row is None:
        return 0.0, ""
    remaining, quota, announced_at, until = row
    left = remaining - sent_since(connection, origin, bucket, announced_at)
    if left <= 0:
        return until - now, f"the site says that the quota of {bucket} is used up"
    if left >= LOW_QUOTA_SHARE * quota:
        return 0.0, ""
    query = "SELECT max(at) FROM sent WHERE origin = ? AND bucket = ?"
    (last,) = connection.execute(query, (origin, bucket)).fetchone()
    reason = f"the site says that {left} requests of {bucket} are left"
    return (last or now) + (until - announced_at) / remaining - now, reason


def exhausted_quota(connection: sqlite3.Connection, origin: str, now: float) -> tuple[float | None, str | None]:
    """Until when a site's quota is used up, with the reason; None twice if it is not."""
    query = "SELECT until, bucket FROM quota WHERE origin = ? AND until > ? AND remaining <= 0 ORDER BY until DESC"
    row = connection.execute(query, (origin, now)).fetchone()
    return (row[0], f"the site says that the quota of {row[1]} is used up") if row else (None, None)


def sent_since(connection: sqlite3.Connection, origin: str, bucket: str, since: float) -> int:
    """The number of requests sent after `since`."""
    query = "SELECT count(*) FROM sent WHERE origin = ? AND bucket = ? AND at > ?"
    (count,) = connection.execute(query, (origin, bucket, since)).fetchone()
    return int(count)


def sent_times(connection: sqlite3.Connection, origin: str, bucket: str, since: float, now: float) -> list[float]:
    """When requests were sent after `since` and until now, oldest first."""
    query = "SELECT at FROM sent WHERE origin = ? AND bucket = ? AND at > ? AND at <= ? ORDER BY at"
    return [instant for (instant,) in connection.execute(query, (origin, bucket, since, now))]


FIRST_BACKOFF: Final = 1.0
"""Seconds of backoff after the first 429 or 503 without a Retry-After; doubled after each further one."""
MAX_BACKOFF: Final = 300.0
_MAX_DOUBLINGS: Final = 10
"""More would exceed the longest backoff, and in the end the range of a float."""


class RateLimited(IngestError):  # noqa: N818 - named for what it is
    """The next request to the site is allowed only after a wait longer than the run accepts."""

    def __init__(self, origin: str, until: float, reason: str) -> None:
        """`until` is a time in seconds since 1970."""
        time_text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(until))
        super().__init__(f"no request to {origin} before {time_text} UTC: {reason}; run the same command again then")


@dataclass(frozen=True, slots=True)
class SiteUsage:
    """The requests sent to a site, per bucket and within the period of its budget, and its backoff."""

    used: dict[str, int]
    blocked_until: float | None
    reason: str | None


OnWait = Callable[[float, str], None]
"""Called before each wait for a rate limit, with its seconds and its reason."""


class RateLimiter:
    """Decides when a request may be sent. Use it from one thread; processes share the file."""

    def __init__(self, folder: Path, max_wait: float, on_wait: OnWait | None = None) -> None:
        """`folder` is the state folder; `max_wait` the number of seconds that one wait may take."""
        self._file = BudgetFile(folder)
        self._max_wait = max_wait
        self._on_wait = on_wait

    def close(self) -> None:
        """Close the budget file."""
        self._file.close()

    @contextmanager
    def turn(self, origin: str, bucket: str, budget: Budget | None, delay: float = 0.0) -> Iterator[None]:
        """Wait until a request may be sent, then run the block that sends it.

        `delay` is the minimum time between two requests. Raises RateLimited when the wait would exceed `max_wait`.
        """
        lock = "".join(letter if letter.isalnum() else "-" for letter in origin)
        with self._file.lock(lock) if budget is not None and budget.alone else nullcontext():
            waited = 0.0
            while True:
                wait, reason = self._grant(origin, bucket, budget, delay)
                if wait <= 0:
                    break
                if waited + wait > self._max_wait:
                    raise RateLimited(origin, now() + wait, reason)
                if self._on_wait is not None:
                    self._on_wait(wait, reason)
                sleep(wait)
                waited += wait
            yield

    def record(self, origin: str, bucket: str, info: RateLimitInfo) -> None:
        """Store the quota and the backoff that an answer announced."""
        with self._file.transaction() as connection:
            instant = now()
            if info.remaining is not None and info.reset is not None:
                values = (origin, bucket, info.remaining, info.quota or 0, instant, instant + info.reset)
                connection.execute("INSERT OR REPLACE INTO quota VALUES (?, ?, ?, ?, ?, ?)", values)
            if info.slow_down:
                _back_off(connection, origin, info, instant)
            else:
                connection.execute("DELETE FROM rest WHERE origin = ? AND until <= ?", (origin, instant))

    def reset_backoff(self, origin: str) -> bool:
        """Allow requests to a site again at once. Returns whether it had a backoff or a quota."""
        with self._file.transaction() as connection:
            rest = connection.execute("DELETE FROM rest WHERE origin = ? AND until > ?", (origin, now())).rowcount
            quota = connection.execute("DELETE FROM quota WHERE origin = ?", (origin,)).rowcount
            return rest + quota > 0

    def usage(self, origin: str, budgets: Mapping[str, Budget | None]) -> SiteUsage:
        """The requests sent per bucket within the period of its budget, and the backoff of the site.

        No file is created to say that nothing was sent.
        """
        if not self._file.exists:
            return SiteUsage(dict.fromkeys(budgets, 0), None, None)
        with self._file.transaction() as connection:
            instant = now()
            used = {
                bucket: sent_since(
                    connection, origin, bucket, instant - (budget.seconds if budget else UNLIMITED_PERIOD)
                )
                for bucket, budget in budgets.items()
            }
            query = "SELECT until, reason FROM rest WHERE origin = ? AND until > ?"
            backoff = connection.execute(query, (origin, instant)).fetchone()
            until, reason = backoff or exhausted_quota(connection, origin, instant)
            return SiteUsage(used, until, reason)

    def forecast(
        self, origin: str, bucket: str, budget: Budget | None, requests: int, *, work: float, wait: float
    ) -> float:
        """Seconds until further requests are done, if the first waits `wait` and all take `work` besides waiting."""
        instant, seconds = now(), budget.planned[1] if budget is not None else 0.0
        with self._file.transaction() as connection:
            sent = sent_times(connection, origin, bucket, instant - seconds, instant)
        return finish_time(requests, work, budget, sent, instant + wait) - instant

    def cached_robots(self, origin: str, max_age: float) -> tuple[int, str] | None:
        """Status and text of a site's cached robots.txt, unless it is older than `max_age` seconds."""
        with self._file.transaction() as connection:
            query = "SELECT status, body FROM robots WHERE origin = ? AND at > ?"
            row: tuple[int, str] | None = connection.execute(query, (origin, now() - max_age)).fetchone()
            return row

    def cache_robots(self, origin: str, status: int, body: str) -> None:
        """Cache a site's robots.txt."""
        with self._file.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", (origin, now(), status, body))

    def _grant(self, origin: str, bucket: str, budget: Budget | None, delay: float) -> tuple[float, str]:
        """Record a request if it may be sent now; otherwise return the seconds to wait, and why."""
        with self._file.transaction() as connection:
            instant = now()
            wait, reason = max(
                backoff_wait(connection, origin, instant),
                crawl_delay_wait(connection, origin, instant, delay),
                budget_wait(connection, origin, bucket, budget, instant),
                quota_wait(connection, origin, bucket, instant),
            )
            if wait <= 0:
                forget_requests(connection, origin, bucket, budget, instant)
                connection.execute("INSERT INTO sent VALUES (?, ?, ?)", (origin, bucket, instant))
            return wait, reason


def now() -> float:
    """Seconds since 1970: the one clock that processes share."""
    return time.time()


def sleep(seconds: float) -> None:
    """Wait. Tests replace it."""
    time.sleep(seconds)


def _back_off(connection: sqlite3.Connection, origin: str, info: RateLimitInfo, instant: float) -> None:
    query = "SELECT until, strikes FROM rest WHERE origin = ?"
    until, strikes = connection.execute(query, (origin,)).fetchone() or (0.0, 0)
    seconds = (
        info.backoff
        if info.backoff is not None
        else min(FIRST_BACKOFF * 2 ** min(strikes, _MAX_DOUBLINGS), MAX_BACKOFF)
    )
    values = (origin, max(until, instant + seconds), strikes + 1, info.reason)
    connection.execute("INSERT OR REPLACE INTO rest VALUES (?, ?, ?, ?)", values)
