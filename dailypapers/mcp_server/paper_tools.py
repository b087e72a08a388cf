"""The tools about papers: search, one paper, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Final

import orjson

from dailypapers.arguments import source_series
from parsers.model import timestamp
from snapshots.catalog.model import CatalogPaper, Listing, SearchResult, Selection
from snapshots.certificate import Certificate
from snapshots.history import ArxivVersion, arxiv_version, first_versions
from snapshots.history import PaperHistory as StoredHistory
from snapshots.history import paper_history as stored_history
from snapshots.metrics import read_metrics
from snapshots.store.layout import Series

from .answers import (
    Brief,
    FullPaper,
    ListingDay,
    ListingHistory,
    PaperHistory,
    PaperListing,
    PaperVersion,
    Point,
    Search,
)
from .arguments import GetPaper, PaperHistoryArguments, SearchPapers
from .context import Context
from .errors import ToolError
from .papers import brief, days_of
from .size import MAX_BYTES, fit, next_page, offset, sent_bytes, short, short_record

MAX_LISTINGS: Final = 50
MAX_ALIASES: Final = 20
MAX_POINTS: Final = 300
"""Of one day; its newest ones. The plan has about 30 fetches of a day."""
MAX_FOUND: Final = 1_000
"""Papers that can be reached page by page: a longer answer asks for better words."""


def search_papers(context: Context, arguments: SearchPapers) -> Search:
    """Papers that have all words of a text, the best first."""
    as_of, start = context.instant(arguments.as_of), offset(arguments.cursor)
    selection = Selection(source=context.source_name(arguments.source), known_by=as_of)
    with context.catalog() as catalog:
        last = min(start + arguments.limit, MAX_FOUND)
        found = catalog.search(arguments.text, limit=last, selection=selection)
        remarks = [*context.remarks(), *_search_remarks(found, as_of)]
    entries = [brief_of(paper, as_of, arguments.source) for paper in found.hits[start:]]
    coverage = context.days.coverage(as_of, arguments.source)

    def make(count: int) -> Search:
        papers = [entry for entry in entries[:count] if entry is not None]
        return Search(
            days=context.states(days_of(papers), as_of),
            remarks=remarks,
            papers=papers,
            total=found.total,
            cursor=next_page(start, len(entries[:count]), min(found.total, MAX_FOUND)),
            coverage=coverage,
        )

    return fit(make, arguments.limit)


def get_paper(context: Context, arguments: GetPaper) -> FullPaper:
    """All that is known about a paper."""
    as_of = context.instant(arguments.as_of)
    with context.catalog() as catalog:
        paper = catalog.paper(arguments.key)
        remarks = context.remarks()
    listings = _known(paper, as_of)
    if paper is None or not listings:
        coverage = context.days.coverage(as_of)
        remarks.append(_not_found(arguments.key, paper, as_of))
        return FullPaper(days=[], remarks=remarks, paper=None, aliases=[], listings=[], coverage=coverage)
    if as_of is not None:
        remarks.append(f"the record is that of {_name(listings[-1])}, as of {timestamp(as_of)}")
    newest = listings[-MAX_LISTINGS:]
    answer = FullPaper(
        days=context.states(map(_day, newest), as_of),
        remarks=remarks,
        paper={},
        aliases=[short(alias.key, 500) for alias in paper.aliases if alias.key != paper.key][:MAX_ALIASES],
        listings=[_listing(context, listing, as_of) for listing in newest],
        coverage=[],
    )
    return _with_record(answer, paper.fields if as_of is None else _record(context, listings[-1], as_of))


def paper_history(context: Context, arguments: PaperHistoryArguments) -> PaperHistory:
    """The upvotes, comments and stars of a paper at each fetch that changed one, by the days that list it.

    Also the arXiv versions that these days show, each with the day that showed it first.
    """
    as_of, start = context.instant(arguments.as_of), offset(arguments.cursor)
    with context.catalog() as catalog:
        paper = catalog.paper(arguments.key)
        remarks = context.remarks()
    listings = _known(paper, as_of)
    coverage = [] if listings else context.days.coverage(as_of)
    if not listings:
        remarks.append(_not_found(arguments.key, paper, as_of))
    page = listings[start : start + MAX_LISTINGS]
    entries = [_history(context, listing, as_of) for listing in page]
    shown = {(each.series, each.day): each for each in _histories(context, page, as_of)}

    def make(count: int) -> PaperHistory:
        days = [(listing.series, listing.day) for listing in page[:count]]
        return PaperHistory(
            days=context.states(entries[:count], as_of),
            remarks=remarks,
            key=paper.key if paper and listings else arguments.key,
            title=short(paper.fields["title"], 300) if paper and listings else None,
            versions=[_version(*each) for each in first_versions(shown[day] for day in days if day in shown)],
            history=entries[:count],
            cursor=next_page(start, len(entries[:count]), len(listings)),
            coverage=coverage,
        )

    return fit(make, MAX_LISTINGS)


def brief_of(
    paper: CatalogPaper, as_of: datetime | None, source: str | None = None, query: str | None = None
) -> Brief | None:
    """A paper of the catalog in a list, with the days that listed it; None if the source had not listed it by then."""
    listings = _known(paper, as_of)
    if as_of is None:
        return brief(paper.fields, [_day(listing) for listing in listings])
    if not any(_is_of(listing, source, query) for listing in listings):
        return None
    # The numbers of a time are in the day files of that time.
    return brief(paper.fields | {"upvotes": None}, [_day(listing) for listing in listings])


def _is_of(listing: Listing, source: str | None, query: str | None) -> bool:
    return source in {None, listing.series.source} and query in {None, listing.series.query}


def _known(paper: CatalogPaper | None, as_of: datetime | None) -> Sequence[Listing]:
    """The listings of a paper that were known at a time, by day."""
    listings = paper.listings if paper is not None else ()
    return [listing for listing in listings if as_of is None or listing.first_seen <= as_of]


def _history(context: Context, listing: Listing, as_of: datetime | None) -> ListingHistory:
    metrics = read_metrics(context.store.metrics(listing.series, listing.day), listing.key)
    points = [
        Point(at=metric.at, upvotes=metric.upvotes, comments=metric.comments, github_stars=metric.github_stars)
        for metric in metrics
        if as_of is None or metric.at <= as_of
    ]
    return ListingHistory(**_day(listing).model_dump(), points=points[-MAX_POINTS:])


def _histories(context: Context, listings: Sequence[Listing], as_of: datetime | None) -> Iterator[StoredHistory]:
    """The days of listings that show an arXiv version, with the version that they showed at a time."""
    for history in stored_history(context.store, [(each.series, each.day, each.key) for each in listings]):
        if history.version is not None and as_of is not None:
            record, certificate = _built(context, history.series, history.day, history.key, as_of)
            yield replace(history, version=arxiv_version(record, certificate))
        else:
            yield history


def _version(version: ArxivVersion, history: StoredHistory) -> PaperVersion:
    series = history.series
    return PaperVersion(source=series.source, query=series.query, day=history.day, **asdict(version))


def _listing(context: Context, listing: Listing, as_of: datetime | None) -> PaperListing:
    """A listing with its numbers; those of a time are in the record that the day had then."""
    values: Any = _record(context, listing, as_of) if as_of is not None else asdict(listing)
    names = ("rank", "first_seen", "last_seen", "upvotes", "comments", "github_stars")
    return PaperListing(**_day(listing).model_dump(), **{name: values[name] for name in names})


def _record(context: Context, listing: Listing, as_of: datetime) -> dict[str, Any]:
    return _built(context, listing.series, listing.day, listing.key, as_of)[0]


def _built(
    context: Context, series: Series, day: date, key: str, as_of: datetime
) -> tuple[dict[str, Any], Certificate | None]:
    """The record of a paper in the day file of a time, and the certificate of the day then.

    Raises ToolError if the day file does not have it.
    """
    content = context.days.content(source_series(series.source, series.query).on(day), as_of)
    needle = orjson.dumps(key)
    for line in content.papers.splitlines() if content is not None else ():
        if needle in line and (record := orjson.loads(line))["key"] == key:
            return dict(record), content.certificate if content is not None else None
    command = f"{context.program} build {series.source} --since {day}"
    raise ToolError(f"{series} {day} had no {key} at {timestamp(as_of)}; build the day again: {command}")


def _with_record(answer: FullPaper, record: dict[str, Any]) -> FullPaper:
    """The answer with the record, whose long texts and lists are cut where they do not fit."""

    def fits(cut: dict[str, Any]) -> bool:
        return sent_bytes(answer.model_copy(update={"paper": cut})) <= MAX_BYTES

    cut, is_cut = short_record(record, fits)
    remarks = [*answer.remarks, *(["long texts and lists of the record are cut"] if is_cut else [])]
    return answer.model_copy(update={"paper": cut, "remarks": remarks})


def _search_remarks(found: SearchResult, as_of: datetime | None) -> list[str]:
    remarks = [] if found.words else ["the text has no word to search for; give one or more words"]
    if found.cut:
        remarks.append("the text was too long; only its beginning was searched for")
    if found.ranked_newest:
        remarks.append("very many papers match; only the newest 20,000 were ranked; give more words")
    if found.total > MAX_FOUND:
        remarks.append(f"only the first {MAX_FOUND:,} can be read page by page; give more words")
    return [*remarks, *as_of_remarks(as_of)]


def as_of_remarks(as_of: datetime | None) -> list[str]:
    """What an answer from the catalog is, if it is of a time: the catalog holds the texts of now."""
    if as_of is None:
        return []
    return [
        f"the papers are those first seen by {timestamp(as_of)}, with the texts of today; get_paper has all as it was"
    ]


def _not_found(key: str, paper: CatalogPaper | None, as_of: datetime | None) -> str:
    if paper is not None and as_of is not None:
        first = min(listing.first_seen for listing in paper.listings)
        return f"no day had listed it by {timestamp(as_of)}; it was first seen at {timestamp(first)}"
    return f"no stored day lists {short(key, 200)}; find keys with search_papers, and see coverage for missing days"


def _name(listing: Listing) -> str:
    return f"{listing.series} {listing.day}"


def _day(listing: Listing) -> ListingDay:
    return ListingDay(source=listing.series.source, query=listing.series.query, day=listing.day)
