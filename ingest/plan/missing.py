"""Papers of one source that another one, which knows them by their arXiv ids, has not described yet."""

from __future__ import annotations

from collections.abc import Iterable

from snapshots.reader import read_range
from snapshots.store.layout import Series, Store


def missing_ids(store: Store, listings: Iterable[Series], described: Series) -> list[str]:
    """The arXiv ids in the listings that `described` has not, or has in an older version; the newest ids first.

    Raises StoreError for a line of a day file that is not a record.
    """
    known: dict[str, int] = {}
    for paper in read_range(store, described):
        if paper.arxiv_id is not None:
            known[paper.arxiv_id] = max(known.get(paper.arxiv_id, 0), paper.arxiv_version or 0)
    listed: dict[str, int] = {}
    for series in listings:
        for paper in read_range(store, series):
            if paper.arxiv_id is not None:
                listed[paper.arxiv_id] = max(listed.get(paper.arxiv_id, 0), paper.arxiv_version or 0)
    return sorted((each for each, version in listed.items() if known.get(each, -1) < version), reverse=True)
