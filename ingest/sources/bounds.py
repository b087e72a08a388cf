"""The part of a listing that its state depends on."""

from __future__ import annotations

from datetime import date

from dailypapers.snapshots.completeness.state import Bounds

from .model import Source
from .period import Period


def bounds_of(source: Source, day: date) -> Bounds:
    """What the state of a day depends on, besides its fetches."""
    at_once = source.period is Period.NOW or not source.fetched
    return Bounds(source.period.end(day), source.may_be_empty(day), at_once)
