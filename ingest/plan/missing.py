"""Papers of one source that another one, which knows them by their arXiv ids, has not described yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Series, Store


def missing_ids(store: Store, listings: Iterable[Series], described: Series) -> dict[str, datetime | None]:
    """The arXiv ids in the listings that `described` has not, or has in an older version; the newest ids first.

    Each comes with the time at which a listing first showed the newest version. Raises StoreError for a line of a day
    file that is not a record.
    """
    known = _newest_versions(store, [described])
    listed = _newest_versions(store, listings)
    missing = {each: seen for each, (version, seen) in listed.items() if each not in known or known[each][0] < version}
    return dict(sorted(missing.items(), reverse=True))


def _newest_versions(store: Store, listings: Iterable[Series]) -> dict[str, tuple[int, datetime | None]]:
    """The newest version of each arXiv id, 0 if no record has one, and when the first day that shows it was seen."""
    newest: dict[str, tuple[int, datetime | None]] = {}
    for paper in chain.from_iterable(read_range(store, series) for series in listings):
        version = paper.arxiv_version or 0
        if paper.arxiv_id is not None and (paper.arxiv_id not in newest or newest[paper.arxiv_id][0] < version):
            newest[paper.arxiv_id] = version, paper.first_seen
    return newest
