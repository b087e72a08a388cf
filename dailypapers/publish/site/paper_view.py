"""A paper as a page shows it: texts shortened, links checked, dates and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import quote

from dailypapers.publish.lateness import format_delay, lateness
from dailypapers.publish.links import http_link

from .listing import Listing, Row
from .names import paper_page

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

    def __init__(self, row: Row, listing: Listing, day: date, first_fetch: datetime | None) -> None:
        """`listing` and `day` are those that the record is of, `first_fetch` that of `ListingDay`."""
        self._row = row
        self.key: str = row["key"]
        self.href = paper_page(self.key)
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
