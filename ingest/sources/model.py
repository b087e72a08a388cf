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

    def _asked(self, asked: hf.ListingQuery, series: Series) -> bool:
        return asked.kind == self.kind and asked.query == series.query
