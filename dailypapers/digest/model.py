"""The nouns of the digest, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal, NamedTuple

from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.snapshots.catalog.catalog import Catalog
    from dailypapers.snapshots.catalog.model import CatalogPaper


class DigestError(Exception):
    """Base of the errors of the digest."""


class InvalidValueError(DigestError, ValueError):
    """A value that a user gave is wrong: an address, a time, a zone, an entry of `mail.yaml`."""


class RelayError(DigestError):
    """The mail relay cannot be reached, refuses the password, or refuses the sender: no mail can be sent."""


SubscriptionState = Literal["pending", "active", "paused"]
"""Unconfirmed, receiving mail, or paused after three mails in a row were refused."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One listing, or one search in it, for one address at one time of day."""

    id: str
    """32 hex digits, chosen at random."""
    number: int
    """Its number for messages and logs, which name no address."""
    address: str
    series: Series
    search: str | None
    """Only papers that match these words; all if None."""
    at: time
    zone: str
    """A name of the IANA database."""
    always: bool
    """Whether a mail is sent when nothing is new."""
    state: SubscriptionState
    created: datetime
    refusals: int
    """Mails in a row that were refused for good."""
    cursor: str | None
    """The place among the catalog's arrivals after the last issue; None before the first."""
    last_cut: datetime | None
    """The time of the last issue, whether it was sent or had nothing new; None before the first."""


class DayState(NamedTuple):
    """What is known of a day at the time of an issue."""

    day: date
    words: str
    """One sentence: its state, the reason, and what to expect."""


class DigestPaper(NamedTuple):
    """A paper of an issue. Texts are as the site lists them; links are http or https, or None."""

    keys: tuple[str, ...]
    """Every key that leads to the paper, its own first."""
    title: str
    authors: str
    summary: str
    organization: str | None
    upvotes: int | None
    day: date
    """The day, or the first day of the week or month, that lists it."""
    first_seen: datetime
    late: str | None
    """Why it is late, in words; None for a paper that is not."""
    url: str | None
    pdf_url: str | None
    code_url: str | None


class Issue(NamedTuple):
    """The content of one mail."""

    subscription: Subscription
    cut: datetime
    """The time that the subscriber chose, on the day of the issue (UTC)."""
    new: tuple[DigestPaper, ...]
    late: tuple[DigestPaper, ...]
    days: tuple[DayState, ...]
    missed: tuple[date, ...]
    """Local days since the last issue on which no mail was made."""

    @property
    def papers(self) -> tuple[DigestPaper, ...]:
        """The papers of both sections."""
        return self.new + self.late


class Arrived(NamedTuple):
    """The papers that came to a series after a cursor, and the place after them."""

    papers: list[CatalogPaper]
    cursor: str


@dataclass(frozen=True, slots=True)
class Listings:
    """What the digest reads of a store."""

    catalog: Catalog
    end_of: Callable[[Series, date], datetime]
    """The first instant after the listing that begins on a day."""
    day_states: Callable[[Series, date, date, datetime], list[DayState]]
    """The states of the days of a series from one day to another (included), at a time."""
    arrived: dict[tuple[Series, str], Arrived] = field(default_factory=dict)
    """What came after a cursor, for the next subscription with the same cursor."""
