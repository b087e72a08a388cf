"""URLs of listings: building them from a template, and parsing the day from the URL of a daily list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import quote, urlsplit

from .hugging_face import ListingQuery

DAY = "{day}"


def url_builder(template: str) -> Callable[[date, str | None], str]:
    """A function that builds path and query of a listing from a template such as `/lists/{day}.json`.

    A template may have `{day}` (`2025-12-10`), `{week}` (`2025-W50`, ISO 8601), `{month}` (`2025-12`) and `{words}`.
    """

    return partial(_path, template)


def url_parser(template: str) -> Callable[[str], ListingQuery | None]:
    """A function that parses a URL of this template; it returns None for any other URL."""
    form = re.compile(re.escape(template).replace(re.escape(DAY), r"(\d{4}-\d\d-\d\d)"))

    return partial(_query, form)


# Functions for partial, not closures: a source is sent to other processes, and must be picklable.
def _path(template: str, day: date, words: str | None) -> str:
    return template.format(day=day, week=f"{day:%G-W%V}", month=f"{day:%Y-%m}", words=quote(words or "", safe=""))


def _query(form: re.Pattern[str], url: str) -> ListingQuery | None:
    parts = urlsplit(url)
    match = form.fullmatch(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return ListingQuery("date", match[1] if form.groups else None) if match else None
