"""How long a request has to wait, out of the tables of the budget file; 0 or less is now. See `manners`."""

from __future__ import annotations

import sqlite3
from typing import Final

from .budgets import Budget
from .rate_limit_headers import MAX_REST

FEW: Final = 0.10
"""With less than this share of a quota left, the requests left are spread over the time until it is full again."""


def rest_wait(connection: sqlite3.Connection, origin: str, moment: float) -> tuple[float, str]:
    """The seconds that a site rests, and why."""
    row = connection.execute("SELECT until, reason FROM rest WHERE origin = ?", (origin,)).fetchone()
    # A rest that a clock set back makes longer than any is a day.
    return (min(row[0] - moment, MAX_REST), row[1]) if row else (0.0, "")


def pace_wait(connection: sqlite3.Connection, origin: str, moment: float, delay: float) -> tuple[float, str]:
    """The seconds until the least time between two requests is over."""
    if not delay:
        return 0.0, ""
    query = "SELECT max(at) FROM sent WHERE origin = ? AND at <= ?"
    (last,) = connection.execute(query, (origin, moment)).fetchone()
    return (0.0, "") if last is None else (last + delay - moment, f"its robots.txt wants {delay:g} s between requests")


def budget_wait(
    connection: sqlite3.Connection, origin: str, bucket: str, budget: Budget | None, moment: float
) -> tuple[float, str]:
    """The seconds until the budget has a request left."""
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


def quota_wait(connection: sqlite3.Connection, origin: str, bucket: str, moment: float) -> tuple[float, str]:
    """The seconds until the quota that the site named allows a request."""
    query = "SELECT remaining, quota, at, until FROM quota WHERE origin = ? AND bucket = ? AND until > ?"
    row = connection.execute(query, (origin, bucket, moment)).fetchone()
    if row is None:
        return 0.0, ""
    remaining, quota, at, until = row
    left = remaining - sent_since(connection, origin, bucket, at)
    if left <= 0:
        return until - moment, f"the site says that the quota of {bucket} is used up"
    if left >= FEW * quota:
        return 0.0, ""
    (last,) = connection.execute(
        "SELECT max(at) FROM sent WHERE origin = ? AND bucket = ?", (origin, bucket)
    ).fetchone()
    reason = f"the site says that {left} requests of {bucket} are left"
    return (last or moment) + (until - at) / max(1, remaining) - moment, reason


def used_up(connection: sqlite3.Connection, origin: str, moment: float) -> tuple[float | None, str | None]:
    """Until when a site's quota is used up, and what it said."""
    query = "SELECT until, bucket FROM quota WHERE origin = ? AND until > ? AND remaining <= 0 ORDER BY until DESC"
    row = connection.execute(query, (origin, moment)).fetchone()
    return (row[0], f"the site says that the quota of {row[1]} is used up") if row else (None, None)


def sent_since(connection: sqlite3.Connection, origin: str, bucket: str, since: float) -> int:
    """How many requests were sent since then."""
    query = "SELECT count(*) FROM sent WHERE origin = ? AND bucket = ? AND at > ?"
    (count,) = connection.execute(query, (origin, bucket, since)).fetchone()
    return int(count)
