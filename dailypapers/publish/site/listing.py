"""What the site is made of: the series that it shows, and one day of a series as it is read from the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import cached_property
from typing import Any, Literal

import orjson

from dailypapers.publish.links import clean
from parsers.versions import SCHEMA
from snapshots.certificate import Certificate
from snapshots.drift.detect import Change
from snapshots.errors import StoreError
from snapshots.reader import verified_day
from snapshots.store.layout import Series, Store
from snapshots.store.reading import read_whole

Period = Literal["day", "week", "month", "now"]
Row = dict[str, Any]
"""A record of a day file, with the names of `parsers.model.Paper`."""


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed of a series: its file in the folder of the site, its media type and its title."""

    href: str
    media_type: str
    title: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A series as the site shows it."""

    series: Series
    title: str
    """What the series is, in a few words."""
    period: Period
    """What one of its days stands for; `now`: the time of the fetch."""
    feeds: tuple[FeedLink, ...] = ()
    folder: str = field(init=False, compare=False)
    """The folder of its pages, relative to the site."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.series.folder.as_posix())

    def end(self, day: date) -> datetime:
        """The first instant after the day, week or month that `day` names."""
        last = {"week": day + timedelta(days=7), "month": (day + timedelta(days=31)).replace(day=1)}
        return datetime.combine(last.get(self.period, day + timedelta(days=1)), time_of_day(), UTC)

    def following(self, day: date) -> date:
        """The day that names the next listing."""
        return self.end(day).date()


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What the caller decides or knows, and this package may not find out itself."""

    listings: Sequence[Listing]
    """The series to show; the first is the front page."""
    version: str
    """Of the program: another one makes every page again."""
    base_url: str | None = None
    """Where the site will be, with a slash at its end; for canonical links."""
    thumbnails: bool = False
    """Show the preview images of the source, which the browser then fetches from its server."""
    changes: Callable[[Series, Sequence[Certificate]], Sequence[Change]] = lambda _, __: ()
    """What changed at the site of a series, from certificates of consecutive days."""
    is_waived: Callable[[Series, date], bool] = lambda _, __: False
    """Whether a day will not be fetched any more."""
    search: bool = True
    """Whether to make the search index."""
    marks: Callable[[Series], Mapping[str, str] | None] = lambda _: None
    """The marks of the certificates of a series, if they were read before."""


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
    def whole_after_end(self) -> str | None:
        """When it was first seen whole after it had ended, as in the certificate; None if it was not yet."""
        # Instants of a store are text of one form, which sorts by time.
        end = f"{self.listing.end(self.day).date()}T00:00:00Z"
        return next(
            (fetch["at"] for fetch in self.certificate["fetches"] if fetch["whole"] and fetch["at"] >= end), None
        )


def read_listing_day(store: Store, listing: Listing, day: date) -> ListingDay:
    """A day whose files are those that its certificate names. Raises StoreError if it is damaged, or went away."""
    read = verified_day(store, listing.series, day)
    if read is None:
        raise StoreError(f"{store.certificate(listing.series, day)} went away while it was read; run this again")
    rows = sorted(map(_row, read.papers.splitlines()), key=_place)
    is_older = read.certificate["schema"] < SCHEMA
    # The bytes that the certificate names, not those of this version.
    content = read_whole(store.papers(listing.series, day)) if is_older else read.papers
    return ListingDay(listing, day, read.certificate, read.text, content, rows)


def keys_in(content: bytes) -> set[str]:
    """The keys of a day file."""
    return {orjson.loads(line)["key"] for line in content.splitlines()}


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
    """Whether no text of a line of JSON has a character that HTML does not allow, plain or as an escape."""
    if not line.isascii() or b"\x7f" in line:
        text = line.decode()
        if clean(text) != text:
            return False
    escapes = line.replace(b"\\\\", b"") if b"\\" in line else b""
    return not (escapes and (b"\\u" in escapes or b"\\b" in escapes or b"\\f" in escapes))


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with U+FFFD for characters that HTML does not allow."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, Mapping):
        return {clean(name): _cleaned(each) for name, each in value.items()}
    return value
