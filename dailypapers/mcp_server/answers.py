"""What the tools answer; the output schema of each tool is made of these models.

Times are UTC. Texts of papers are as the site listed them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

StateOrMissing = Literal["open", "settling", "closed", "empty", "partial", "not_fetched"]


class ListingDay(BaseModel):
    """One day of one listing."""

    source: str
    query: str | None = Field(description="The query of a search; null for other sources.")
    day: date = Field(description="Of a weekly listing the Monday, of a monthly one the 1st.")


class DayState(ListingDay):
    """How complete the papers of a day are."""

    state: StateOrMissing = Field(
        description="closed: complete. empty: confirmed to have no papers. open: the day is not over. settling: over,"
        " but not confirmed yet. partial: something is missing, see reason. not_fetched: nothing is known about it."
    )
    reason: str
    as_of: datetime | None = Field(description="Time of the newest fetch of the day.")
    papers: int | None = Field(description="Number of papers; null for a day that was not fetched.")
    advice: str | None = Field(description="What a human can do to get more of the day.")


class Coverage(BaseModel):
    """Which days of a listing are stored, and how complete they are."""

    source: str
    query: str | None
    first_day: date | None
    last_day: date | None
    days: int = Field(description="Days that were fetched.")
    complete: int = Field(description="Of these, days that are closed or empty.")
    incomplete_days: list[date] = Field(description="The newest days that are open, settling or partial; at most 7.")
    not_fetched: int = Field(description="Days from the first day until now that were not fetched.")
    not_fetched_days: list[date] = Field(description="The newest of them; at most 7.")


class Brief(BaseModel):
    """A paper in a list; get_paper has all of it."""

    key: str
    title: str
    abstract: str | None = Field(description="Its beginning.")
    authors: list[str] = Field(description="The first of them.")
    author_count: int | None
    organization: str | None
    published: date | None
    upvotes: int | None
    url: str | None
    code_url: str | None
    first_seen: datetime | None
    listed: list[ListingDay] = Field(description="The first days that list it.")


class Answer(BaseModel):
    """What all answers have."""

    days: list[DayState] = Field(description="The states of the days that this answer is based on.")
    remarks: list[str] = Field(description="What limits this answer.")


class Search(Answer):
    """Papers that have all words of a query, the best first."""

    papers: list[Brief]
    total: int = Field(description="Number of papers found, of which this is one page.")
    cursor: str | None = Field(description="Give it to get the next page; null if this is the last one.")
    coverage: list[Coverage] = Field(description="What was searched: a paper of a day that is missing cannot be found.")


class PaperListing(ListingDay):
    """A paper on one day of one listing."""

    rank: int | None
    first_seen: datetime | None
    last_seen: datetime | None = Field(description="Set if the listing no longer shows it.")
    upvotes: int | None
    comments: int | None
    github_stars: int | None


class FullPaper(Answer):
    """All that is known about a paper."""

    paper: dict[str, Any] | None = Field(description="The record; null if no stored day lists the paper.")
    aliases: list[str] = Field(description="Other keys of the same paper.")
    listings: list[PaperListing] = Field(description="The newest 50 days that list it, oldest first.")
    coverage: list[Coverage] = Field(description="If there is no such paper: the days in which it was looked for.")


class DayList(Answer):
    """The papers of a day, in the order of their ranks."""

    papers: list[Brief]
    total: int
    cursor: str | None = Field(description="Give it to get the next page; null if this is the last one.")


class Fetch(BaseModel):
    """One fetch of a day."""

    at: datetime
    kind: str = Field(description="fetch, or import for saved pages.")
    whole: bool = Field(description="Nothing is known to be missing from it.")
    doubt: str | None
    reason: str | None
    papers: int
    new: int = Field(description="Papers that no earlier fetch showed.")
    failed_views: list[str]


class DayCertificate(Answer):
    """The evidence for the state of a day."""

    fetches: list[Fetch] = Field(description="Oldest first.")
    total: int = Field(description="Number of fetches.")
    cursor: str | None = Field(description="Give it to get the next page; null if this is the last one.")
    papers: int | None = Field(description="null for a day that was not fetched.")
    gone: int = Field(description="Papers that the listing no longer shows.")
    rejects: int = Field(description="Items that failed validation.")
    notes: list[str]
    lost: list[str] = Field(description="Archive files that could not be read.")
    papers_sha256: str | None = Field(description="SHA-256 of the day file.")


class Point(BaseModel):
    """The numbers of a paper at a fetch that changed one of them."""

    at: datetime
    upvotes: int | None
    comments: int | None
    github_stars: int | None


class ListingHistory(ListingDay):
    """The numbers of a paper while one day listed it."""

    points: list[Point]


class PaperVersion(ListingDay):
    """An arXiv version of a paper, and the day of a listing that showed it first."""

    number: int
    updated: date | None = Field(description="Date of the version; null if the listing does not show it.")
    seen_by: datetime = Field(description="The version was seen at this time or earlier.")


class PaperHistory(Answer):
    """How the numbers of a paper went, by the days that list it, and its arXiv versions."""

    key: str
    title: str | None = Field(description="null if no stored day lists the paper.")
    versions: list[PaperVersion] = Field(
        description="The arXiv versions that the days of `history` show, the first one first; Hugging Face shows none."
    )
    history: list[ListingHistory]
    cursor: str | None = Field(description="Give it to get the next page; null if this is the last one.")
    coverage: list[Coverage] = Field(description="If there is no such paper: the days in which it was looked for.")


class NewPapers(Answer):
    """Papers that arrived."""

    papers: list[Brief]
    more: bool = Field(description="There are more: ask again with `since` set to `cursor`.")
    cursor: str | None = Field(description="Give it as `since`, now or later, to get what comes after these papers.")
    repeated: bool = Field(description="Some papers may have been in an answer before; none is missing.")
    coverage: list[Coverage]
