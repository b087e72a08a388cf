"""One day of a series, as it is read from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import orjson

from dailypapers.publish.links import clean
from parsers.versions import SCHEMA
from snapshots.certificate import Certificate
from snapshots.errors import StoreError
from snapshots.reader import verified_day
from snapshots.store.layout import Store
from snapshots.store.reading import read_whole, split_lines

from .listing import Listing, Row
from .paper_view import PaperView

_ASCII: Final = bytes(range(128))


@dataclass(frozen=True, eq=False)
class ListingDay:
    """One day of a series, with its records in the order of the listing."""

    listing: Listing
    day: date
    certificate: Certificate = field(repr=False)
    certificate_content: bytes = field(repr=False)
    """The file of the certificate."""
    content: bytes = field(repr=False)
    """The day file."""
    rows: Sequence[Row] = field(repr=False)

    @property
    def name(self) -> str:
        """Series and day, which identify it within the site."""
        return f"{self.listing.folder}/{self.day}"

    @cached_property
    def papers(self) -> Sequence[PaperView]:
        """The records as pages show them, in the order of `rows`."""
        return [PaperView(row, self.listing, self.day, self.first_fetch) for row in self.rows]

    @cached_property
    def first_fetch(self) -> datetime | None:
        """The time of the earliest fetch of the listing; None if the certificate names none."""
        # Instants of a store are text of one form, which sorts by time.
        first = min((fetch["at"] for fetch in self.certificate["fetches"]), default=None)
        return None if first is None else datetime.fromisoformat(first)


def read_listing_day(store: Store, listing: Listing, day: date) -> ListingDay:
    """A day whose files are those that its certificate names. Raises StoreError if it is damaged, or went away."""
    read = verified_day(store, listing.series, day)
    if read is None:
        raise StoreError(f"{store.certificate(listing.series, day)} went away while it was read; run this again")
    rows = sorted(map(_row, split_lines(read.papers)), key=_place)
    is_older = read.certificate["schema"] < SCHEMA
    # The bytes that the certificate names, not those of this version.
    content = read_whole(store.papers(listing.series, day)) if is_older else read.papers
    return ListingDay(listing, day, read.certificate, read.text, content, rows)


def keys_in(content: bytes) -> set[str]:
    """The keys of a day file."""
    return {orjson.loads(line)["key"] for line in split_lines(content)}


def _place(row: Row) -> tuple[bool, int, int, str]:
    """By rank; papers that only the page shows come after those, by upvotes."""
    return row["rank"] is None, row["rank"] or 0, -(row["upvotes"] or 0), row["key"]


def _row(line: bytes) -> Row:
    row: Row = orjson.loads(line)
    if _is_clean(line):
        return row
    # The key identifies the paper; no page shows it.
    return {**_cleaned(row), "key": row["key"]}


def _is_clean(line: bytes) -> bool:
    """Whether no text of a line of JSON has a character that HTML does not allow, plain or as an escape.

    False for any escape but that of a quote or a backslash: it may be that of such a character.
    """
    escapes = line.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in line else b""
    if b"\\" in escapes or b"\x7f" in line:
        return False
    beyond_ascii = line.translate(None, _ASCII).decode()
    return clean(beyond_ascii) == beyond_ascii


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with U+FFFD for characters that HTML does not allow."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, Mapping):
        return {clean(name): _cleaned(each) for name, each in value.items()}
    return value
