"""Whether a page is of another listing than the one requested."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from dailypapers.ingest.sources.model import CATEGORY, SET, WORDS, SourceDay, View
from dailypapers.ingest.sources.period import Period
from dailypapers.parsers import Claims, Paper, Parsed


def other_listing(source_day: SourceDay, view: View, parsed: Parsed) -> str | None:
    """Which listing a page is of, if it is not the one requested; text for messages."""
    kind, query = source_day.source.query, source_day.series.query
    if other := other_period(source_day, view, parsed.claims, parsed.items):
        return other
    if query is None:
        return None
    if kind == WORDS:
        return _not_searched(query, parsed.papers)
    if kind == SET:
        return _not_in_set(query, parsed.papers)
    return _not_in_category(query, parsed.papers) if kind == CATEGORY else None


def other_period(source_day: SourceDay, view: View, claims: Claims, items: int) -> str | None:
    """Which period a page is of, by its claims, if it is not the one requested."""
    period, day = source_day.source.period, source_day.day
    if source_day.source.states_day:
        return None if claims.day == day else f"the day {claims.day}" if claims.day else "no day"
    if view.kind == "json":
        return _other_days(period, day, claims, items)
    if claims.day is None:
        # A page that claims nothing counts as the one requested.
        return None if claims.period in {None, source_day.source.kind} else f"the {claims.period} list"
    if claims.period in {None, period.value} and period.first_day(claims.day) == day:
        return None
    return f"the {claims.period or Period.DAY.value} {claims.day}"


def _other_days(period: Period, day: date, claims: Claims, items: int) -> str | None:
    """The API gives a day for each item; a single stray item is only noted."""
    if period is Period.NOW or items < 2:
        return None
    if claims.day is None:
        return "several days" if claims.period == "mixed" and period is Period.DAY else None
    return None if period.first_day(claims.day) == day else f"the day {claims.day}"


def _not_searched(query: str, papers: Sequence[Paper]) -> str | None:
    """An answer in which no paper contains a word of the search is the answer to something else."""
    words = set(re.findall(r"\w+", query.casefold()))
    if not words or not papers or any(words & _words(paper) for paper in papers):
        return None
    return f"something else: none of its {len(papers)} papers holds a word of the search"


def _not_in_set(name: str, papers: Sequence[Paper]) -> str | None:
    """The records of a set are in its category or archive; the archives of the set `physics` are too many to tell."""
    within_group = name.partition(":")[2].replace(":", ".")
    return None if name == "physics" else _not_in_category(within_group or name, papers)


def _not_in_category(name: str, papers: Sequence[Paper]) -> str | None:
    """A list of which most papers are not in the category, or in one of the archive, is that of another one."""
    of_archive = f"{name}."
    others = [
        paper for paper in papers if not any(each == name or each.startswith(of_archive) for each in paper.categories)
    ]
    if len(others) * 2 <= len(papers):
        return None
    return f"another category: {len(others)} of its {len(papers)} papers are not in {name}"


def _words(paper: Paper) -> set[str]:
    names = [author["name"] for author in paper.authors]
    text = " ".join([paper.title, paper.abstract or "", paper.ai_summary or "", *names, *paper.keywords])
    return set(re.findall(r"\w+", text.casefold()))
