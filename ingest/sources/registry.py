"""The table of sources: what each listing is called, through which views it is seen, and where.

A view knows its addresses and the parser that reads its pages; nothing here touches the network.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from ingest.errors import UsageError
from ingest.sources.model import HUGGING_FACE, Path, Source, View
from snapshots.store.layout import Series

from . import calendars
from . import hugging_face as hf
from . import url_template as addresses
from .period import Period


def _views(api: Path, page: Path, page_size: int | None) -> tuple[View, ...]:
    return (
        View("api", "hf_api", "json", api, hf.parse_api_url, "hf-api", page_size),
        View("html", "hf_html", "html", page, hf.parse_page_url, "hf-pages"),
    )


def daily(  # noqa: PLR0913, PLR0917 - one line of the table
    name: str, title: str, site: str, parser: str, path: str, first_day: date, kind: str = "json"
) -> Source:
    """A site with one list a day at one address, of which `path` is path and query, with `{day}` for the day."""
    view = View("list", parser, kind, addresses.url_builder(path), addresses.url_parser(path), "site")
    return Source(name, title, site, "date", Period.DAY, first_day, (view,), calendar=calendars.every_day)


# The oldest list that anyone has seen is of 2023-05-04.
_FIRST = date(2023, 5, 4)

SOURCES: Final = {
    source.name: source
    for source in (
        Source(
            name="hf-daily",
            title="Hugging Face Daily Papers, one list a day (UTC)",
            site=HUGGING_FACE,
            kind="date",
            period=Period.DAY,
            first_day=_FIRST,
            views=_views(hf.daily_api, hf.daily_page, 100),
        ),
        Source(
            name="hf-weekly",
            title="Hugging Face Daily Papers of an ISO week, named by its Monday",
            site=HUGGING_FACE,
            kind="week",
            period=Period.WEEK,
            first_day=Period.WEEK.first_day(_FIRST),
            views=_views(hf.weekly_api, hf.weekly_page, 100),
        ),
        Source(
            name="hf-monthly",
            title="Hugging Face Daily Papers of a month, named by its first day",
            site=HUGGING_FACE,
            kind="month",
            period=Period.MONTH,
            first_day=Period.MONTH.first_day(_FIRST),
            views=_views(hf.monthly_api, hf.monthly_page, 100),
        ),
        Source(
            name="hf-trending",
            title="Hugging Face trending papers, as they are on the day of the fetch",
            site=HUGGING_FACE,
            kind="trending",
            period=Period.NOW,
            first_day=_FIRST,
            views=_views(hf.trending_api, hf.trending_page, None),
        ),
        Source(
            name="hf-search",
            title="Hugging Face papers that a search finds (--query), on the day of the fetch",
            site=HUGGING_FACE,
            kind="search",
            period=Period.NOW,
            first_day=_FIRST,
            views=_views(hf.search_api, hf.search_page, None),
            takes_query=True,
        ),
        Source(
            name="hf-text",
            title="a Hugging Face listing page copied as text, from files only",
            site=HUGGING_FACE,
            kind="date",
            period=Period.DAY,
            first_day=_FIRST,
            views=(View("text", "hf_text", "text", hf.daily_page, hf.parse_page_url, "hf-pages"),),
            fetched=False,
        ),
    )
}


def source_named(name: str) -> Source:
    """The source of that name. Raises UsageError naming those there are."""
    if name not in SOURCES:
        raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    return SOURCES[name]


READABLE: Final = {
    **SOURCES,
    # One paper is no listing: it can be read, but has no days, no place in the store and none among the sources.
    "hf-paper": Source(
        name="hf-paper",
        title="one paper as the Hugging Face API answers it",
        site=HUGGING_FACE,
        kind="paper",
        period=Period.NOW,
        first_day=_FIRST,
        views=(View("api", "hf_paper", "json", hf.trending_api, hf.parse_api_url, "hf-api"),),
        fetched=False,
    ),
}
"""What `parse` reads: the sources, and answers that are no listings."""


def readable(name: str) -> Source:
    """What `parse --as` names. Raises UsageError naming what there is."""
    if name not in READABLE:
        raise UsageError(f"no source {name!r}; there are: {', '.join(READABLE)}")
    return READABLE[name]


def series_named(source: Source, query: str | None) -> Series:
    """The series of a source with the words of `--query`. Raises UsageError where they are missing or not wanted."""
    words = " ".join((query or "").split()) or None
    if source.takes_query and words is None:
        raise UsageError(f'{source.name} needs --query, e.g. --query "diffusion language models"')
    if words is not None and words != words.encode("utf-8", "replace").decode():
        raise UsageError(f"--query {query!r} is no text that can be searched for")
    if query is not None and not source.takes_query:
        raise UsageError(f"{source.name} takes no --query")
    return Series(source.name, words)
