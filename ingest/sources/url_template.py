"""Addresses of sites with one list a day: a template, and the way back from an address to its day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import urlsplit

from .hugging_face import ListingQuery

DAY = "{day}"
"""Stands in a template for the day, `2025-12-10`."""


def url_builder(template: str) -> Callable[[date, str | None], str]:
    """What gives path and query of the list of a day, e.g. of `/lists/{day}.json`."""

    return partial(_path, template)


def url_parser(template: str) -> Callable[[str], ListingQuery | None]:
    """What reads an address made so: the day it asks for; None for every other address."""
    form = re.compile(re.escape(template).replace(re.escape(DAY), r"(\d{4}-\d\d-\d\d)"))

    return partial(_query, form)


# Partials and not closures: a source is sent to other processes.
def _path(template: str, day: date, _: str | None) -> str:
    return template.replace(DAY, day.isoformat())


def _query(form: re.Pattern[str], url: str) -> ListingQuery | None:
    parts = urlsplit(url)
    match = form.fullmatch(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return ListingQuery("date", match[1]) if match else None
