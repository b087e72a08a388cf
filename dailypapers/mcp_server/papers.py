"""Papers as the tools show them in lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .answers import Brief, ListingDay
from .size import short

TITLE: Final = 300
ABSTRACT: Final = 500
NAME: Final = 100
AUTHORS: Final = 10
LINK: Final = 500
DAYS: Final = 3
"""How much of a paper a list shows: characters, authors, and days that list it."""


def brief(record: Mapping[str, Any], listed: Sequence[ListingDay]) -> Brief:
    """A record, with JSON values, as an entry of a list; `listed` are the days that list it, oldest first."""
    organization = record["organization"]
    return Brief(
        key=short(record["key"], LINK),
        title=short(record["title"], TITLE),
        abstract=_short_or_none(record["abstract"], ABSTRACT),
        authors=[short(author["name"], NAME) for author in record["authors"][:AUTHORS]],
        author_count=record["author_count"],
        organization=_short_or_none(organization and (organization["fullname"] or organization["name"]), NAME),
        published=record["published"],
        upvotes=record["upvotes"],
        url=_whole_or_none(record["url"]),
        code_url=_whole_or_none(record["code_url"]),
        first_seen=record["first_seen"],
        listed=list(listed[:DAYS]),
    )


def days_of(papers: Iterable[Brief]) -> list[ListingDay]:
    """The days that list these papers, each once, newest first."""
    days = {(day.source, day.query, day.day): day for paper in papers for day in paper.listed}
    return sorted(days.values(), key=lambda day: (day.day, day.source, day.query or ""), reverse=True)


def _short_or_none(text: str | None, length: int) -> str | None:
    return None if text is None else short(text, length)


def _whole_or_none(url: str | None) -> str | None:
    """A link is of no use without its end."""
    return url if url is None or len(url) <= LINK else None
