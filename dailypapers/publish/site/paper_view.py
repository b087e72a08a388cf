"""A paper as a page shows it: texts shortened, links checked, dates and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
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
THUMBNAILS: Final = "https://cdn-thumbnails.huggingface.co"
"""The one server whose pictures a site with thumbnails shows."""

_DIRECTIONS: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


class PaperView:
    """One record with what its card and its page show."""

    def __init__(self, row: Row, listed: ListingDay) -> None:
        """`listed` is the day that the record is of."""
        self.row = row
        self._listed = listed
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

    @cached_property
    def window_title(self) -> str:
        """The title for the browser's window: shortened, without marks of writing direction."""
        return shortened(self.title.translate(_DIRECTIONS), WINDOW_TITLE_LIMIT)

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """Labels and addresses of what lies elsewhere."""
        row = self.row
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
        return [(label, link) for label, url in candidates if (link := http_link(url))]

    @cached_property
    def late(self) -> str | None:
        """That the paper came after the end of its day, although a whole fetch after the end did not show it."""
        first_seen = self.row["first_seen"]
        if first_seen is None or not self._listed.whole_fetches_after_end:
            return None
        seen, end = datetime.fromisoformat(first_seen), self._listed.listing.end(self._listed.day)
        if seen <= self._listed.whole_fetches_after_end[0]:
            return None
        period = {"week": "week", "month": "month"}.get(self._listed.listing.period, "day")
        return f"first seen {seen:%Y-%m-%d %H:%M} UTC, {format_delay(seen - end)} after the {period} had ended"

    @cached_property
    def gone(self) -> str | None:
        """That the listing shows the paper no more."""
        last_seen = self.row["last_seen"]
        return f"left the listing after {utc(last_seen)}" if last_seen else None


class CardView(PaperView):
    """A paper as its card shows it: long texts shortened."""

    def __init__(self, row: Row, listed: ListingDay) -> None:
        super().__init__(row, listed)
        self.short_title = shortened(self.title, TITLE_LIMIT)
        self.short_abstract = shortened(self.abstract, ABSTRACT_LIMIT) if self.abstract else None
        self.first_authors = [shortened(name, NAME_LIMIT) for name in self.authors[:AUTHORS_LIMIT]]
        self.more_authors += len(self.authors) - len(self.first_authors)
        self.code = http_link(row["code_url"])
        self.pdf = http_link(row["pdf_url"])
        self.project = http_link(row["project_url"])

    @cached_property
    def thumbnail(self) -> str | None:
        """The preview image, if it is on the one server that pages may fetch pictures from."""
        link = http_link(self.row["thumbnail_url"])
        return link if link and link.startswith(f"{THUMBNAILS}/") else None


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis if it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def utc(instant: str) -> str:
    """An instant of a file of the store in words: `2025-12-08 10:00 UTC`."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
