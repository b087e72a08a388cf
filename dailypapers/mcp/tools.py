"""The tools. Their signatures and docstrings are what an assistant reads of them; schemas are made of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple

import orjson
from pydantic import Field

from dailypapers.catalog import as_since, source_series
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.parsers.model import timestamp
from dailypapers.snapshots.catalog.catalog import Catalog
from dailypapers.snapshots.catalog.model import CatalogPaper, Cursor, Listing, SearchResult, Selection
from dailypapers.snapshots.certificate import FetchEvidence
from dailypapers.snapshots.errors import PaperNotFound, StoreError
from dailypapers.snapshots.history import PaperHistory as StoredHistory
from dailypapers.snapshots.history import first_versions
from dailypapers.snapshots.history import paper_history as stored_history
from dailypapers.snapshots.store.layout import Series

from . import answers
from .answers import AnswerModel, Brief, ListingDay, ToolError, brief, fit, next_page, offset, short
from .days import Context

MAX_PAPERS: Final = 50
MAX_LISTINGS: Final = 50
MAX_ALIASES: Final = 20
MAX_POINTS: Final = 300
"""Of one day; its newest ones. The plan has about 30 fetches of a day."""
MAX_FOUND: Final = 1_000
"""Papers that can be reached page by page: a longer answer asks for better words."""
MAX_FETCHES: Final = 50
MAX_NOTES: Final = 20
NEW: Final = timedelta(hours=24)
_PAGE: Final = re.compile(r"([0-9TZ:-]{20})\+([0-9]{1,9})(?:@(.+))?", re.ASCII)
_NO_EVIDENCE: Final[dict[str, Any]] = {"papers": None, "gone": 0, "rejects": 0, "notes": [], "lost": [], "fetches": []}

Limit = Annotated[int, Field(ge=1, le=MAX_PAPERS, description="Papers in one answer, at most.")]
AsOf = Annotated[
    str | None,
    Field(description="Answer as of this time, such as 2025-12-08T10:00:00Z: with what was known then. Default: now."),
]
Page = Annotated[str | None, Field(description="The `cursor` of the answer before, for its next page.")]
Source = Annotated[str, Field(description="Name of a source, such as hf-daily.")]
OfSource = Annotated[str | None, Field(description="Only papers that this source lists.")]
Query = Annotated[str | None, Field(description="The query, for a source that is a search (hf-search).")]
Key = Annotated[str, Field(description="Key of a paper, such as arxiv:2408.00118, or a bare arXiv id or DOI.")]
Text = Annotated[str, Field(description='Words that a paper has to have; "phrases" and prefix* work too.')]
DayOfPeriod = Annotated[str, Field(description="The day, such as 2025-12-08; any day of a weekly or monthly listing.")]
Day = Annotated[str, Field(description="The day, such as 2025-12-08.")]
Since = Annotated[
    str | None,
    Field(
        description="The `cursor` of an earlier answer, or a time or day after which the papers were first seen."
        " Default: 24 hours ago."
    ),
]


def search_papers(
    context: Context, *, as_of: AsOf = None, text: Text, source: OfSource = None, limit: Limit = 20, cursor: Page = None
) -> answers.Search:
    """Papers that have all words of a text, the best first."""
    then, start = context.instant(as_of), offset(cursor)
    if source is not None:
        source_series(source, None, is_complete=False)
    with context.catalog() as catalog:
        selection = Selection(source=source, known_by=then)
        found = catalog.search(text, limit=min(start + limit, MAX_FOUND), selection=selection)
        remarks = [*context.remarks(), *_search_remarks(found), *_list_remarks(then)]

    def make(count: int, **known: Any) -> answers.Search:  # noqa: ANN401 - fields of the answer
        page = next_page(start, count, min(found.total, MAX_FOUND))
        return answers.Search(total=found.total, cursor=page, remarks=remarks, **known)

    return _listed(make, context, found.hits[start:], then, source)


def get_paper(context: Context, *, as_of: AsOf = None, key: Key) -> answers.FullPaper:
    """All that is known about a paper."""
    then = context.instant(as_of)
    try:
        with context.paper(key, then) as (_, paper):
            listings = paper.listings[-MAX_LISTINGS:]
    except PaperNotFound as error:
        remarks, coverage = [*context.remarks(), str(error)], context.coverage(then)
        return answers.FullPaper(days=[], remarks=remarks, paper=None, aliases=[], listings=[], coverage=coverage)
    answer = answers.FullPaper(
        days=context.states(map(_day, listings), then),
        remarks=context.remarks(),
        paper={},
        aliases=[alias.key for alias in paper.aliases if alias.key != paper.key][:MAX_ALIASES],
        listings=[answers.PaperListing(**asdict(listing) | _fields(listing)) for listing in listings],
        coverage=[],
    )
    return answers.with_record(answer, paper.fields)


def list_day(  # noqa: PLR0913 - arguments by name
    context: Context,
    *,
    as_of: AsOf = None,
    day: DayOfPeriod,
    source: Source = "hf-daily",
    query: Query = None,
    limit: Limit = MAX_PAPERS,
    cursor: Page = None,
) -> answers.DayList:
    """The papers of a day, in the order of their ranks."""
    source_day, then, start = context.source_day(source, query, day), context.instant(as_of), offset(cursor)
    content = context.content(source_day, then)
    records = sorted(map(orjson.loads, content.papers.splitlines() if content else ()), key=_rank_and_key)
    state = context.state(source_day, then)

    def make(count: int) -> answers.DayList:
        papers = [brief(record, [_day(source_day)]) for record in records[start : start + count]]
        page = next_page(start, len(papers), len(records))
        return answers.DayList(days=[state], remarks=[], papers=papers, total=len(records), cursor=page)

    return fit(make, limit)


def day_certificate(
    context: Context,
    *,
    as_of: AsOf = None,
    day: Day,
    source: Source = "hf-daily",
    query: Query = None,
    cursor: Page = None,
) -> answers.DayCertificate:
    """Why a day is in its state: every fetch, and what is known to be missing."""
    source_day, then, start = context.source_day(source, query, day), context.instant(as_of), offset(cursor)
    content = context.content(source_day, then)
    known = _NO_EVIDENCE | (dict(content.certificate) if content else {})
    known["papers_sha256"] = content.certificate["files"]["papers"]["sha256"] if content else None
    known |= {name: known[name][:MAX_NOTES] for name in ("notes", "lost")}
    known |= {"days": [context.state(source_day, then)], "remarks": [], "total": len(known["fetches"])}

    def make(count: int) -> answers.DayCertificate:
        fetches = [_fetch(fetch) for fetch in known["fetches"][start : start + count]]
        page = next_page(start, len(fetches), known["total"])
        return answers.DayCertificate.model_validate(known | {"fetches": fetches, "cursor": page})

    return fit(make, MAX_FETCHES)


def paper_history(context: Context, *, as_of: AsOf = None, key: Key, cursor: Page = None) -> answers.PaperHistory:
    """The upvotes, comments and stars of a paper at each fetch that changed one, by the days that list it.

    Also the arXiv versions that these days show, each with the day that showed it first.
    """
    then, start = context.instant(as_of), offset(cursor)
    found: dict[str, Any] = {"remarks": context.remarks(), "key": key, "title": None, "coverage": []}
    days: Sequence[tuple[Series, date, str]] = ()
    histories: dict[tuple[Series, date, str], StoredHistory] = {}
    try:
        with context.paper(key, then) as (store, paper):
            days = [(each.series, each.day, each.key) for each in paper.listings]
            page = stored_history(store, days[start : start + MAX_LISTINGS])
            histories = {(each.series, each.day, each.key): each for each in page}
        found |= {"key": paper.key, "title": paper.fields["title"]}
    except PaperNotFound as error:
        found |= {"remarks": [*found["remarks"], str(error)], "coverage": context.coverage(then)}

    def make(count: int) -> answers.PaperHistory:
        part = days[start : start + count]
        shown = [histories[day] for day in part if day in histories]
        entries = [_points(history) for history in shown]
        return answers.PaperHistory(
            days=context.states(entries, then),
            versions=[
                answers.PaperVersion(**_fields(day), **asdict(version)) for version, day in first_versions(shown)
            ],
            history=entries,
            cursor=next_page(start, len(part), len(days)),
            **found,
        )

    return fit(make, MAX_LISTINGS)


def new_since(
    context: Context,
    *,
    as_of: AsOf = None,
    since: Since = None,
    source: OfSource = None,
    query: Query = None,
    limit: Limit = MAX_PAPERS,
) -> answers.NewPapers:
    """Papers that arrived since an earlier answer, or that were first seen after a time."""
    then = context.instant(as_of)
    series = source_series(source, query).series if source is not None else None
    with context.catalog() as catalog:
        selection = Selection(known_by=then, series=series, limit=limit)
        page = _new_papers(catalog, since or timestamp((then or context.now()) - NEW), selection)
        remarks = [*context.remarks(), *_list_remarks(then)]

    def make(count: int, **known: Any) -> answers.NewPapers:  # noqa: ANN401 - fields of the answer
        known |= {"more": page.more or count < len(page.papers), "cursor": page.cursors[count]}
        return answers.NewPapers(repeated=page.repeated, remarks=remarks, **known)

    return _listed(make, context, page.papers, then, source, query)


class _NewPapers(NamedTuple):
    papers: Sequence[CatalogPaper]
    more: bool
    """There are papers after these."""
    cursors: Sequence[str | None]
    """By a number of these papers: the cursor after them; None if there is nothing to ask for."""
    repeated: bool = False


def _new_papers(catalog: Catalog, since: str, selection: Selection) -> _NewPapers:
    """The papers after a cursor or a time. Raises ToolError for any other text."""
    page, cursor = _PAGE.fullmatch(since), _cursor(since)
    if page is not None:
        if page[3] is not None and _cursor(page[3]) is None:
            raise ToolError(f"{since[:100]!r} is not a cursor; give the `cursor` of an answer, or a time")
        return _seen_after(catalog, _time(page[1]), selection, int(page[2]), page[3])
    if cursor is None:
        end = str(catalog.cursor()) if selection.known_by is None else None
        return _seen_after(catalog, _time(since), selection, 0, end)
    if selection.known_by is not None:
        raise ToolError("as_of goes with a time in `since`, not with the cursor of an answer about now")
    found = catalog.arrivals(cursor, selection.series, limit=selection.limit)
    cursors = [catalog.cursor_after(entry, cursor, is_resync=found.resync) for entry in found.entries[:-1]]
    after = map(str, [*[cursor, *cursors][: len(found.entries)], found.cursor])
    return _NewPapers([entry.paper for entry in found.entries], found.more, list(after), found.resync)


def _seen_after(catalog: Catalog, since: datetime, selection: Selection, start: int, end: str | None) -> _NewPapers:
    """Papers first seen after a time, newest first; `end` is the cursor for what comes later.

    What arrives between two pages moves papers to the next page, where they come again: none is missed.
    """
    last = start + (selection.limit or 0)
    papers = catalog.papers(replace(selection, since=since, limit=last + 1))
    following = f"@{end}" if end is not None else ""
    cursors = [f"{timestamp(since)}+{count}{following}" for count in range(start, len(papers))]
    return _NewPapers(papers[start:last], len(papers) > last, [*cursors, end])


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text)
    except ValueError:
        return None


def _time(text: str) -> datetime:
    try:
        return as_since(text)
    except StoreError as error:
        message = f"since {text[:100]!r} is neither the `cursor` of an answer nor a time such as 2025-12-08T10:00:00Z"
        raise ToolError(message) from error


def _listed(
    make: Callable[..., AnswerModel],
    context: Context,
    papers: Sequence[CatalogPaper],
    as_of: datetime | None,
    source: str | None,
    query: str | None = None,
) -> AnswerModel:
    """The answer with as many papers of the catalog as fit; `make` adds to the number and the fields that it is given.

    As of a time, a paper that the source and the query had not listed by then is left out.
    """
    entries = [_entry(paper, as_of, source, query) for paper in papers]
    coverage = context.coverage(as_of, source)

    def made(count: int) -> AnswerModel:
        shown = [entry for entry in entries[:count] if entry is not None]
        days = {(day.day, day.source, day.query or ""): day for entry in shown for day in entry.listed}
        states = context.states((days[key] for key in sorted(days, reverse=True)), as_of)
        return make(count, papers=shown, days=states, coverage=coverage)

    return fit(made, len(entries))


def _entry(paper: CatalogPaper, as_of: datetime | None, source: str | None, query: str | None) -> Brief | None:
    if as_of is None:
        return brief(paper.fields, list(map(_day, paper.listings)))
    days = [_day(listing) for listing in paper.listings if listing.first_seen <= as_of]
    is_listed = any(source in {None, day.source} and query in {None, day.query} for day in days)
    # The numbers of a time are in the day files of that time.
    return brief(paper.fields | {"upvotes": None}, days) if is_listed else None


def _day(listing: Listing | StoredHistory | SourceDay) -> ListingDay:
    return ListingDay(**_fields(listing))


def _fields(listing: Listing | StoredHistory | SourceDay) -> dict[str, Any]:
    return {**asdict(listing.series), "day": listing.day}


def _points(history: StoredHistory) -> answers.ListingHistory:
    points = [asdict(metric) for metric in history.metrics[-MAX_POINTS:]]
    return answers.ListingHistory.model_validate(_fields(history) | {"points": points})


def _fetch(fetch: FetchEvidence) -> answers.Fetch:
    failed = [f"{view['view']}: {short(view['failed'], 300)}" for view in fetch["views"] if view["failed"]]
    return answers.Fetch.model_validate({**fetch, "failed_views": failed})


def _rank_and_key(record: dict[str, Any]) -> tuple[bool, int, str]:
    return record["rank"] is None, record["rank"] or 0, record["key"]


def _search_remarks(found: SearchResult) -> list[str]:
    remarks = {
        "the text has no word to search for; give one or more words": not found.words,
        "the text was too long; only its beginning was searched for": found.cut,
        "very many papers match; only the newest 20,000 were ranked; give more words": found.ranked_newest,
        f"only the first {MAX_FOUND:,} can be read page by page; give more words": found.total > MAX_FOUND,
    }
    return [remark for remark, holds in remarks.items() if holds]


def _list_remarks(as_of: datetime | None) -> list[str]:
    """What a list from the catalog is, if it is of a time: the catalog holds the texts of now."""
    if as_of is None:
        return []
    known = f"the papers are those first seen by {timestamp(as_of)}"
    return [f"{known}, with the texts of today; get_paper has all as it was"]
