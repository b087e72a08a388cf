"""Sources, their views, and the nouns for one listing of a source and for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from dailypapers.snapshots.completeness.state import Bounds
from dailypapers.snapshots.store.layout import Series

from . import calendars
from . import hugging_face as hf
from .calendars import Period
from .urls import HUGGING_FACE as HUGGING_FACE_PAGING
from .urls import Paging

HUGGING_FACE: Final = "https://huggingface.co"

Path = Callable[[date, str | None], str]
"""Builds path and query of a listing from its day and the words of a search."""


class Query(NamedTuple):
    """What `--query` of a source takes."""

    name: str
    example: str
    pattern: re.Pattern[str]
    """What it must match as a whole."""
    is_optional: bool = False
    """Whether there is also a series without it."""


WORDS: Final = Query("the words of a search", "diffusion language models", re.compile(r".*"))
CATEGORY: Final = Query(
    "a category or an archive of arXiv", "cs.CL", re.compile(r"[a-z]+(-[a-z]+)*(\.[A-Za-z]+(-[a-z]+)*)?")
)
SET: Final = Query(
    "a set of arXiv's OAI-PMH",
    "math:math:NA",
    # The groups of https://arxiv.org/category_taxonomy; a set that does not exist would count as one without records.
    re.compile(r"(cs|econ|eess|math|physics|q-bio|q-fin|stat)(:[a-z-]+(:[A-Za-z-]+)?)?"),
    is_optional=True,
)
SOURCE: Final = Query("a source", "hf-daily", re.compile(r"[a-z]+(-[a-z]+)+"))
EXPRESSION: Final = Query(
    "a query of arXiv's API", "cat:cs.CL AND ti:transformer", re.compile(r".*\b(ti|au|abs|co|jr|cat|rn|id|all):\S.*")
)


class View(NamedTuple):
    """One independent way to read a listing."""

    name: str
    parser: str
    kind: str
    """The format of its pages: `json`, `html`, `xml` or `text`."""
    path: Path
    """Path and query of the first page, with the largest page size."""
    parse_url: Callable[[str], hf.ListingQuery | None]
    """What a URL of this site asks for through this view; None if it is not a listing."""
    bucket: str
    """The request budget of the site that its requests count against."""
    page_size: int | None = None
    """Items requested per page; None if the listing is a single page."""
    site: str | None = None
    """The origin of its URLs, if it is not that of its source."""
    paging: Paging = HUGGING_FACE_PAGING
    """How its URLs select a page."""
    slow: bool = False
    """Whether an answer may take minutes."""


class Source(NamedTuple):
    """A named listing. Where its views differ in a field, the first view counts."""

    name: str
    title: str
    """As feeds, the site and mail name it, without its query."""
    description: str
    """What it lists, in a sentence."""
    site: str
    """The origin of its URLs, such as `https://huggingface.co`."""
    kind: str
    """The `ListingQuery.kind` of its URLs."""
    period: Period
    first_day: date
    """The day of its oldest listing."""
    views: tuple[View, ...]
    fetched: bool = True
    """False for a source whose pages only come from files."""
    most_rejects: float = 0.02
    """The share of a run's items that may be rejected before a human has to look; one reject is always allowed."""
    calendar: calendars.Calendar = calendars.hugging_face
    """The days on which the site lists nothing new."""
    query: Query | None = None
    """What `--query` takes; None if the source takes none."""
    keeps_papers: bool = True
    """Whether a paper stays in the listing of a day; if not, a missing paper proves nothing."""
    states_day: bool = False
    """Whether pages of the current list (`Period.NOW`) say which day it is for, and list nothing for any other."""

    def endpoint(self, hf_endpoint: str | None) -> str:
        """The origin to send requests to: `hf_endpoint`, if there is one, replaces the site of Hugging Face."""
        return ((hf_endpoint if self.is_hugging_face else None) or self.site).rstrip("/")

    @property
    def is_hugging_face(self) -> bool:
        """Whether HF_ENDPOINT and HF_TOKEN apply to it."""
        return self.site == HUGGING_FACE

    @property
    def takes_query(self) -> bool:
        """Whether it has a series for each `--query`."""
        return self.query is not None

    @property
    def is_plain(self) -> bool:
        """Whether it has a series without a `--query`."""
        return self.query is None or self.query.is_optional

    @property
    def robots_bucket(self) -> str:
        """The budget from which requests for robots.txt are taken."""
        return "hf-pages" if self.is_hugging_face else self.views[0].bucket

    def may_be_empty(self, day: date) -> bool:
        """Whether the listing of a day may have no papers: a search, and one of days without new papers."""
        return self.query == WORDS or self.first_due(day) is None

    def first_due(self, day: date) -> date | None:
        """The first day within the listing of `day` that must have papers; a trending list always must."""
        if self.period is Period.NOW and not self.states_day:
            return day
        return next((each for each in self.period.days(day) if not self.calendar(each)), None)


class SourceDay(NamedTuple):
    """One listing of a source; `day` is the first day of its period."""

    source: Source
    series: Series
    day: date

    def __str__(self) -> str:
        return f"{self.series} {self.day}"

    def canonical_url(self, view: View) -> str:
        """URL of a view's first page at the real site, whatever endpoint requests are sent to."""
        return (view.site or self.source.site) + view.path(self.day, self.series.query)


class SourceSeries(NamedTuple):
    """All listings of a source; of a source with searches, all of one search."""

    source: Source
    series: Series
    endpoint: str | None = None
    """An origin whose URLs count as those of the site, such as that of a mirror."""

    def __str__(self) -> str:
        return str(self.series)

    @property
    def title(self) -> str:
        """The title of the source, with the query where there is one."""
        query = self.series.query
        return self.source.title if query is None else f"{self.source.title}: {query}"

    def on(self, day: date) -> SourceDay:
        """The listing whose period begins on `day`."""
        return SourceDay(self.source, self.series, day)

    def day_in(self, view: View, url: str) -> date | None:
        """The day whose listing a URL asks for; None for any other URL, and for a listing without a date."""
        query = self._query_in(view, url)
        day = hf.first_day(query) if query is not None else None
        return day and self.source.period.first_day(day)

    def matches(self, view: View, url: str) -> bool:
        """Whether a URL asks for one of these listings."""
        sites = (view.site or self.source.site, self.endpoint or self.source.site)
        hosts = {urlsplit(origin).hostname for origin in sites}
        return self._query_in(view, url) is not None and urlsplit(url).hostname in hosts

    def _query_in(self, view: View, url: str) -> hf.ListingQuery | None:
        query = view.parse_url(url)
        is_ours = query is not None and (query.kind, query.query) == (self.source.kind, self.series.query)
        return query if is_ours else None


def bounds_of(source: Source, day: date) -> Bounds:
    """What the state of a day depends on, besides its fetches."""
    at_once = source.period is Period.NOW or not source.fetched
    return Bounds(source.period.end(day), source.may_be_empty(day), at_once)
