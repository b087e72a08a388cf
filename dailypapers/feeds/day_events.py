"""What the feeds take from the certificate of a day: its first fetch, and since when it is closed or in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from dailypapers.outputs.topics import FeedSeries
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.completeness.state import Bounds, state_of, summaries
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import verified_day
from dailypapers.snapshots.store.layout import Store

DECIDED: Final = frozenset({"closed", "empty", "partial"})
"""The states that the feed of days has an entry for."""


class DayEvent(NamedTuple):
    """The day got into its state."""

    since: str
    """Time of the first fetch since which it has been in this state without a break."""
    reason: str
    """As the certificate had it then: later fetches name other times, but nothing happened."""
    papers: int
    """All papers that had been seen by then."""


class DayFacts(NamedTuple):
    """What the feeds know of one day; texts, as the folder's manifest keeps them."""

    mark: str
    """Size and time of the certificate's file when it was read."""
    papers_file: str
    """The sha256 of its day file."""
    first_fetch: str
    """Time of the earliest fetch, as in the certificate."""
    state: str
    since: str
    """Since when it has been closed, empty or partial without a break; empty in any other state."""
    reason: str
    papers: str
    """Their number at that time."""


def read_facts(store: Store, feed: FeedSeries, day: date) -> Sequence[str]:
    """The facts of a day, without the mark. Raises StoreError for a day that is not as it was built."""
    built = verified_day(store, feed.series, day)
    if built is None:
        raise StoreError(f"{store.certificate(feed.series, day)}: gone while it was read; run the same command again")
    certificate = built.certificate
    event = day_event(certificate, feed.bounds(day)) or DayEvent("", certificate["reason"], certificate["papers"])
    first_fetch = min((fetch["at"] for fetch in certificate["fetches"]), default=certificate["as_of"])
    papers_file = certificate["files"]["papers"]["sha256"]
    return papers_file, first_fetch, certificate["state"], event.since, event.reason, f"{event.papers}"


def facts_of(store: Store, feed: FeedSeries, days: Iterable[str]) -> dict[str, DayFacts]:
    """The facts of some days by their names, read from the store. Raises StoreError as `read_facts` does."""
    return {day: DayFacts("", *read_facts(store, feed, date.fromisoformat(day))) for day in days}


def day_event(certificate: Certificate, bounds: Bounds) -> DayEvent | None:
    """When a day got into its state; None for an open or settling day."""
    if certificate["state"] not in DECIDED:
        return None
    fetches = summaries(certificate["fetches"])
    event = None
    for number in range(len(fetches), 0, -1):
        state = state_of(fetches[:number], bounds, fetches[number - 1].at)
        if state.name != certificate["state"]:
            break
        papers = sum(fetch.new for fetch in fetches[:number])
        event = DayEvent(certificate["fetches"][number - 1]["at"], state.reason, papers)
    return event
