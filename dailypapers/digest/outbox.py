"""The mails in the database, and what happened to each.

A mail is `queued`, then `sending` while the relay has not answered, then `sent`, or `refused` (for good), `expired`
(refused for now, for a day) or `dropped` (by a human). One that is `sending` while no sender runs was interrupted:
whether it arrived is not known, so it is sent again, with the same bytes and the same Message-ID.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from .database import transaction
from .model import Issue, Subscription
from .subscriptions import format_instant

MailKind = Literal["issue", "confirmation"]
MailState = Literal["queued", "sending", "sent", "refused", "expired", "dropped"]

MAX_DEFERRAL: Final = timedelta(hours=24)
"""How long a mail that the relay refuses for now is tried ..."""
MIN_TRIES: Final = 5
"""... and how often at least: a clock that is put forward by a day must not give it up."""
MAX_REFUSALS: Final = 3
"""Mails in a row that are refused for good until the subscription is paused."""
_COLUMNS: Final = ", ".join(
    f"mail.{name}"
    for name in (
        "number",
        "subscription",
        "kind",
        "cut",
        "message_id",
        "state",
        "tries",
        "first_try",
        "next_try",
        "reply",
    )
)
"""Without the bytes, which may be many megabytes for all mails together."""
_FIRST_REST: Final = timedelta(minutes=5)
_MAX_REST: Final = timedelta(hours=4)
_KEYS_KEPT: Final = timedelta(days=90)
"""Longer than any paper can still arrive: see `selection.WINDOW`."""


class NewMail(NamedTuple):
    """A mail to send."""

    kind: MailKind
    cut: datetime
    message_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the database."""

    number: int
    subscription: int
    """The number of the subscription."""
    address: str
    kind: MailKind
    cut: datetime
    message_id: str
    state: MailState
    tries: int
    first_try: datetime | None
    next_try: datetime | None
    reply: str | None
    """What the relay answered last."""


class Outbox:
    """Reads and changes the mails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def sent_keys(self, subscription: Subscription) -> set[str]:
        """The keys of the papers that a subscription has had."""
        select = "SELECT key FROM sent_key WHERE subscription = ?"
        return {row["key"] for row in self._connection.execute(select, (subscription.number,))}

    def add_issue(self, issue: Issue, cursor: str, mail: NewMail | None) -> bool:
        """Note an issue, its papers and its mail (None if nothing is to be sent) in one transaction.

        Returns False, and does nothing, if another process has made an issue of the subscription meanwhile, or if it
        has ended.
        """
        number, cut = issue.subscription.number, format_instant(issue.cut)
        with transaction(self._connection):
            if not self._is_unchanged(issue.subscription):
                return False
            if mail is not None:
                self._insert(number, mail)
            keys = {key for paper in issue.papers for key in paper.keys}
            insert = "INSERT OR IGNORE INTO sent_key VALUES(?, ?, ?)"
            self._connection.executemany(insert, [(number, key, cut) for key in sorted(keys)])
            update = "UPDATE subscription SET cursor = ?, last_cut = ? WHERE number = ?"
            self._connection.execute(update, (cursor, cut, number))
            old = format_instant(issue.cut - _KEYS_KEPT)
            self._connection.execute("DELETE FROM sent_key WHERE subscription = ? AND cut < ?", (number, old))
        return True

    def add(self, subscription: Subscription, mail: NewMail) -> None:
        """Add a mail inside a transaction."""
        self._insert(subscription.number, mail)

    def _is_unchanged(self, subscription: Subscription) -> bool:
        select = "SELECT last_cut FROM subscription WHERE number = ? AND state = 'active'"
        row = self._connection.execute(select, (subscription.number,)).fetchone()
        last = format_instant(subscription.last_cut) if subscription.last_cut else None
        return row is not None and row["last_cut"] == last

    def _insert(self, number: int, mail: NewMail) -> None:
        insert = "INSERT INTO mail(subscription, kind, cut, message_id, message, state) VALUES(?, ?, ?, ?, ?, 'queued')"
        values = (number, mail.kind, format_instant(mail.cut), mail.message_id, mail.message)
        self._connection.execute(insert, values)

    def message(self, mail: Mail) -> bytes:
        """The bytes of a mail; none once it is sent or dropped, or its subscription ended."""
        row = self._connection.execute("SELECT message FROM mail WHERE number = ?", (mail.number,)).fetchone()
        return (row["message"] if row is not None else None) or b""

    def due(self, now: datetime) -> list[Mail]:
        """The mails to send now, oldest first. Only who holds the lock of the sender may call this."""
        where = "mail.state IN ('queued', 'sending') AND (next_try IS NULL OR next_try <= ?) AND NOT paused"
        return self._select(where, (format_instant(now),))

    def unsent(self) -> list[Mail]:
        """Every mail that is not sent, oldest first."""
        return self._select("mail.state != 'sent'", ())

    def _select(self, where: str, values: Sequence[str]) -> list[Mail]:
        select = (
            f"SELECT {_COLUMNS}, subscription.address, subscription.state = 'paused' AS paused FROM mail"
            f" JOIN subscription ON subscription.number = mail.subscription WHERE {where} ORDER BY mail.number"
        )
        return list(map(_mail, self._connection.execute(select, values)))

    def mark_sending(self, mail: Mail, now: datetime) -> bool:
        """Note that a mail is handed to the relay; False if it was dropped, or its subscription ended, meanwhile."""
        with transaction(self._connection):
            update = (
                "UPDATE mail SET state = 'sending', tries = tries + 1, first_try = coalesce(first_try, ?)"
                " WHERE number = ? AND state IN ('queued', 'sending')"
            )
            return self._connection.execute(update, (format_instant(now), mail.number)).rowcount == 1

    def mark_sent(self, mail: Mail, reply: str) -> None:
        """Note that the relay took a mail; its bytes are no longer needed."""
        with transaction(self._connection):
            update = "UPDATE mail SET state = 'sent', reply = ?, message = NULL, next_try = NULL WHERE number = ?"
            self._connection.execute(update, (reply, mail.number))
            self._connection.execute("UPDATE subscription SET refusals = 0 WHERE number = ?", (mail.subscription,))

    def mark_deferred(self, mail: Mail, reply: str, now: datetime, *, expires: bool) -> MailState:
        """Note that a mail is to be tried again later; returns `expired` if it was tried for a day and `expires`."""
        is_old = now - (mail.first_try or now) >= MAX_DEFERRAL and mail.tries + 1 >= MIN_TRIES
        state: MailState = "expired" if expires and is_old else "queued"
        rest = min(_FIRST_REST * 2 ** min(mail.tries, 10), _MAX_REST)
        with transaction(self._connection):
            update = "UPDATE mail SET state = ?, reply = ?, next_try = ? WHERE number = ?"
            self._connection.execute(update, (state, reply, format_instant(now + rest), mail.number))
        return state

    def mark_waiting(self, mail: Mail, reply: str) -> None:
        """Note that a mail could not be handed to the relay at all: nothing was tried."""
        with transaction(self._connection):
            update = "UPDATE mail SET state = 'queued', reply = ?, tries = ?, first_try = ? WHERE number = ?"
            first = format_instant(mail.first_try) if mail.first_try else None
            self._connection.execute(update, (reply, mail.tries, first, mail.number))

    def mark_refused(self, mail: Mail, reply: str) -> bool:
        """Note that the relay refused a mail for good; returns whether its subscription is paused now."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE mail SET state = 'refused', reply = ?, next_try = NULL WHERE number = ?", (reply, mail.number)
            )
            self._connection.execute(
                "UPDATE subscription SET refusals = refusals + 1,"
                " state = CASE WHEN refusals + 1 >= ? THEN 'paused' ELSE state END WHERE number = ?",
                (MAX_REFUSALS, mail.subscription),
            )
            select = "SELECT state FROM subscription WHERE number = ?"
            row = self._connection.execute(select, (mail.subscription,)).fetchone()
            return row is not None and row["state"] == "paused"

    def retry(self, numbers: Sequence[int]) -> int:
        """Queue mails again that were not sent (all, if no number is given), and resume their subscriptions."""
        return self._change(
            numbers,
            "UPDATE mail SET state = 'queued', next_try = NULL, first_try = NULL, tries = 0",
            "UPDATE subscription SET state = 'active', refusals = 0 WHERE state = 'paused' AND number IN"
            " (SELECT subscription FROM mail WHERE state = 'queued')",
        )

    def drop(self, numbers: Sequence[int]) -> int:
        """Give up mails that were not sent (all, if no number is given)."""
        return self._change(numbers, "UPDATE mail SET state = 'dropped', message = NULL, next_try = NULL", None)

    def _change(self, numbers: Sequence[int], update: str, then: str | None) -> int:
        chosen = f" AND number IN ({', '.join('?' * len(numbers))})" if numbers else ""
        with transaction(self._connection):
            changed = self._connection.execute(f"{update} WHERE state NOT IN ('sent', 'dropped'){chosen}", numbers)
            if then is not None:
                self._connection.execute(then)
            return changed.rowcount


def _mail(row: sqlite3.Row) -> Mail:
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("first_try", "next_try")}
    return Mail(
        number=row["number"],
        subscription=row["subscription"],
        address=row["address"],
        kind=row["kind"],
        cut=datetime.fromisoformat(row["cut"]),
        message_id=row["message_id"],
        state=row["state"],
        tries=row["tries"],
        first_try=times["first_try"],
        next_try=times["next_try"],
        reply=row["reply"],
    )
