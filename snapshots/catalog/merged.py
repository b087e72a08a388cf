"""The record of a paper, merged from all its listings: of each field the best source's, and never null over a value.

The masks of the listings tell which one has a field, so that only the lines that are needed are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Final, NamedTuple

from .fields import ARXIV_FIRST, BIT, EMPTY_RECORD, FIELDS, INEXACT_DAYS, NUMBERS, SITE_FIRST, family, source_rank
from .listing import ListingRow
from .model import Record

FIRST: Final = ("source", "day", "rank")
"""Fields that are those of the first listing."""
_SITE_FAMILIES: Final = (2, 0, 1)
"""For each family its place where the listing sites are asked first, then copied text, then arXiv."""

Origins = Mapping[str, ListingRow]
"""By field with a value: the listing that it is taken from."""


def origins(rows: Sequence[ListingRow], folders: Mapping[int, str]) -> dict[str, ListingRow]:
    """The listing that each field of a paper is taken from; `folders` are those of the series, by number."""
    if len(rows) == 1:
        return {name: rows[0] for name in FIELDS if rows[0].fields & BIT[name]}
    sources = {row.series: folders[row.series].split("/")[0] for row in rows}
    newest = sorted(rows, key=lambda row: (source_rank(sources[row.series]), folders[row.series], row.day, row.key))
    newest.sort(key=lambda row: row.observed, reverse=True)
    arxiv_first = sorted(newest, key=lambda row: family(sources[row.series]))
    site_first = sorted(newest, key=lambda row: _SITE_FAMILIES[family(sources[row.series])])
    found = dict.fromkeys(FIRST, first_listing(rows, folders))
    for names, order in ((NUMBERS, newest), (ARXIV_FIRST, arxiv_first), (SITE_FIRST, site_first)):
        found |= {name: row for name in names if (row := _having(name, order)) is not None}
    published = _published(arxiv_first)
    if published is not None:
        found |= {"published": published, "published_inferred": published}
    withdrawn = _withdrawn(newest, {number for number, source in sources.items() if family(source) == 0})
    if withdrawn is not None:
        found["withdrawn"] = withdrawn
    return found


class MergedPaper(NamedTuple):
    """What the catalog has of a paper."""

    key: str
    first_day: date
    observed: str
    """Time of the newest look at any of its listings."""
    record: Record


def merge_listings(
    key: str, rows: Sequence[ListingRow], folders: Mapping[int, str], record: Callable[[ListingRow], Record]
) -> MergedPaper:
    """A paper of its listings; `record` reads that of one of them."""
    if len(rows) == 1:
        # Nearly all papers have one listing.
        row = rows[0]
        fields = {**record(row), "key": key, "first_seen": row.first_seen}
        if not row.fields & BIT["announce_type"]:
            fields["announce_type"] = None
        return MergedPaper(key, date.fromisoformat(row.day), row.observed, fields)
    found = origins(rows, folders)
    records = {row: record(row) for row in set(found.values())}
    fields = {**EMPTY_RECORD, **{name: records[row][name] for name, row in found.items()}}
    if fields["arxiv_version"] is not None:
        fields["arxiv_version"] = max(row.arxiv_version or 1 for row in rows)
    fields["key"] = key
    fields["first_seen"] = min(row.first_seen for row in rows)
    last = [row.last_seen for row in rows if row.last_seen is not None]
    fields["last_seen"] = max(last) if len(last) == len(rows) else None
    return MergedPaper(key, first_day(rows, folders), max(row.observed for row in rows), fields)


def first_listing(rows: Sequence[ListingRow], folders: Mapping[int, str]) -> ListingRow:
    """The listing of the earliest day; one whose day is not exact counts only if there is no other."""

    def order(row: ListingRow) -> tuple[bool, str, int, str, str]:
        source = folders[row.series].split("/")[0]
        return source in INEXACT_DAYS, row.day, source_rank(source), folders[row.series], row.key

    return min(rows, key=order)


def first_day(rows: Sequence[ListingRow], folders: Mapping[int, str]) -> date:
    """The day of the first listing."""
    return date.fromisoformat((rows[0] if len(rows) == 1 else first_listing(rows, folders)).day)


def _having(name: str, order: Sequence[ListingRow]) -> ListingRow | None:
    bit = BIT[name]
    return next((row for row in order if row.fields & bit), None)


def _withdrawn(newest: Sequence[ListingRow], arxiv: Collection[int]) -> ListingRow | None:
    """The newest that says whether the paper is withdrawn, or a newer one of a higher version: that lifts it."""
    found = _having("withdrawn", newest)
    if found is None or found.arxiv_version is None:
        return found
    newer = takewhile(lambda row: row is not found, newest)
    return next((row for row in newer if row.series in arxiv and (row.arxiv_version or 0) > found.arxiv_version), found)


def _published(order: Sequence[ListingRow]) -> ListingRow | None:
    """One whose year is certain, if there is one."""
    certain = BIT["published"] | BIT["published_inferred"]
    dated = [row for row in order if row.fields & BIT["published"]]
    return next((row for row in dated if row.fields & certain == BIT["published"]), dated[0] if dated else None)
