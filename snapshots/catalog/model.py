"""What the catalog gives: papers with their listings and keys, results of searches, arrivals, cursors.

Records are JSON values, without the record model, which is slow to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias

from dailypapers.parsers.links import is_web_link
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.store.layout import Series

if TYPE_CHECKING:
    from dailypapers.parsers.model import Paper


Record: TypeAlias = dict[str, Any]
"""A line of a day file: by field a value of the type that docs/record.md gives, with dates and times as text."""

Row: TypeAlias = tuple[Any, ...]
"""A row of a table of the catalog, in the order of its columns."""

Value: TypeAlias = str | int | float | bytes | None
"""What a column of an SQL query can hold."""


_CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\.(r?)([0-9a-f]{8})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the arrivals of a catalog."""

    time: datetime
    generation: str
    seq: int
    is_resync: bool = False
    """Everything since `time` is being given again; written as an `r` before the generation."""

    def __str__(self) -> str:
        time = self.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{time}.{'r' * self.is_resync}{self.generation}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for text that is not a cursor."""
        match = _CURSOR.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text[:100]!r} is not a cursor like 2025-12-10T12:00:00Z.1a2b3c4d.12345")
        return cls(datetime.fromisoformat(match[1]), match[3], int(match[4]), is_resync=bool(match[2]))


Sort = Literal["new", "upvotes", "rising"]


class QueryError(StoreError):
    """An SQL query that is refused: it is not one SELECT, it is wrong, or it takes too long."""


class Alias(NamedTuple):
    """A key that leads to a paper, and why."""

    key: str
    evidence: str
    confidence: float
    """1.0 is certain."""


class Source(NamedTuple):
    """The listing that a value of a merged record is taken from."""

    series: Series
    day: date
    observed: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """A paper on one day of one series."""

    series: Series
    day: date
    key: str
    """The key that the record has in the day file."""
    rank: int | None
    first_seen: datetime
    first_fetch: datetime
    """Time of the earliest fetch of that day: its papers are never late."""
    last_seen: datetime | None
    """Set once the paper has left the day."""
    observed: datetime
    """Time of the newest look that the record stands for."""
    upvotes: int | None
    comments: int | None
    github_stars: int | None
    arxiv_version: int | None


@dataclass(frozen=True, slots=True)
class CatalogPaper:
    """One paper over all sources and days."""

    key: str
    """`arxiv:ID` if any record has one, else `doi:...`, else `title:...`."""
    fields: Record
    """The merged record as JSON values, with all fields of a line of a day file in their order."""
    first_day: date
    """The first day that lists it."""
    listings: tuple[Listing, ...]
    """By day, then series."""
    aliases: tuple[Alias, ...]
    """Every key that leads here, its own first."""
    _origins: Callable[[], Mapping[str, Source]] = field(repr=False, compare=False)

    @property
    def origins(self) -> Mapping[str, Source]:
        """By field with a value: the listing that it is taken from."""
        return self._origins()

    @property
    def days(self) -> frozenset[tuple[Series, date]]:
        """The days that list it, each with its series."""
        return frozenset((listing.series, listing.day) for listing in self.listings)

    @property
    def record(self) -> Paper:
        """The merged record, validated; loads the record model, which takes a quarter of a second once."""
        import orjson  # noqa: PLC0415 - as the model

        from dailypapers.parsers.model import Paper  # noqa: PLC0415 - most readers need no more than `fields`

        return Paper.model_validate_json(orjson.dumps(self.fields))

    @property
    def url(self) -> str | None:
        """The page of the paper, if it is a link that a record may hold; days of older versions may hold others."""
        url = self.fields["url"]
        return url if isinstance(url, str) and is_web_link(url) else None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which papers, in which order; conditions that are None are not checked."""

    since: datetime | None = None
    """First seen after this."""
    known_by: datetime | None = None
    """First seen at this time or before."""
    day: date | None = None
    """Listed for this day (by the source or the series, if one is given)."""
    source: str | None = None
    series: Series | None = None
    organization: str | None = None
    """Its handle or its name, in any case."""
    keyword: str | None = None
    """In any case."""
    min_upvotes: int | None = None
    sort: Sort = "new"
    limit: int | None = 50
    """None for all."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Papers that have all words of a query, the best first."""

    hits: list[CatalogPaper]
    total: int
    """How many there are; if only the newest were ranked, how many were ranked."""
    ranked_newest: bool
    """There are more than 20,000: only the newest of them were ranked."""
    cut: bool
    """The query was too long: the rest of it was ignored."""
    words: tuple[str, ...]
    """What was searched for; if it is empty, there was nothing to search for."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A paper that the catalog did not know before, and the listing with which it came."""

    seq: int
    paper: CatalogPaper
    series: Series
    day: date


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Papers that arrived after a cursor."""

    entries: list[Arrival]
    cursor: Cursor
    """Where to go on."""
    resync: bool
    """The catalog is another one than that of the cursor: some entries may have been given before, none is missing."""
    more: bool
    """There are more; go on with the cursor at once."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of an SQL query."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]
    cut: bool
    """There were more rows or more text than the limits allow."""
