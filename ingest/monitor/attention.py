"""Whether the results of a run need attention: alarms, lost archive files, and rejects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from dailypapers.ingest.plan.alarms import Alarm, alarm_of
from dailypapers.ingest.plan.inventory import history_in
from dailypapers.ingest.sources.model import SourceDay
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.store.layout import Series

MAX_REJECTS_SHARE: Final = 0.05
"""Rejects over this share of the items of a day's view need attention."""


def too_many(rejects: int, items: int, share: float) -> bool:
    """Whether rejects need attention: more than a share of the items, and more than one.

    One bad item of twelve is 8 %, but it is only one bad item.
    """
    return rejects > 1 and rejects > share * items


def needs_attention(certificate: Certificate) -> bool:
    """Whether a day was built without some of its archive files, or with too many rejects."""
    views = certificate["fetches"][-1]["views"]
    return bool(certificate["lost"]) or any(
        too_many(view["rejects"], view["items"], MAX_REJECTS_SHARE) for view in views
    )


def alarm_after(source_day: SourceDay, certificate: Certificate, now: datetime) -> Alarm | None:
    """The alarm that a day raises after it was fetched."""
    return alarm_of(history_in(source_day, certificate), now)


class RunRejects:
    """The rejects and items of a run's days; of a day's views the one with the most rejects counts."""

    def __init__(self) -> None:
        self._days: dict[tuple[Series, date], tuple[int, int]] = {}

    def add(self, series: Series, day: date, certificate: Certificate) -> None:
        """Count a day; a day that is built twice in a run counts once."""
        views = certificate["fetches"][-1]["views"]
        self._days[series, day] = max(((view["rejects"], view["items"]) for view in views), default=(0, 0))

    def exceeded(self) -> Iterator[tuple[Series, str]]:
        """The series of which more items were rejected than its source allows, with the reason."""
        for each in dict.fromkeys(series for series, _ in self._days):
            counts = [counts for (series, _), counts in self._days.items() if series == each]
            rejects, items = sum(rejects for rejects, _ in counts), sum(items for _, items in counts)
            share = SOURCES[each.source].most_rejects
            if too_many(rejects, items, share):
                yield each, f"{rejects} of {items} items were rejected, more than {share:.0%}"
