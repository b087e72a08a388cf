"""`mail send`: make the issues that are due, then hand every mail that is due to the relay.

One process sends at a time, under a lock that the kernel releases when it dies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .issues import due_issue, select_issue
from .model import Listings, RelayError, Subscription
from .outbox import Mail, Outbox
from .render import Sender, compose_issue
from .smtp import Delivery
from .tokens import Tokens


class Client(Protocol):
    """Hands over mails; see `smtp.SmtpClient`."""

    def deliver(self, address: str, message: bytes) -> Delivery:
        """Hand over one mail. Raises RelayError if none can be."""
        ...


@dataclass(slots=True)
class SendSummary:
    """What a `mail send` did."""

    issues: int = 0
    """Issues with a mail that were made."""
    mails: Counter[str] = field(default_factory=Counter)
    """Mails by what became of them: sent, deferred, unknown, refused, expired."""
    problems: list[str] = field(default_factory=list)
    """What needs attention; no address is in it."""
    relay_failed: bool = False
    """Mails are waiting because the relay takes none."""


@dataclass(frozen=True, slots=True)
class IssueMaker:
    """Makes issues with their mails."""

    outbox: Outbox
    listings: Listings
    sender: Sender
    tokens: Tokens

    def make_due(self, subscriptions: list[Subscription], now: datetime) -> int:
        """Make the issues that are due, each with its mail in one transaction; returns how many mails there are.

        Raises StoreError as the catalog does.
        """
        return sum(self._make(subscription, now) for subscription in subscriptions if subscription.state == "active")

    def _make(self, subscription: Subscription, now: datetime) -> bool:
        due = due_issue(subscription, now)
        if due is None:
            return False
        selected = select_issue(self.listings, subscription, due, self.outbox.sent_keys(subscription), now)
        is_sent = bool(selected.issue.papers) or subscription.always
        mail = compose_issue(selected.issue, self.sender, self.tokens) if is_sent else None
        return self.outbox.add_issue(selected.issue, selected.cursor, mail) and is_sent


def send_mails(outbox: Outbox, client: Client, clock: Callable[[], datetime], summary: SendSummary) -> None:
    """Hand every mail that is due to the relay, until it takes no more."""
    for mail in outbox.due(clock()):
        if not outbox.mark_sending(mail, clock()):
            continue
        try:
            delivery = client.deliver(mail.address, outbox.message(mail))
        except RelayError as error:
            outbox.mark_waiting(mail, str(error))
            summary.relay_failed = True
            summary.problems.append(str(error))
            return
        _note(outbox, mail, delivery, clock(), summary)


def _note(outbox: Outbox, mail: Mail, delivery: Delivery, now: datetime, summary: SendSummary) -> None:
    outcome: str = delivery.outcome
    match delivery.outcome:
        case "sent":
            outbox.mark_sent(mail, delivery.reply)
        case "refused":
            is_paused = outbox.mark_refused(mail, delivery.reply)
            paused = "; its subscription is paused" if is_paused else ""
            summary.problems.append(
                f"mail {mail.number} to subscriber {mail.subscription} was refused: {delivery.reply}{paused}"
            )
        case "deferred" | "unknown":
            # A mail that may have arrived must not be given up for one that was refused.
            if outbox.mark_deferred(mail, delivery.reply, now, expires=delivery.outcome == "deferred") == "expired":
                outcome = "expired"
                summary.problems.append(
                    f"mail {mail.number} to subscriber {mail.subscription} was not taken for a day: {delivery.reply}"
                )
    summary.mails[outcome] += 1
