"""A request, and the site that it is sent to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dailypapers.ingest.archive.model import Served

from .budgets import Budget


@dataclass(frozen=True, slots=True)
class Site:
    """The site that a client sends requests to, and how it identifies itself."""

    origin: str
    """Where requests go, and under which they are counted, those to other origins of the source included."""
    budgets: Mapping[str, Budget]
    """Budgets set by the user."""
    user_agent: str
    token: str | None = None
    """Access token of the user; it is redacted in faults."""
    robots_bucket: str = "hf-pages"
    """The budget from which requests for robots.txt are taken."""
    serves_all: bool = False
    """Whether it also serves what the source has at other origins: it is one that the user set."""

    def origin_of(self, view_site: str | None) -> str:
        """Where the requests of a view go, given its own site, if it has one."""
        return self.origin if self.serves_all or view_site is None else view_site


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one page."""

    path: str
    """Path and query."""
    bucket: str
    """The budget from which it is taken."""
    fetched_at: datetime
    """The time of the fetch, with which all its pages are stamped."""
    cached: Served | None = None
    """The page as last read, whose validators are sent."""
    view_site: str | None = None
    """The origin of the view, if it is not that of its source."""
    slow: bool = False
    """Whether its answer may take minutes."""
