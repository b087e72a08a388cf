"""The subscriptions in the database."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import datetime, time
from typing import NamedTuple

from dailypapers.snapshots.store.layout import Series

from .database import transaction
from .issues import parse_time, parse_zone
from .message import check_address
from .model import DigestError, Subscription, SubscriptionState


class NewSubscription(NamedTuple):
    """What a subscription is made of."""

    address: str
    series: Series
    search: str | None = None
    at: str = "07:00"
    zone: str = "UTC"
    always: bool = False


class Subscriptions:
    """Reads and changes them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, new: NewSubscription, now: datetime, state: SubscriptionState = "active") -> Subscription:
        """Add a subscription.

        One that is the same in address, series and search gets the new time, zone and state and keeps what it has had.
        Raises InvalidValueError.
        """
        check_address(new.address)
        at = parse_time(new.at)
        parse_zone(new.zone)
        with transaction(self._connection):
            return self.put(new, at, now, state)

    def put(self, new: NewSubscription, at: time, now: datetime, state: SubscriptionState) -> Subscription:
        """The same inside a transaction, for values that were checked."""
        same = "lower(address) = lower(?) AND source = ? AND query IS ? AND search IS ?"
        which = (new.address, new.series.source, new.series.query, new.search)
        row = self._connection.execute(f"SELECT number FROM subscription WHERE {same}", which).fetchone()
        values = (f"{at:%H:%M}", new.zone, int(new.always), state)
        if row is not None:
            update = "UPDATE subscription SET at = ?, zone = ?, always = ?, state = ?, refusals = 0 WHERE number = ?"
            self._connection.execute(update, (*values, row["number"]))
            return self._one(row["number"])
        insert = (
            "INSERT INTO subscription(id, address, source, query, search, at, zone, always, state, created)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        cursor = self._connection.execute(insert, (uuid.uuid4().hex, *which, *values, format_instant(now)))
        return self._one(cursor.lastrowid or 0)

    def all(self) -> list[Subscription]:
        """Every subscription, in the order of their numbers."""
        return list(map(_subscription, self._connection.execute("SELECT * FROM subscription ORDER BY number")))

    def by_id(self, identifier: str) -> Subscription | None:
        """The subscription with that id."""
        row = self._connection.execute("SELECT * FROM subscription WHERE id = ?", (identifier,)).fetchone()
        return _subscription(row) if row is not None else None

    def confirm(self, identifier: str) -> None:
        """Make a pending subscription active."""
        with transaction(self._connection):
            update = "UPDATE subscription SET state = 'active' WHERE id = ? AND state = 'pending'"
            self._connection.execute(update, (identifier,))

    def remove(self, identifier: str) -> None:
        """End a subscription: nothing of it is left."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM subscription WHERE id = ?", (identifier,))

    def forget(self, address: str) -> int:
        """Remove everything about an address; returns the number of its subscriptions."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM signup WHERE address = lower(?)", (address,))
            deleted = self._connection.execute("DELETE FROM subscription WHERE lower(address) = lower(?)", (address,))
            return deleted.rowcount

    def remove_pending(self, before: datetime) -> None:
        """Remove the subscriptions that were made before a time and never confirmed."""
        with transaction(self._connection):
            delete = "DELETE FROM subscription WHERE state = 'pending' AND created < ?"
            self._connection.execute(delete, (format_instant(before),))

    def _one(self, number: int) -> Subscription:
        row = self._connection.execute("SELECT * FROM subscription WHERE number = ?", (number,)).fetchone()
        return _subscription(row)


def format_instant(instant: datetime) -> str:
    """A time as the database has it, ISO 8601 in UTC, which sorts as the times do."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _subscription(row: sqlite3.Row) -> Subscription:
    try:
        return _parsed(row)
    except (TypeError, ValueError) as error:
        problem = f"subscription {row['number']} in mail.sqlite is damaged ({error})"
        raise DigestError(f"{problem}; restore the file from a copy") from error


def _parsed(row: sqlite3.Row) -> Subscription:
    return Subscription(
        id=row["id"],
        number=row["number"],
        address=row["address"],
        series=Series(row["source"], row["query"]),
        search=row["search"],
        at=parse_time(row["at"]),
        zone=row["zone"],
        always=bool(row["always"]),
        state=row["state"],
        created=datetime.fromisoformat(row["created"]),
        refusals=row["refusals"],
        cursor=row["cursor"],
        last_cut=datetime.fromisoformat(row["last_cut"]) if row["last_cut"] else None,
    )
