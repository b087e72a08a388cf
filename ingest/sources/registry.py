"""The table of sources: the name of each listing, its site, its views and their URLs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final

from dailypapers.ingest.errors import UsageError, did_you_mean
from dailypapers.snapshots.completeness.verdict import Rules
from dailypapers.snapshots.store.layout import Series

from . import calendars
from . import hugging_face as hf
from .arxiv import ARXIV_FORMS, ARXIV_SOURCES
from .calendars import Period
from .model import HUGGING_FACE, WORDS, Source, View
from .urls import url_builder, url_parser


def rules_of(source: Source, day: date) -> Rules:
    """The rules that decide which fetches of a day are whole."""
    end, due = source.period.end(day), source.first_due(day)
    if source.period is Period.NOW and not source.states_day:
        # The views may show different parts of an endless list.
        return Rules(end, source.may_be_empty(day), filled=datetime.combine(day, time(), UTC), comparable=False)
    if source.states_day:
        # What is shown for the day is all of it, as soon as anything is.
        return Rules(end, source.may_be_empty(day), filled=datetime.combine(day, time(), UTC))
    filled = Period.DAY.end(due) if due is not None else None
    return Rules(end, source.may_be_empty(day), filled=filled, falls=source.keeps_papers)


def _views(api: str, page: str, page_size: int | None = None) -> tuple[View, ...]:
    """The two views of a Hugging Face listing, by the templates of their URLs."""
    return (
        View("api", "hf_api", "json", url_builder(api), hf.parse_api_url, "hf-api", page_size),
        View("html", "hf_html", "html", url_builder(page), hf.parse_page_url, "hf-pages"),
    )


def daily(  # noqa: PLR0913, PLR0917 - one line of the table
    name: str, title: str, site: str, parser: str, path: str, first_day: date, kind: str = "json"
) -> Source:
    """A site with one list a day; `path` is the path and query of its URL, with `{day}` for the day."""
    view = View("list", parser, kind, url_builder(path), url_parser(path), "site")
    return Source(
        name,
        title,
        f"{title}, one list a day",
        site,
        "date",
        Period.DAY,
        first_day,
        (view,),
        calendar=calendars.every_day,
    )


# The oldest known list.
_FIRST = date(2023, 5, 4)

SOURCES: Final = {
    source.name: source
    for source in (
        Source(
            name="hf-daily",
            title="Hugging Face Daily Papers",
            description="Hugging Face Daily Papers, one list a day (UTC)",
            site=HUGGING_FACE,
            kind="date",
            period=Period.DAY,
            first_day=_FIRST,
            views=_views("/api/daily_papers?date={day}&limit=100", "/papers/date/{day}", 100),
        ),
        Source(
            name="hf-weekly",
            title="Daily Papers of the week",
            description="Hugging Face Daily Papers of an ISO week, named by its Monday",
            site=HUGGING_FACE,
            kind="week",
            period=Period.WEEK,
            first_day=Period.WEEK.first_day(_FIRST),
            views=_views("/api/daily_papers?week={week}&limit=100", "/papers/week/{week}", 100),
        ),
        Source(
            name="hf-monthly",
            title="Daily Papers of the month",
            description="Hugging Face Daily Papers of a month, named by its first day",
            site=HUGGING_FACE,
            kind="month",
            period=Period.MONTH,
            first_day=Period.MONTH.first_day(_FIRST),
            views=_views("/api/daily_papers?month={month}&limit=100", "/papers/month/{month}", 100),
        ),
        Source(
            name="hf-trending",
            title="Trending papers",
            description="Hugging Face trending papers, as they are on the day of the fetch",
            site=HUGGING_FACE,
            kind="trending",
            period=Period.NOW,
            first_day=_FIRST,
            # The whole list never ends, so its first page is the listing.
            views=_views("/api/daily_papers?sort=trending&limit=100", "/papers/trending"),
        ),
        Source(
            name="hf-search",
            title="Found at Hugging Face",
            description="Hugging Face papers that a search finds (--query), on the day of the fetch",
            site=HUGGING_FACE,
            kind="search",
            period=Period.NOW,
            first_day=_FIRST,
            views=_views("/api/papers/search?q={words}&limit=120", "/papers?q={words}"),
            query=WORDS,
        ),
        Source(
            name="hf-text",
            title="Copied listings",
            description="a Hugging Face listing page copied as text, from files only",
            site=HUGGING_FACE,
            kind="date",
            period=Period.DAY,
            first_day=_FIRST,
            views=(View("text", "hf_text", "text", url_builder("/papers/date/{day}"), hf.parse_page_url, "hf-pages"),),
            fetched=False,
        ),
        *ARXIV_SOURCES,
    )
}


def source_named(name: str) -> Source:
    """The source with a name. Raises UsageError for an unknown name."""
    return _named(name, SOURCES)


READABLE: Final = {
    **SOURCES,
    # A single paper is not a listing: `parse` reads it, but it has no days and is not in the store.
    "hf-paper": Source(
        name="hf-paper",
        title="A paper at Hugging Face",
        description="one paper as the Hugging Face API answers it",
        site=HUGGING_FACE,
        kind="paper",
        period=Period.NOW,
        first_day=_FIRST,
        views=(View("api", "hf_paper", "json", url_builder("/api/papers"), hf.parse_api_url, "hf-api"),),
        fetched=False,
    ),
    **{source.name: source for source in ARXIV_FORMS},
}
"""What `parse` reads: the sources, and answers that are not listings."""


def readable(name: str) -> Source:
    """The source that `parse --as` names. Raises UsageError for an unknown name."""
    return _named(name, READABLE)


def _named(name: str, sources: Mapping[str, Source]) -> Source:
    if name not in sources:
        there_are = f"there are: {', '.join(sources)}"
        raise UsageError(f"no source {name!r}; {there_are}{did_you_mean(name, sources)}")
    return sources[name]


def series_named(source: Source, query: str | None) -> Series:
    """The series of a source for `--query`. Raises UsageError if a query is missing, invalid or not supported."""
    words = " ".join((query or "").split()) or None
    if query is not None and source.query is None:
        raise UsageError(f"{source.name} takes no --query")
    if source.query is None or (query is None and source.is_plain):
        return Series(source.name, None)
    if words is None:
        raise UsageError(f'{source.name} needs --query, e.g. --query "{source.query.example}"')
    if words != words.encode("utf-8", "replace").decode():
        raise UsageError(f"--query {query!r} cannot be encoded as UTF-8")
    if not source.query.pattern.fullmatch(words):
        raise UsageError(f"--query {words!r} is not {source.query.name}, like {source.query.example}")
    return Series(source.name, words)
