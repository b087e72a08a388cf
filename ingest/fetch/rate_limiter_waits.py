"""Seconds until a request may be sent, computed from the tables of the budget file; 0 or less means now."""

from __future__ import annotations

import sqlite3
from typing import Final

from .budgets import Budget
from .headers import MAX_RETRY_AFTER

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
