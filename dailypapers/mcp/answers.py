"""What the tools answer, and how much of it goes into one answer; the output schemas are made of these models.

Times are UTC. Texts of papers are as the site listed them, or their beginnings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field

from dailypapers.ingest.errors import IngestError

MAX_BYTES: Final = 98_000
"""Of an answer as it is sent, so that the whole message has less than 100 kB."""
_LENGTHS: Final = (20_000, 4_000, 500, 100)
_LINK: Final = 500

AnswerModel = TypeVar("AnswerModel", bound=BaseModel)
StateOrMissing = Literal["open", "settling", "closed", "empty", "partial", "not_fetched"]


class ToolError(IngestError):
    """Arguments that make no sense, or a store that cannot answer; the message says what to do instead."""


def short(text: str, length: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _at_most(length: int) -> AfterValidator:
    return AfterValidator(lambda text: short(text, length))


Title = Annotated[str, _at_most(300)]
Name = Annotated[str, _at_most(100)]
Key = Annotated[str, _at_most(_LINK)]
Note = Annotated[str, _at_most(300)]
"""May quote what a site answered."""
Link = Annotated[str | None, AfterValidator(lambda url: url if url is None or len(url) <= _LINK else None)]
"""A link is of no use without its end."""


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
    reason: Note
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

    key: Key
    title: Title
    abstract: Annotated[str, _at_most(500)] | None = Field(description="Its beginning.")
    authors: list[Name] = Field(description="The first of them.")
    author_count: int | None
    organization: Name | None
    published: date | None
    upvotes: int | None
    url: Link
    code_url: Link
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
    aliases: list[Key] = Field(description="Other keys of the same paper.")
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
    reason: Note | None
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
    notes: list[Note]
    lost: list[Note] = Field(description="Archive files that could not be read.")
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
    title: Title | None = Field(description="null if no stored day lists the paper.")
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


def brief(record: Mapping[str, Any], listed: Sequence[ListingDay]) -> Brief:
    """A record, with JSON values, as an entry of a list; `listed` are the days that list it, oldest first."""
    organization = record["organization"] or {}
    shown = {
        "authors": [author["name"] for author in record["authors"][:10]],
        "organization": organization.get("fullname") or organization.get("name"),
        "listed": listed[:3],
    }
    return Brief.model_validate({**record, **shown})


def sent_bytes(answer: BaseModel) -> int:
    """The bytes of an answer in its message: it is sent as JSON and, for clients that read text only, in a string."""
    text = answer.model_dump_json()
    return len(text.encode()) + len(json.dumps(text, ensure_ascii=False).encode())


def fit(make: Callable[[int], AnswerModel], count: int) -> AnswerModel:
    """The answer with as many entries as fit, `count` at most; `make` gives that with some number of entries."""
    while True:
        answer = make(count)
        size = sent_bytes(answer)
        if size <= MAX_BYTES or count <= 1:
            return answer
        count = max(1, min(count - 1, count * MAX_BYTES // size))


def with_record(answer: FullPaper, record: dict[str, Any]) -> FullPaper:
    """The answer with the record, whose texts and lists are cut until it fits."""
    for length in _LENGTHS:
        cut = {name: _cut(value, length) for name, value in record.items()}
        remarks = [*answer.remarks, *(["long texts and lists of the record are cut"] if cut != record else [])]
        whole = answer.model_copy(update={"paper": cut, "remarks": remarks})
        if sent_bytes(whole) <= MAX_BYTES:
            break
    return whole


def offset(cursor: str | None) -> int:
    """The number of entries before a page. Raises ToolError for what is not the cursor of one."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise ToolError(f"{cursor[:50]!r} is not a cursor; give the `cursor` of the answer before, or none")
    return int(cursor)


def next_page(start: int, count: int, total: int) -> str | None:
    """The cursor after a page of `count` entries, of `total`; None after the last one, and after a page without any."""
    return f"{start + count}" if count and start + count < total else None


def _cut(value: Any, length: int) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return short(value, length)
    if isinstance(value, list):
        return [_cut(each, length) for each in value[: length // 20]]
    if isinstance(value, dict):
        return {short(name, length): _cut(each, length) for name, each in list(value.items())[: length // 20]}
    return value
