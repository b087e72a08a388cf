"""arXiv's papers for the benchmarks, and the record that a plain walk through their XML makes, without validation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from tests.papersite.arxiv.announcements import Announcements, Sizes
from tests.papersite.arxiv.papers import ArxivPaper

DAY: Final = date(2026, 8, 12)
NOW: Final = datetime(2026, 8, 12, 6, tzinfo=UTC)
SOURCE: Final = "arxiv-api"


def papers(number: int) -> list[ArxivPaper]:
    """Papers of one announcement."""
    sizes = Sizes(number // 2, number // 4, number - number // 2 - number // 4)
    return [listed.paper for listed in Announcements({DAY: sizes}).of("cs.CL", DAY)]


def record(**values: Any) -> dict[str, Any]:
    """A line of a day file, with the values of one paper."""
    arxiv_id = values["arxiv_id"]
    empty = {
        "key": f"arxiv:{arxiv_id}", "source": SOURCE, "day": None, "rank": None, "title": None, "abstract": None,
        "authors": [], "author_count": None, "organization": None, "published": None, "published_inferred": False,
        "updated": None, "listed": None, "submitter": None, "upvotes": None, "comments": None, "github_stars": None,
        "arxiv_id": arxiv_id, "arxiv_version": None, "doi": None, "categories": [], "announce_type": None,
        "license": None, "journal_ref": None, "author_comment": None, "keywords": [], "ai_summary": None,
        "url": f"https://arxiv.org/abs/{arxiv_id}", "pdf_url": f"https://arxiv.org/pdf/{arxiv_id}", "code_url": None,
        "project_url": None, "thumbnail_url": None, "media_urls": [], "withdrawn": False, "first_seen": None,
        "last_seen": None, "extra": {},
    }  # fmt: skip
    return empty | values


def author(name: str, places: list[str]) -> dict[str, Any]:
    return {"name": name, "user": None, "hidden": None, "affiliation": "; ".join(places) or None}
