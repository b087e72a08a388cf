"""What a certificate holds for `drift`: a profile of each view, and how far views and forms of a page agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
"""A listing fetched at most so long after its end shows the site as it was then. A later fetch shows fields that were
added since, and would make every change seem older than it is."""

ProfiledView = tuple[FetchReading, ViewReader, Structure]


def profiled_views(readings: Mapping[str, FetchReading]) -> dict[str, ProfiledView]:
    """What to profile of each view, given the fetch to profile."""
    return {view: _profiled_view(view, reading) for view, reading in readings.items()}


def _profiled_view(view: str, reading: FetchReading) -> ProfiledView:
    reader = next(reader for reader in reading.readers if reader.view.name == view)
    return reading, reader, _structure(reader)


def profiles(views: dict[str, ProfiledView], end: datetime) -> dict[str, ViewProfile]:
    """The profile of each view; only that of the first view also profiles the values of fields."""
    order = sorted(views, key=lambda name: [each.name for each in views[name][1].source_day.source.views].index(name))
    return {name: _profile(*views[name], end, shapes=name == order[0]) for name in order}


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
    """The structure of all pages of a view: the keys of the first page, and the sum of the rest."""
    pages = [page.structure() for page in reader.parsed]
    matched: Counter[str] = Counter()
    for page in pages:
        matched.update(page.matched)
    return Structure(pages[0].keys, dict(matched), [row for page in pages for row in page.second])


def comparisons(listings: dict[str, Sequence[Paper]], views: dict[str, ProfiledView]) -> dict[str, Comparison]:
    """How far the views of one fetch agree (`api/html`), and the forms of a page (`html: blob/cards`), by field."""
    compared = {
        f"{first}/{second}": compare(papers, [paper.__dict__ for paper in others], (first, second))
        for (first, papers), (second, others) in combinations(listings.items(), 2)
    }
    for view, (_, reader, structure) in views.items():
        reading, rows = reader.parsed[0].reading, [row for row in structure.second if row["key"]]
        compared[f"{view}: {reading}/cards"] = compare(reader.papers, rows, (reading, "cards"))
    return {pair: each for pair, each in compared.items() if each.agreement}
