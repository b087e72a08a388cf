"""Whether a page lists something other than what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from ingest.sources.model import SourceDay, View
from ingest.sources.period import Period
from parsers import Claims, Paper, Parsed
from snapshots.store.layout import Series


def other_listing(source_day: SourceDay, view: View, parsed: Parsed) -> str | None:
    """What a page is for, in words, where it is not for the listing that was asked for."""
    other = _other_period(source_day, view, parsed.claims, parsed.items)
    return other or _not_searched(source_day.series, parsed.papers)


def _other_period(source_day: SourceDay, view: View, claims: Claims, items: int) -> str | None:
    period, day = source_day.source.period, source_day.day
    if view.kind == "json":
        return _other_days(period, day, claims, items)
    if claims.day is None:
        # A listing of another kind; a page that claims nothing counts for what was asked.
        return None if claims.period in {None, source_day.source.kind} else f"the {claims.period} list"
    if claims.period in {None, period.value} and period.first_day(claims.day) == day:
        return None
    return f"the {claims.period or Period.DAY.value} {claims.day}"


def _other_days(period: Period, day: date, claims: Claims, items: int) -> str | None:
    """The API's answers say their days item by item; a single item that strays is only noted."""
    if period is Period.NOW or items < 2:
        return None
    if claims.day is None:
        return "several days" if claims.period == "mixed" and period is Period.DAY else None
    return None if period.first_day(claims.day) == day else f"the day {claims.day}"


def _not_searched(series: Series, papers: Sequence[Paper]) -> str | None:
    """A search answer in which nothing holds a word of the search is the answer to something else."""
    words = set(re.findall(r"\w+", (series.query or "").casefold()))
    if not words or not papers or any(words & _words(paper) for paper in papers):
        return None
    return f"something else: none of its {len(papers)} papers holds a word of the search"


def _path_of(url: str | None) -> str | None:
    """Path and query of an address: the site is asked for no other host."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.path.startswith("/") else None


def _words(paper: Paper) -> set[str]:
    names = [author["name"] for author in paper.authors]
    text = " ".join([paper.title, paper.abstract or "", paper.ai_summary or "", *names, *paper.keywords])
    return set(re.findall(r"\w+", text.casefold()))
