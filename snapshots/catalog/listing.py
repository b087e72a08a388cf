"""One paper on one day of one series, as the catalog stores it, and the lines of day files that it points to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import BinaryIO, Final, NamedTuple
from zlib import adler32, crc32

import orjson

from dailypapers.snapshots.store.layout import Series, Store

from .fields import CHANGE_DAYS, EMPTY_RECORD, FIELDS, mask_of
from .keys import DOI, stated_doi
from .model import Record

MAX_OPEN_FILES: Final = 64


class FirstSeen(NamedTuple):
    """When the days of a series first showed their papers."""

    listings: list[tuple[str, str, str]]
    """`first_seen` (`2025-12-10T09:07:00Z`), day and key, sorted."""
    built: dict[str, str]
    """The sha256 of each day's file as it was taken in; empty for a day that could not be: its listings are missing."""


class ListingRow(NamedTuple):
    """A row of the table `listing`."""

    series: int
    day: str
    key: str
    paper: int
    """0 while it is not known."""
    rank: int | None
    first_seen: str
    last_seen: str | None
    observed: str
    """Time of the newest look that the record stands for."""
    upvotes: int | None
    comments: int | None
    github_stars: int | None
    arxiv_version: int | None
    doi: str | None
    """As a key; not one that arXiv gave."""
    title: int
    """Number of the normalised title."""
    fields: int
    """Which fields have a value, as bits."""
    offset: int
    length: int
    """Place of its line in the day file."""
    digest: int
    """Of its line."""

    def with_paper(self, paper: int) -> ListingRow:
        """The row as one of this paper; `_replace` takes four times as long."""
        return ListingRow._make((*self[:3], paper, *self[4:]))


LISTING_COLUMNS: Final = ", ".join(ListingRow._fields)
INSERT: Final = f"INSERT INTO listing({LISTING_COLUMNS}) VALUES({', '.join('?' * len(ListingRow._fields))})"


def select(connection: sqlite3.Connection, condition: str, values: Iterable[object]) -> Iterator[ListingRow]:
    """The listings that meet an SQL condition."""
    return map(
        ListingRow._make, connection.execute(f"SELECT {LISTING_COLUMNS} FROM listing WHERE {condition}", tuple(values))
    )


def row_of(series: int, day: str, record: Record, title: int, as_of: str, place: Place) -> ListingRow:
    """The row of a record, whose paper is not known yet."""
    key, first_seen = record["key"], record["first_seen"] or as_of
    observed = record["last_seen"] or _observed(record["source"], day, first_seen, as_of)
    doi = stated_doi(record["doi"]) or (stated_doi(key) if key.startswith(DOI) else None)
    return ListingRow(
        series, day, key, 0, record["rank"], first_seen, record["last_seen"], observed, record["upvotes"],
        record["comments"], record["github_stars"], record["arxiv_version"], doi, title,
        mask_of(record), *place,
    )  # fmt: skip


def _observed(source: str, day: str, first_seen: str, as_of: str) -> str:
    # After the day, the record may have changed and left it, which no later look at the day tells. A record is under a
    # later day only after it has left the earlier ones, so that the newest change has the newest time.
    return max(first_seen, min(as_of, f"{day}T23:59:59Z")) if source in CHANGE_DAYS else as_of


class Place(NamedTuple):
    """Where a line is in its day file, and its digest."""

    offset: int
    length: int
    digest: int


def places(content: bytes) -> Iterator[tuple[bytes, Place]]:
    """The lines of a day file, each with its place."""
    offset = 0
    for text in content.split(b"\n"):
        if text:
            yield text, Place(offset, len(text), digest_of(text))
        offset += len(text) + 1


def parsed(text: bytes) -> Record:
    """The record of a line; fields that an older version did not have are empty."""
    record: Record = orjson.loads(text)
    return record if len(record) == len(FIELDS) else {**EMPTY_RECORD, **record}


def digest_of(text: bytes) -> int:
    """A signed number of 64 bits, of two checksums that are a quarter of the time of a hash."""
    return (crc32(text) << 32 | adler32(text)) - (1 << 63)


class ChangedFileError(Exception):
    """A day file is no longer the one whose lines the catalog knows."""

    def __init__(self, series: int, day: str) -> None:
        super().__init__(f"{series} {day}")
        self.series = series
        self.day = day


class Lines:
    """Reads single lines of day files; those of the days at hand are given."""

    def __init__(self, store: Store, series: Mapping[int, Series]) -> None:
        self._store, self._series = store, series
        self._files: dict[tuple[int, str], BinaryIO] = {}
        self.known: dict[tuple[int, str, str], Record] = {}
        """Records by series, day and key."""

    def record(self, row: ListingRow) -> Record:
        """The record of a listing. Raises ChangedFileError if its line is no longer where it was."""
        known = self.known.get((row.series, row.day, row.key))
        if known is not None:
            return known
        try:
            file = self._open(row)
            file.seek(row.offset)
            text = file.read(row.length)
        except OSError:
            text = b""
        if digest_of(text) != row.digest:
            raise ChangedFileError(row.series, row.day)
        return parsed(text)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            with suppress(OSError):
                file.close()
        self._files.clear()

    def _open(self, row: ListingRow) -> BinaryIO:
        place = row.series, row.day
        if place not in self._files:
            if len(self._files) >= MAX_OPEN_FILES:
                self.close()
            path = self._store.papers(self._series[row.series], date.fromisoformat(row.day))
            self._files[place] = path.open("rb", buffering=0)
        return self._files[place]


_ARE_NEW: Final = """
    AND first_seen >= :since AND day IN (
        SELECT day FROM built JOIN series ON series.id = built.series WHERE folder = :folder AND as_of >= :since)
    AND NOT EXISTS (SELECT 1 FROM listing AS old WHERE old.paper = new.paper AND old.series = new.series
        AND old.key = new.key AND old.first_seen < :since)
"""


def first_seen(connection: sqlite3.Connection, folder: str, since: str = "") -> FirstSeen:
    """When each day of a series, named by its folder, first showed each key; of no key that was seen before `since`."""
    series = "(SELECT id FROM series WHERE folder = :folder)"
    rows = (
        f"SELECT first_seen, day, key FROM listing AS new WHERE series = {series} {_ARE_NEW if since else ''}"
        " ORDER BY first_seen, day, key"
    )
    built = f"SELECT day, CASE WHEN problem IS NULL THEN sha256 ELSE '' END FROM built WHERE series = {series}"
    values = {"folder": folder, "since": since}
    return FirstSeen(connection.execute(rows, values).fetchall(), dict(connection.execute(built, values)))
