"""What a certificate holds for the eyes of `drift`: how each view looked, and how far views and forms agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final

from ingest.listing.view_reader import ViewReader
from parsers.model import Paper, Structure, timestamp
from snapshots.drift.facts import ViewProfile
from snapshots.drift.profile import MAX_PATHS, presence, printable, profile
from snapshots.view_agreement import Comparison, compare

from .evidence import FetchReading

TIMELY: Final = timedelta(hours=26)
"""A listing fetched up to so long after its end still shows what the site was then; a later look shows fields that
came since, and would make every change seem older than it is."""

Seen = tuple[FetchReading, ViewReader, Structure]


def seen(readings: Sequence[FetchReading], end: datetime) -> dict[str, Seen]:
    """By view the fetch that stands for the listing: the newest before its end that showed items, else the first."""
    chosen: dict[str, tuple[FetchReading, ViewReader]] = {}
    for reading in readings:
        for reader in reading.readers:
            shows = any(page.items for page in reader.parsed)
            if shows and (reader.view.name not in chosen or reading.archived.fetch.at < end):
                chosen[reader.view.name] = (reading, reader)
    return {view: (reading, reader, _structure(reader)) for view, (reading, reader) in chosen.items()}


def profiles(found: dict[str, Seen], end: datetime) -> dict[str, ViewProfile]:
    """The profile of each view; of the strongest with items the values too."""
    order = sorted(found, key=lambda view: [one.name for one in found[view][1].source_day.source.views].index(view))
    return {view: _profile(*found[view], end, shapes=view == order[0]) for view in order}


def _profile(
    reading: FetchReading, reader: ViewReader, structure: Structure, end: datetime, *, shapes: bool
) -> ViewProfile:
    fetch = reading.archived.fetch
    items = [item for page in reader.parsed for item in page.raw]
    return ViewProfile(
        file=reading.archived.path.name,
        at=timestamp(fetch.at),
        at_known=fetch.at_known,
        timely=fetch.at <= end + TIMELY,
        reading=reader.parsed[0].reading,
        items=len(items),
        keys=" ".join(map(printable, structure.keys[:MAX_PATHS])),
        matched=dict(structure.matched),
        fields=profile(items, fetch.day) if shapes else presence(items),
    )


def _structure(reader: ViewReader) -> Structure:
    """That of all its pages: the names are those of the first one, the rest adds up."""
    pages = [page.structure() for page in reader.parsed]
    matched: Counter[str] = Counter()
    for page in pages:
        matched.update(page.matched)
    return Structure(pages[0].keys, dict(matched), [row for page in pages for row in page.second])


def comparisons(listings: dict[str, list[Paper]], found: dict[str, Seen]) -> dict[str, Comparison]:
    """The views of one fetch two by two (`api/html`), and the forms of a page (`html: blob/cards`), field by field."""
    compared = {
        f"{one}/{other}": compare(papers, [paper.__dict__ for paper in others], (one, other))
        for (one, papers), (other, others) in combinations(listings.items(), 2)
    }
    for view, (_, reader, structure) in found.items():
        reading, rows = reader.parsed[0].reading, [row for row in structure.second if row["key"]]
        compared[f"{view}: {reading}/cards"] = compare(reader.papers, rows, (reading, "cards"))
    return {pair: one for pair, one in compared.items() if one.agreement}
