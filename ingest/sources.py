"""The table of sources: what each listing is called, through which views it is seen, and where.

A view knows its addresses and the parser that reads its pages; nothing here touches the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from .errors import UsageError

HUGGING_FACE: Final = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class View:
    """One independent way to see a listing."""

    name: str
    parser: str
    kind: str
    """What its pages are made of: `json` or `html`. A file's view is told by its content."""
    path: Callable[[date], str]
    """Path and query of the first page, with the largest page size."""
    day_of: Callable[[str], date | None]
    """The day that an address of this view asks for; None for any other address."""
    page_size: int | None = None
    """Items asked for a page; None where the listing is one page."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named listing. Its views stand strongest first: where they differ in a field, the first one counts."""

    name: str
    title: str
    site: str
    """The origin whose politeness budget it uses, unless HF_ENDPOINT names another."""
    first_day: date
    views: tuple[View, ...]

    def view(self, name: str) -> View:
        """The view of that name."""
        return next(view for view in self.views if view.name == name)

    def endpoint(self) -> str:
        """The origin to ask: `HF_ENDPOINT` as everywhere in that ecosystem, else the site itself."""
        return (os.environ.get("HF_ENDPOINT") or self.site).rstrip("/")

    def canonical(self, view: View, day: date) -> str:
        """The address of a view's first page at the real site, whatever the endpoint is."""
        return self.site + view.path(day)


def _asked_day(pattern: str) -> Callable[[str], date | None]:
    """Matches an address from its path on; the pattern's one group is the day."""
    compiled = re.compile(r"https?://[^/]+" + pattern)

    def day_of(url: str) -> date | None:
        found = compiled.match(url)
        try:
            return date.fromisoformat(found[1]) if found else None
        except ValueError:
            return None

    return day_of


def _daily_api(day: date) -> str:
    # limit: 1..100, 50 unless said; a day with more is silently cut (huggingface_hub, hf_api.py, list_daily_papers).
    return f"/api/daily_papers?date={day.isoformat()}&limit=100"


def _daily_html(day: date) -> str:
    return f"/papers/date/{day.isoformat()}"


_DAY: Final = r"(\d{4}-\d\d-\d\d)(?![^&#])"
_DAILY_API: Final = rf"/api/daily_papers\?(?:[^#]*&)?date={_DAY}"
# The page of a day moved: /papers?date= in 2024, /papers/date/ later.
_DAILY_HTML: Final = rf"/papers(?:/date/|/?\?(?:[^#]*&)?date=){_DAY}"

SOURCES: Final = {
    source.name: source
    for source in (
        Source(
            name="hf-daily",
            title="Hugging Face Daily Papers, one list a day (UTC)",
            site=HUGGING_FACE,
            # The oldest list that anyone has seen.
            first_day=date(2023, 5, 4),
            views=(
                View("api", "hf_api", "json", _daily_api, _asked_day(_DAILY_API), page_size=100),
                View("html", "hf_html", "html", _daily_html, _asked_day(_DAILY_HTML)),
            ),
        ),
    )
}


def source_named(name: str) -> Source:
    """The source of that name. Raises UsageError naming those there are."""
    if name not in SOURCES:
        raise UsageError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    return SOURCES[name]


def check_endpoint(endpoint: str) -> str:
    """An origin that requests may go to. Raises UsageError where it is none."""
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"HF_ENDPOINT is {endpoint!r}; it must read like https://huggingface.co")
    return endpoint
