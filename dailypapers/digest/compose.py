"""From an issue to its mail: headers, parts and bytes."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Final, NamedTuple

from .message import Headers, alternative_message, format_date, plain_message
from .model import Issue, Subscription
from .outbox import NewMail
from .render import Parts, render
from .tokens import Tokens

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/dailypapers/dailypapers#mail")
_NOT_IN_LIST_ID: Final = re.compile(r"[^a-z0-9-]+")


class Sender(NamedTuple):
    """Who the mails come from, and where their links lead."""

    address: str
    name: str
    """The name beside the address; empty for none."""
    base_url: str
    """Where `mail serve` is reached, without a slash at its end."""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


def compose_issue(issue: Issue, sender: Sender, tokens: Tokens) -> NewMail:
    """The mail of an issue. The same issue gives the same bytes."""
    subscription = issue.subscription
    name = f"{subscription.id}\nissue\n{issue.cut:%Y-%m-%dT%H:%M:%SZ}"
    parts = render_issue(issue, sender, tokens)
    list_id = _NOT_IN_LIST_ID.sub("-", subscription.series.folder.as_posix().lower())
    headers: Headers = [
        *_headers(subscription, sender, parts.subject, issue.cut, name),
        ("List-Id", f"<{list_id}.{sender.domain.lower()}>"),
        ("List-Unsubscribe", f"<{_unsubscribe_url(subscription, sender, tokens)}>"),
        # https://www.rfc-editor.org/rfc/rfc8058#section-3.1
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    ]
    boundary = uuid.uuid5(_NAMESPACE, f"boundary\n{name}").hex
    message = alternative_message(headers, parts.text, parts.html, boundary=boundary)
    return NewMail("issue", issue.cut, _message_id(name, sender), message)


def render_issue(issue: Issue, sender: Sender, tokens: Tokens) -> Parts:
    """The parts of the mail of an issue, as people read them."""
    return render(issue, _unsubscribe_url(issue.subscription, sender, tokens))


def compose_confirmation(subscription: Subscription, sender: Sender, token: str, now: datetime) -> NewMail:
    """The mail that asks whether an address wants a subscription that somebody made on the web."""
    name = f"{subscription.id}\nconfirmation\n{now:%Y-%m-%dT%H:%M:%SZ}"
    headers = _headers(subscription, sender, "Confirm your subscription to new papers", now, name)
    text = (
        f"Somebody, probably you, asked to send new papers ({subscription.series.source}) to this address.\n\n"
        f"To confirm, open this page within 48 hours and press the button:\n\n{sender.base_url}/confirm/{token}\n\n"
        "If it was not you, do nothing: this address gets no other mail.\n"
    )
    return NewMail("confirmation", now, _message_id(name, sender), plain_message(headers, text))


def _headers(subscription: Subscription, sender: Sender, subject: str, date: datetime, name: str) -> Headers:
    return [
        ("From", f'"{sender.name}" <{sender.address}>' if sender.name else sender.address),
        ("To", subscription.address),
        ("Subject", subject),
        ("Date", format_date(date)),
        ("Message-ID", _message_id(name, sender)),
        # https://www.rfc-editor.org/rfc/rfc3834#section-5
        ("Auto-Submitted", "auto-generated"),
    ]


def _message_id(name: str, sender: Sender) -> str:
    return f"<{uuid.uuid5(_NAMESPACE, name)}@{sender.domain.lower()}>"


def _unsubscribe_url(subscription: Subscription, sender: Sender, tokens: Tokens) -> str:
    return f"{sender.base_url}/unsubscribe/{tokens.make('unsubscribe', subscription.id)}"
