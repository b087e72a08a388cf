"""The feed of days: an entry for each day that closed, is empty or is in doubt, as its certificate says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dailypapers.outputs.topics import FeedSeries

from . import atom
from .atom import Xml
from .day_events import DayFacts
from .document import EPOCH, Head
from .entry import urn

NEWEST: Final = 100
"""Entries at most."""


def days_document(head: Head, feed: FeedSeries, sights: Mapping[str, DayFacts], pages: str | None = None) -> bytes:
    """The days of a series that got into such a state last; `pages` is a link to the folder of their pages."""
    events = [(known.since, day) for day, known in sights.items() if known.since]
    newest = sorted(events, reverse=True)[:NEWEST]
    entries = [_entry(feed, day, sights[day], since, pages) for since, day in newest]
    return atom.feed_document(head, newest[0][0] if newest else EPOCH, entries)


def _entry(feed: FeedSeries, day: str, known: DayFacts, since: str, pages: str | None) -> Xml:
    return atom.simple_entry(
        # A doubt and its end are two entries: a reader shows both as new.
        identity=urn(f"{feed.name} {day} {known.state}"),
        title=_title(feed, day, known),
        at=since,
        category=known.state,
        content=f"{feed.series} {day} is {known.state}: {known.reason}.",
        page=f"{pages}/{day}.html" if pages is not None else None,
    )


def _title(feed: FeedSeries, day: str, known: DayFacts) -> str:
    count = f"{known.papers} paper{'s' * (known.papers != '1')}"
    return {
        "closed": f"{feed.series} {day}: closed, {count}",
        "empty": f"{feed.series} {day}: empty",
        "partial": f"{feed.series} {day}: in doubt, {count} so far",
    }[known.state]
