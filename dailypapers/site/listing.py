"""What the site shows: series, their days as the store has them, and papers as pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import quote

import orjson

from dailypapers.outputs.links import clean, http_link
from dailypapers.outputs.words import format_delay, lateness
from dailypapers.parsers.versions import SCHEMA
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.drift.detect import Change
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import verified_day
from dailypapers.snapshots.store.atomic import read_whole, split_lines
from dailypapers.snapshots.store.layout import Series, Store

from .names import paper_page

Period = Literal["day", "week", "month", "now"]
Row = dict[str, Any]
"""A record of a day file, with the names of `dailypapers.parsers.model.Paper`."""


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


TITLE_LIMIT: Final = 400
"""Characters of a title on a card; its own page shows all of it."""
ABSTRACT_LIMIT: Final = 5000
NAME_LIMIT: Final = 120
WINDOW_TITLE_LIMIT: Final = 120
AUTHORS_LIMIT: Final = 8
"""Authors on a card."""
CATEGORIES_LIMIT: Final = 4
"""Categories on a card."""
UNFOLDED_AUTHORS: Final = 40
"""Authors on the page of a paper that need not be unfolded."""
THUMBNAILS: Final = "https://cdn-thumbnails.huggingface.co"
"""The one server whose pictures a site with thumbnails shows."""

_INSTANTS: Final = 256
"""Instants in memory: the papers of a day came with a few fetches."""
_DIRECTIONS: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


class PaperView:
    """One record with what its card and its own page show."""

    def __init__(
        self, row: Row, listing: Listing, day: date, first_fetch: datetime | None, main: str | None = None
    ) -> None:
        """`listing` and `day` are those that the record is of, `first_fetch` that of `ListingDay`.

        `main` is the main key of the paper if the record has another one.
        """
        self._row = row
        self.key: str = row["key"]
        self.main = main or self.key
        self.href = paper_page(self.main)
        self.title: str = row["title"]
        self.short_title = shortened(self.title, TITLE_LIMIT)
        self.window_title = _window_title(self.title)
        """For the browser's window: shortened, without marks of writing direction."""
        self.abstract: str | None = row["abstract"]
        self.short_abstract = shortened(self.abstract, ABSTRACT_LIMIT) if self.abstract else None
        self.summary: str | None = row["ai_summary"]
        self.keywords: list[str] = row["keywords"] or []
        organization: Mapping[str, Any] = row["organization"] or {}
        name: str | None = organization.get("fullname") or organization.get("name")
        self.organization = shortened(name, NAME_LIMIT) if name else None
        self.categories: list[str] = row["categories"] or []
        self.short_categories = [shortened(name, NAME_LIMIT) for name in self.categories[:CATEGORIES_LIMIT]]
        self.published: str | None = row["published"]
        self.published_inferred: bool = row["published_inferred"]
        self.upvotes: int | None = row["upvotes"]
        self.comments: int | None = row["comments"]
        self.stars: int | None = row["github_stars"]
        self.code = http_link(row["code_url"])
        self.pdf = http_link(row["pdf_url"])
        self.project = http_link(row["project_url"])
        self.warnings = _warnings(row, listing, day, first_fetch)
        self._set_authors([author["name"] for author in row["authors"]], row["author_count"] or 0)

    def _set_authors(self, names: Sequence[str], count: int) -> None:
        """Those on a card, those on the page, and how many there are beside them, of whom some have no name."""
        count = max(count, len(names))
        self.first_authors = [shortened(name, NAME_LIMIT) for name in names[:AUTHORS_LIMIT]]
        self.more_authors = count - len(self.first_authors)
        self.unfolded_authors, self.other_authors = names[:UNFOLDED_AUTHORS], names[UNFOLDED_AUTHORS:]
        self.more_than_unfolded = count - len(self.unfolded_authors)

    @property
    def thumbnail(self) -> str | None:
        """The preview image, if it is on the one server that pages may fetch pictures from."""
        link = http_link(self._row["thumbnail_url"])
        return link if link and link.startswith(f"{THUMBNAILS}/") else None

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """Labels and addresses of what lies elsewhere."""
        row = self._row
        arxiv, doi = row["arxiv_id"], row["doi"]
        links = [
            ("Hugging Face", http_link(row["url"])),
            ("arXiv", http_link(f"https://arxiv.org/abs/{arxiv}") if arxiv else None),
            ("PDF", self.pdf),
            ("Code", self.code),
            ("Project", self.project),
            ("DOI", http_link(f"https://doi.org/{quote(doi)}") if doi else None),
            *((f"Media {number}", http_link(url)) for number, url in enumerate(row["media_urls"] or (), 1)),
        ]
        return [(label, link) for label, link in links if link]


def _window_title(title: str) -> str:
    return shortened(title if title.isascii() else title.translate(_DIRECTIONS), WINDOW_TITLE_LIMIT)


def _warnings(row: Row, listing: Listing, day: date, first_fetch: datetime | None) -> list[str]:
    """That a paper is withdrawn, that it is late, that the listing shows it no more."""
    warnings = ["withdrawn"] if row["withdrawn"] else []
    if row["first_seen"] is not None and first_fetch is not None:
        late = lateness(datetime.fromisoformat(row["first_seen"]), listing.end(day), first_fetch)
        warnings += [] if late is None else [_late(row["first_seen"], late, listing)]
    if row["last_seen"]:
        warnings.append(f"left the listing after {utc(row['last_seen'])}")
    return warnings


def _late(first_seen: str, late: timedelta, listing: Listing) -> str:
    period = {"week": "week", "month": "month"}.get(listing.period, "day")
    return f"first seen {utc(first_seen)}, {format_delay(late)} after the {period} had ended"


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis if it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


@lru_cache(_INSTANTS)
def utc(instant: str) -> str:
    """An instant of a file of the store in words: `2025-12-08 10:00 UTC`."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"


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
    joined: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The main keys of the papers whose records have other ones."""

    @property
    def name(self) -> str:
        """Series and day, which identify it within the site."""
        return f"{self.listing.folder}/{self.day}"

    @cached_property
    def papers(self) -> Sequence[PaperView]:
        """The records as pages show them, in the order of `rows`."""
        return [
            PaperView(row, self.listing, self.day, self.first_fetch, self.joined.get(row["key"])) for row in self.rows
        ]

    @cached_property
    def first_fetch(self) -> datetime | None:
        """The time of the earliest fetch of the listing; None if the certificate names none."""
        # Instants of a store are text of one form, which sorts by time.
        first = min((fetch["at"] for fetch in self.certificate["fetches"]), default=None)
        return None if first is None else datetime.fromisoformat(first)


def read_listing_day(
    store: Store, listing: Listing, day: date, joined: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> ListingDay:
    """A day whose files are those that its certificate names. Raises StoreError if it is damaged, or went away."""
    read = verified_day(store, listing.series, day)
    if read is None:
        raise StoreError(f"{store.certificate(listing.series, day)} went away while it was read; run this again")
    rows = sorted(map(_row, split_lines(read.papers)), key=_place)
    is_older = read.certificate["schema"] < SCHEMA
    # The bytes that the certificate names, not those of this version.
    content = read_whole(store.papers(listing.series, day)) if is_older else read.papers
    return ListingDay(
        listing, day, read.certificate, read.text, content, rows, joined.get(f"{listing.folder}/{day}", {})
    )


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


def heading(period: Period, day: date) -> str:
    """What a listing is headed by."""
    match period:
        case "week":
            return f"Week {day.isocalendar().week}, {day.isocalendar().year}"
        case "month":
            return f"{day:%B} {day.year}"
        case _:
            return f"{day.day} {day:%B} {day.year}"


def subheading(period: Period, day: date) -> str | None:
    """The day of the week, or the days of a week."""
    if period == "month":
        return None
    if period != "week":
        return f"{day:%A}"
    last = day + timedelta(days=6)
    first = f"{day.day} {day:%B} {day.year}"
    if day.year == last.year:
        first = f"{day.day} {day:%B}" if day.month != last.month else f"{day.day}"
    return f"{first} – {last.day} {last:%B} {last.year}"


def short(period: Period, day: date) -> str:
    """The same in a link to it."""
    match period:
        case "week":
            return f"Week {day.isocalendar().week}"
        case "month":
            return f"{day:%B} {day.year}"
        case _:
            return f"{day:%a} {day.day} {day:%b}"
