"""The table of sources: what each listing is called, through which views it is seen, and where.

A view knows its addresses and the parser that reads its pages; nothing here touches the network.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from ingest.errors import UsageError
from snapshots.store.layout import Series

from . import calendars
from . import hugging_face as hf
from . import url_template as addresses
from .period import Period

HUGGING_FACE: Final = "https://huggingface.co"

Path = Callable[[date, str | None], str]


@dataclass(frozen=True, slots=True)
class View:
    """One independent way to see a listing."""

    name: str
    parser: str
    kind: str
    """What its pages are made of: `json`, `html` or `text`. A file's view is told by its content."""
    path: Path
    """Path and query of the first page, with the largest page size, given the day and the words of a search."""
    asked: Callable[[str], hf.Asked | None]
    """What an address of this site asks for through this view."""
    bucket: str
    """The budget of its site that its requests are taken from."""
    page_size: int | None = None
    """Items asked for a page; None where the listing is one page."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named listing. Its views stand strongest first: where they differ in a field, the first one counts."""

    name: str
    title: str
    site: str
    """The origin whose politeness budget it uses, unless HF_ENDPOINT names another."""
    kind: str
    """What its addresses ask for, as `hugging_face.Asked` names it."""
    period: Period
    first_day: date
    """The day that names its oldest listing."""
    views: tuple[View, ...]
    takes_query: bool = False
    fetched: bool = True
    """False for what only comes from files."""
    most_rejects: float = 0.02
    """The share of a run's items that may be refused (and one in any case) before a person has to look."""
    calendar: calendars.Calendar = calendars.hugging_face
    """The days on which the site lists nothing new."""

    def view(self, name: str) -> View:
        """The view of that name."""
        return next(view for view in self.views if view.name == name)

    def endpoint(self) -> str:
        """The origin to ask: for Hugging Face `HF_ENDPOINT`, as everywhere in that ecosystem; else the site itself."""
        said = os.environ.get("HF_ENDPOINT") if self.is_hugging_face else None
        return (said or self.site).rstrip("/")

    @property
    def is_hugging_face(self) -> bool:
        """Whether it is a listing of Hugging Face, the one site that HF_ENDPOINT and HF_TOKEN are for."""
        return self.site == HUGGING_FACE

    def canonical(self, view: View, series: Series, day: date) -> str:
        """The address of a view's first page at the real site, whatever the endpoint is."""
        return self.site + view.path(day, series.query)

    def day_asked(self, view: View, series: Series, url: str) -> date | None:
        """The day whose listing an address asks this source for; None for every other address.

        Listings without a date of their own (trending, search) give None too: see `asks_for`.
        """
        asked = view.asked(url)
        if asked is None or not self._asked(asked, series):
            return None
        day = hf.named_day(self.kind)(asked.period)
        return day and self.period.first_day(day)

    def asks_for(self, view: View, series: Series, url: str) -> bool:
        """Whether an address asks for a listing of this source, whichever day it names."""
        asked = view.asked(url)
        hosts = {urlsplit(self.site).hostname, urlsplit(self.endpoint()).hostname}
        return asked is not None and self._asked(asked, series) and urlsplit(url).hostname in hosts

    def may_be_empty(self, day: date) -> bool:
        """Whether the listing that `day` names may hold nothing: a search, and one of none but quiet days."""
        return self.takes_query or self.first_due(day) is None

    def first_due(self, day: date) -> date | None:
        """The first day of the listing that `day` names on which there must be papers; trending is never empty."""
        if self.period is Period.NOW:
            return day
        return next((one for one in self.period.days(day) if not self.calendar(one)), None)

    def _asked(self, asked: hf.Asked, series: Series) -> bool:
        return asked.kind == self.kind and asked.query == series.query


def _views(api: Path, page: Path, page_size: int | None) -> tuple[View, ...]:
    return (
        View("api", "hf_api", "json", api, hf.asked_of_api, "hf-api", page_size),
        View("html", "hf_html", "html", page, hf.asked_of_page, "hf-pages"),
    )


def daily(  # noqa: PLR0913, PLR0917 - one line of the table
    name: str, title: str, site: str, parser: str, path: str, first_day: date, kind: str = "json"
) -> Source:
    """A site with one list a day at one address, of which `path` is path and query, with `{day}` for the day."""
    view = View("list", parser, kind, addresses.path_of(path), addresses.asked_of(path), "site")
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
            views=(View("text", "hf_text", "text", hf.daily_page, hf.asked_of_page, "hf-pages"),),
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
        views=(View("api", "hf_paper", "json", hf.trending_api, hf.asked_of_api, "hf-api"),),
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


def check_endpoint(endpoint: str, name: str = "HF_ENDPOINT") -> str:
    """An origin that requests may go to. Raises UsageError, saying where it was named, where it is none."""
    try:
        parts = urlsplit(endpoint)
        encoded = (parts.hostname or "").encode("idna")
        usable = parts.scheme in {"http", "https"} and bool(encoded) and (parts.port or 1) > 0
        usable = usable and endpoint.rstrip("/") == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{name} is {endpoint!r}; it must read like https://huggingface.co")
    # One spelling, so that one site has one budget.
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
