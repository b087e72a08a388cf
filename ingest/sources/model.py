"""Source and View: the entries of the table of sources."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from ingest.sources import calendars
from ingest.sources import hugging_face as hf
from ingest.sources.period import Period
from snapshots.store.layout import Series

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
    asked: Callable[[str], hf.ListingQuery | None]
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
    """What its addresses ask for, as `ListingQuery.kind` names it."""
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

    def may_be_empty(self, day: date) -> bool:
        """Whether the listing that `day` names may hold nothing: a search, and one of none but quiet days."""
        return self.takes_query or self.first_due(day) is None

    def first_due(self, day: date) -> date | None:
        """The first day of the listing that `day` names on which there must be papers; trending is never empty."""
        if self.period is Period.NOW:
            return day
        return next((one for one in self.period.days(day) if not self.calendar(one)), None)


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One listing: the one of a source's series that `day` names."""

    source: Source
    series: Series
    day: date

    def __str__(self) -> str:
        return f"{self.series} {self.day}"

    def canonical(self, view: View) -> str:
        """URL of a view's first page at the real site, whatever the endpoint is."""
        return self.source.site + view.path(self.day, self.series.query)


@dataclass(frozen=True, slots=True)
class SourceSeries:
    """A source and one of its series: all the days of a search, or all the days that the source has."""

    source: Source
    series: Series

    def __str__(self) -> str:
        return str(self.series)

    def on(self, day: date) -> SourceDay:
        """The listing that `day` names."""
        return SourceDay(self.source, self.series, day)

    def day_asked(self, view: View, url: str) -> date | None:
        """The day whose listing a URL asks for; None for every other URL.

        Listings without a date of their own (trending, search) give None too: see `asks_for`.
        """
        query = self._query_in(view, url)
        day = hf.named_day(self.source.kind)(query.period) if query is not None else None
        return day and self.source.period.first_day(day)

    def asks_for(self, view: View, url: str) -> bool:
        """Whether a URL asks for a listing of this series, whichever day it names."""
        hosts = {urlsplit(self.source.site).hostname, urlsplit(self.source.endpoint()).hostname}
        return self._query_in(view, url) is not None and urlsplit(url).hostname in hosts

    def _query_in(self, view: View, url: str) -> hf.ListingQuery | None:
        query = view.asked(url)
        wanted = query is not None and (query.kind, query.query) == (self.source.kind, self.series.query)
        return query if wanted else None
