"""One document of the newest papers of a series, for stdout: no file is written or remembered."""

from __future__ import annotations

from snapshots.store.layout import Store

from .archives import newest
from .document import Head
from .entry import urn
from .first_sights import first_sights, read_sights
from .folder import WRITERS
from .papers import entries_of
from .series import FeedSeries


def live_document(store: Store, feed: FeedSeries, format_: str, base_url: str | None = None) -> bytes:
    """The papers of a series as its live document has them, in `atom`, `rss` or `json`.

    Raises StoreError for a day that cannot be read.
    """
    days = read_sights(store, feed)
    entries = entries_of(store, feed, days, newest(first_sights(days)))
    link = base_url and f"{base_url.rstrip('/')}/feeds/{feed.name}.{format_}"
    head = Head(id=urn(f"feed {feed.name}"), title=feed.title, page=feed.page, link=link)
    return WRITERS[format_](head, entries)
