"""One paper as an entry of a feed. It holds only what usually stays as it was when the paper was first seen.

So its bytes do not change, and a reader shows it once: upvotes, comments, links to code and summaries come later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple, TypedDict, cast
from uuid import UUID, uuid5

from dailypapers.outputs.links import clean, http_link
from dailypapers.outputs.topics import FeedSeries
from dailypapers.outputs.words import format_delay, lateness
from dailypapers.parsers.keys import ARXIV_ID
from dailypapers.snapshots.errors import StoreError
from dailypapers.snapshots.reader import read_rows
from dailypapers.snapshots.store.layout import Store

from .day_events import DayFacts
from .document import FirstSight

NAMESPACE: Final = UUID("7d0bd9a6-3f0c-5cf4-9a36-0f6a4c3b3f5e")
"""Of the ids that are made of a key; a random number, never to be changed: readers know entries by their ids."""
PAPER_PAGE: Final = "https://huggingface.co/papers/"
PDF: Final = "https://arxiv.org/pdf/"


class ListedAuthor(TypedDict):
    """The part of an author that an entry shows."""

    name: str


class ListedPaper(TypedDict):
    """The part of a line of a day file that an entry is made of; `parsers.model.Paper` explains the fields."""

    key: str
    title: str
    abstract: str | None
    authors: list[ListedAuthor]
    day: str
    first_seen: str
    url: str | None
    pdf_url: str | None
    arxiv_id: str | None


class Entry(NamedTuple):
    """A paper in a feed. Its texts have no character that XML forbids."""

    id: str
    """An IRI that never changes."""
    title: str
    first_seen: str
    """As in the record: `2025-12-10T09:07:00Z`."""
    day: str
    note: str | None
    """Why it was first seen after the end of its day, in a sentence."""
    late: bool
    """Whether it came after the end of a day that had been fetched before."""
    abstract: str
    authors: Sequence[str]
    url: str | None
    pdf_url: str | None
    state: str
    """Of the day."""
    reason: str

    @property
    def summary(self) -> str:
        """The note, if there is one, and the abstract."""
        return f"{self.note} {self.abstract}".strip() if self.note else self.abstract


def entry_of(row: ListedPaper, known: DayFacts, end: str, period: str) -> Entry:
    """The entry of a line of a day file; `end` is the end of its day, written as instants are in the record."""
    identity, url, pdf_url = entry_id(row["key"]), row["url"], row["pdf_url"]
    note, late = _lateness(row, known, end, period) if row["first_seen"] >= end else (None, False)
    return Entry(
        id=identity,
        title=clean(row["title"]),
        first_seen=row["first_seen"],
        day=row["day"],
        note=note,
        late=late,
        abstract=clean(row["abstract"] or ""),
        authors=_clean_each([author["name"] for author in row["authors"]]),
        # Most links are those that the id gives.
        url=url if url == identity else http_link(url),
        pdf_url=pdf_url if pdf_url == f"{PDF}{row['arxiv_id']}" and url == identity else http_link(pdf_url),
        state=known.state,
        reason=clean(known.reason),
    )


def _clean_each(texts: list[str]) -> list[str]:
    return texts if "".join(texts).isprintable() else [clean(text) for text in texts]


def entry_id(key: str) -> str:
    """The paper's page at Hugging Face for an arXiv id, else a URN; the same wherever the feed is published."""
    source, _, identifier = key.partition(":")
    if source == "arxiv" and ARXIV_ID.fullmatch(identifier):
        return f"{PAPER_PAGE}{identifier}"
    return urn(key)


def urn(name: str) -> str:
    """A `urn:uuid:` (RFC 4122, version 5) of a name."""
    # UUIDs are made of UTF-8, which has no lone surrogates.
    return uuid5(NAMESPACE, name.encode("utf-8", "replace").decode()).urn


def _lateness(row: ListedPaper, known: DayFacts, end: str, period: str) -> tuple[str, bool]:
    """Why a paper was first seen after the end of its day, and whether it is late."""
    first_seen = datetime.fromisoformat(row["first_seen"])
    delay = lateness(first_seen, datetime.fromisoformat(end), datetime.fromisoformat(known.first_fetch))
    seen = f"Listed for {row['day']}; first seen {first_seen:%Y-%m-%d %H:%M} UTC"
    if delay is None:
        return f"{seen}, when that {period} was first fetched.", False
    return f"{seen}, {format_delay(delay)} after that {period} had ended.", True


def entries_of(
    store: Store, feed: FeedSeries, days: Mapping[str, DayFacts], sights: Sequence[FirstSight]
) -> list[Entry]:
    """The entries of these papers, the newest first.

    Raises StoreError for a day that cannot be read, or that was rebuilt in the meantime without one of its papers.
    """
    keys = [key for sight in sights for key in sight.keys]
    wanted: dict[str, set[str]] = {}
    for sight in sights:
        wanted.setdefault(sight.day, set()).update(sight.keys)
    found = {key: entry for day, some in wanted.items() for key, entry in _of_day(store, feed, day, days[day], some)}
    if len(found) < len(keys):
        missing = next(sight for sight in sights if not found.keys() >= set(sight.keys))
        path = store.papers(feed.series, date.fromisoformat(missing.day))
        raise StoreError(f"{path}: it changed while it was read; run the same command again")
    return [found[key] for key in reversed(keys)]


def _of_day(store: Store, feed: FeedSeries, day: str, known: DayFacts, wanted: set[str]) -> list[tuple[str, Entry]]:
    listed = date.fromisoformat(day)
    end = f"{feed.bounds(listed).end:%Y-%m-%dT%H:%M:%SZ}"
    rows = (cast("ListedPaper", row) for row in read_rows(store.papers(feed.series, listed)))
    return [(row["key"], entry_of(row, known, end, feed.period)) for row in rows if row["key"] in wanted]
