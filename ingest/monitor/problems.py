"""What needs a person, out of the certificates alone: `status`, the metrics and the jobs of cron.yaml ask here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from ingest.plan.alarms import OVERDUE
from ingest.plan.inventory import all_stored_series
from snapshots.drift.detect import Change
from snapshots.store.layout import Store

from .drift import recent_drift
from .status import DayStatus, SeriesStatus, series_status

KINDS: Final = ("late", "doubt", "overdue", "missing", "unreadable", "lost", "drift")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that needs a person, until it ends."""

    series: str
    day: date | None
    """None for a trouble of the whole series."""
    kind: str
    """`late`: the series is not looked at any more; `doubt`, `overdue` or `missing`: the alarm of a day;
    `unreadable`: its certificate; `lost`: it was built without some of its archive files; `drift`: the site changed
    on that day.
    """
    reason: str
    """In words; numbers in it may move while the trouble stays the same."""

    @property
    def identity(self) -> str:
        """The same for the same trouble, however its reason is worded now."""
        return f"{self.series} {self.day.isoformat()} {self.kind}" if self.day else f"{self.series} {self.kind}"


def problems(store: Store, now: datetime) -> list[Problem]:
    """All that needs a person in a store now, by series and day; nothing where there is no store."""
    standing = (series_status(store, stored, now) for stored in all_stored_series(store))
    return [trouble for one in standing for trouble in series_troubles(one, now)]


def series_troubles(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """The troubles of one series. Silence is one trouble: the days that were not looked at for it are not named."""
    late = status.late(now)
    silent = late > OVERDUE
    if silent:
        yield Problem(str(status.series), None, "late", _silence(status, now))
    for day in status.days:
        trouble = _trouble(day)
        if trouble is not None and not (silent and trouble.kind in {"overdue", "missing"}):
            yield trouble
    yield from _drift(status, now)


def _drift(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """What changed at the site in the last week, one trouble for each day."""
    certificates = [day.certificate for day in status.days if day.certificate]
    for first, found in groupby(sorted(recent_drift(status.source, certificates, now), key=_first), key=_first):
        words = "; ".join(f"{one.field}: {one.description}" if one.field else one.description for one in found)
        yield Problem(str(status.series), first, "drift", f"{words}; see dailypapers drift")


def _first(change: Change) -> date:
    return change.first


def _trouble(day: DayStatus) -> Problem | None:
    if day.unreadable is not None:
        return Problem(str(day.series), day.day, "unreadable", day.unreadable)
    if day.alarm is not None:
        return Problem(str(day.series), day.day, day.alarm.kind, day.alarm.reason)
    if day.lost:
        return Problem(str(day.series), day.day, "lost", f"built without {', '.join(day.lost)}")
    return None


def _silence(status: SeriesStatus, now: datetime) -> str:
    since = f"not looked at since {status.fetched:%Y-%m-%d %H:%M} UTC, due since {status.due_since(now):%Y-%m-%d %H:%M}"
    return f"{since}; see that dailypapers run is started, by cron for instance"


def in_words(late: timedelta) -> str:
    """A stretch of time as people say it: `4 h`, `3 days`."""
    hours = int(late.total_seconds() // 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
