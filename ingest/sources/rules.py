"""The rules of completeness for one listing of a source."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from dailypapers.snapshots.completeness.verdict import Rules

from .model import Source
from .period import Period


def rules_of(source: Source, day: date) -> Rules:
    """The rules that decide which fetches of a day are whole."""
    end, due = source.period.end(day), source.first_due(day)
    if source.period is Period.NOW and not source.states_day:
        # The views may show different parts of an endless list.
        return Rules(end, source.may_be_empty(day), filled=datetime.combine(day, time(), UTC), comparable=False)
    if source.states_day:
        # What is shown for the day is all of it, as soon as anything is.
        return Rules(end, source.may_be_empty(day), filled=datetime.combine(day, time(), UTC))
    filled = Period.DAY.end(due) if due is not None else None
    return Rules(end, source.may_be_empty(day), filled=filled, falls=source.keeps_papers)
