"""A request, and the site that it is sent to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.archive.model import Served

from .budgets import Budget


@dataclass(frozen=True, slots=True)
class Site:
    """The site that a client sends requests to, and how it identifies itself."""

    origin: str
    budgets: Mapping[str, Budget]
    """Budgets set by the user."""
    user_agent: str
    token: str | None = None
    """Access token of the user; it is redacted in faults."""


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
