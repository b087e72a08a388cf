"""One document for stdout: no file is written or remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from dailypapers.outputs.series import FeedSeries
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.catalog.model import Arrival, Cursor, Listing
from dailypapers.snapshots.store.layout import Store

from .archives import LIVE_MAX, FirstSight, chosen, first_sights, newest
from .day_events import facts_of
from .document import Head, with_slash
from .entry import urn
from .folder import WRITERS
from .papers import entries_of


class Continued(NamedTuple):
    """A document of the papers that arrived after a cursor."""

    content: bytes
    cursor: Cursor
    """Where the next document begins."""
    resync: bool
    """Whether it may repeat papers: the catalog is another one than that of the cursor."""
    more: bool
    """Whether more papers have arrived already."""


def live_document(
    store: Store, feed: FeedSeries, format_: str, *, base_url: str | None = None, search: str | None = None
) -> bytes:
    """The newest papers of a series as its live document has them, in `atom`, `rss` or `json`; or those of a search.

    Raises StoreError for a day that cannot be read.
    """
    sights = first_sights(store, feed)
    if search is not None:
        sights = chosen(sights, _matching_keys(store, feed, search))
    shown = newest(sights)
    entries = entries_of(store, feed, facts_of(store, feed, {sight.day for sight in shown}), shown)
    return WRITERS[format_](_document_head(feed, format_, base_url, search), entries)


def arrivals_document(
    store: Store, feed: FeedSeries, format_: str, since: Cursor | None, *, search: str | None = None
) -> Continued:
    """The papers of which the store learned after a cursor (None: all), 1,000 at most, the newest first.

    Raises StoreError for a day that cannot be read.
    """
    with open_catalog(store) as catalog:
        arrivals = catalog.arrivals(since, feed.series, limit=LIVE_MAX)
        keys = None if search is None else catalog.matching_keys(search, feed.series)
    listings = [_first_listing(arrival) for arrival in arrivals.entries]
    sights = sorted(FirstSight(timestamp(each.first_seen), f"{each.day}", [each.key]) for each in listings)
    days = facts_of(store, feed, {f"{listing.day}" for listing in listings})
    entries = entries_of(store, feed, days, sights if keys is None else chosen(sights, keys))
    place = {"cursor": f"{arrivals.cursor}", "resync": arrivals.resync, "more": arrivals.more}
    head = replace(_document_head(feed, format_, None, search), arrivals=place)
    return Continued(WRITERS[format_](head, entries), arrivals.cursor, arrivals.resync, arrivals.more)


def _first_listing(arrival: Arrival) -> Listing:
    """The listing that first showed a paper in the series in which it arrived."""
    own: Iterable[Listing] = (listing for listing in arrival.paper.listings if listing.series == arrival.series)
    return min(own, key=lambda listing: (listing.first_seen, listing.day))


def _matching_keys(store: Store, feed: FeedSeries, search: str) -> frozenset[str]:
    with open_catalog(store) as catalog:
        return catalog.matching_keys(search, feed.series)


def _document_head(feed: FeedSeries, format_: str, base_url: str | None, search: str | None) -> Head:
    """A document of a search has no address: it is not the feed of the series."""
    address = f"{with_slash(base_url)}feeds/{feed.name}.{format_}" if base_url is not None else None
    return Head(
        id=urn(f"feed {feed.name}" if search is None else f"search {feed.name} {search}"),
        title=feed.title if search is None else f"{search} - {feed.title}",
        page=feed.page,
        link=address if search is None else None,
    )
