"""A paper as a page shows it: texts shortened, links checked, dates and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from dailypapers.publish.lateness import format_delay
from dailypapers.publish.links import http_link

from .listing import ListingDay, Row
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
    """One record with what its card and its page show."""

    def __init__(self, row: Row, listed: ListingDay) -> None:
        """`listed` is the day that the record is of."""
        self.key: str = row["key"]
        self.href = paper_page(self.key)
        self.title: str = row["title"]
        self.abstract: str | None = row["abstract"]
        self.authors: list[str] = [author["name"] for author in row["authors"]]
        self.more_authors = max(0, (row["author_count"] or 0) - len(self.authors))
        """Authors of whom only the number is known."""
        organization: Mapping[str, Any] = row["organization"] or {}
        name: str | None = organization.get("fullname") or organization.get("name")
        self.organization = shortened(name, NAME_LIMIT) if name else None
        self.window_title = _window_title(self.title)
        """For the browser's window: shortened, without marks of writing direction."""
        self.upvotes: int | None = row["upvotes"]
        self.comments: int | None = row["comments"]
        self.stars: int | None = row["github_stars"]
        self.warnings = _warnings(row, listed)


class CardView(PaperView):
    """A paper as its card shows it: long texts shortened."""

    def __init__(self, row: Row, listed: ListingDay, *, thumbnails: bool) -> None:
        super().__init__(row, listed)
        self.short_title = shortened(self.title, TITLE_LIMIT)
        self.short_abstract = shortened(self.abstract, ABSTRACT_LIMIT) if self.abstract else None
        self.first_authors = [shortened(name, NAME_LIMIT) for name in self.authors[:AUTHORS_LIMIT]]
        self.more_authors += len(self.authors) - len(self.first_authors)
        self.code = http_link(row["code_url"])
        self.pdf = http_link(row["pdf_url"])
        self.project = http_link(row["project_url"])
        self.categories = [shortened(name, NAME_LIMIT) for name in (row["categories"] or [])[:CATEGORIES_LIMIT]]
        self.thumbnail = _thumbnail(row["thumbnail_url"]) if thumbnails else None


class DetailView(PaperView):
    """A paper as its own page shows it."""

    def __init__(self, row: Row, listed: ListingDay) -> None:
        super().__init__(row, listed)
        self.published: str | None = row["published"]
        self.published_inferred: bool = row["published_inferred"]
        self.categories: list[str] = row["categories"] or []
        self.summary: str | None = row["ai_summary"]
        self.keywords: list[str] = row["keywords"] or []
        self.first_authors, self.other_authors = self.authors[:UNFOLDED_AUTHORS], self.authors[UNFOLDED_AUTHORS:]
        self.more_authors += len(self.other_authors)
        self.links = _links(row)
        """Labels and addresses of what lies elsewhere."""


def _window_title(title: str) -> str:
    return shortened(title if title.isascii() else title.translate(_DIRECTIONS), WINDOW_TITLE_LIMIT)


def _thumbnail(url: str | None) -> str | None:
    """The preview image, if it is on the one server that pages may fetch pictures from."""
    link = http_link(url)
    return link if link and link.startswith(f"{THUMBNAILS}/") else None


def _links(row: Row) -> list[tuple[str, str]]:
    arxiv, doi = row["arxiv_id"], row["doi"]
    candidates = [
        ("Hugging Face", row["url"]),
        ("arXiv", f"https://arxiv.org/abs/{arxiv}" if arxiv else None),
        ("PDF", row["pdf_url"]),
        ("Code", row["code_url"]),
        ("Project", row["project_url"]),
        ("DOI", f"https://doi.org/{quote(doi)}" if doi else None),
        *((f"Media {number}", url) for number, url in enumerate(row["media_urls"] or (), 1)),
    ]
    return [(label, link) for label, url in candidates if url and (link := http_link(url))]


def _warnings(row: Row, listed: ListingDay) -> list[str]:
    """That a paper is withdrawn, that it came after the end of its day, that the listing shows it no more."""
    warnings = ["withdrawn"] if row["withdrawn"] else []
    if late := _late(row["first_seen"], listed):
        warnings.append(late)
    if row["last_seen"]:
        warnings.append(f"left the listing after {utc(row['last_seen'])}")
    return warnings


def _late(first_seen: str | None, listed: ListingDay) -> str | None:
    """Where a whole fetch after the end of the day did not show the paper."""
    # Instants of a store are text of one form, which sorts by time.
    if first_seen is None or listed.whole_after_end is None or first_seen <= listed.whole_after_end:
        return None
    delay = format_delay(datetime.fromisoformat(first_seen) - listed.listing.end(listed.day))
    period = {"week": "week", "month": "month"}.get(listed.listing.period, "day")
    return f"first seen {utc(first_seen)}, {delay} after the {period} had ended"


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis if it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


@lru_cache(_INSTANTS)
def utc(instant: str) -> str:
    """An instant of a file of the store in words: `2025-12-08 10:00 UTC`."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
