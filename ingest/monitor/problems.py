"""Problems that need a human, computed from the certificates, for `status`, the metrics and the jobs of cron.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Final

from ingest.plan.alarms import OVERDUE
from ingest.plan.inventory import all_stored_series
from snapshots.store.layout import Store

from .drift import recent_drift
from .status import DayStatus, SeriesStatus, series_status

KINDS: Final = ("late", "doubt", "overdue", "missing", "unreadable", "lost", "drift")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that needs a human, until it ends."""

    series: str
    day: date | None
    """None for a problem of the whole series."""
    kind: str
    """`late`: the series is no longer fetched; `doubt`, `overdue` or `missing`: the alarm of a day;
    `unreadable`: its certificate; `lost`: it was built without some of its archive files; `drift`: the site changed
    on that day.
    """
    reason: str
    """For people; its numbers may change while the problem stays the same."""

    @property
    def identity(self) -> str:
        """The same for the same problem, whatever its reason says now."""
        return f"{self.series} {self.day.isoformat()} {self.kind}" if self.day else f"{self.series} {self.kind}"

    @property
    def raises_alarm(self) -> bool:
        """Whether `status` exits with 1; lost archive files are reported, but nothing new can be done about them."""
        return self.kind != "lost"

    def __str__(self) -> str:
        place = f"{self.series} {self.day}" if self.day else self.series
        return f"{place}: {self.kind}: {self.reason}"


def problems(store: Store, now: datetime) -> list[Problem]:
    """The current problems of a store, by series and day; none if there is no store."""
    statuses = (series_status(store, stored, now) for stored in all_stored_series(store))
    return [problem for status in statuses for problem in series_problems(status, now)]


def series_problems(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """The problems of one series. If it is late, that is one problem, without its overdue and missing days."""
    is_late = status.late(now) > OVERDUE
    if is_late:
        yield Problem(str(status.series), None, "late", _late_reason(status, now))
    for day in status.days:
        problem = _day_problem(day)
        if problem is not None and not (is_late and problem.kind in {"overdue", "missing"}):
            yield problem
    yield from _drift(status, now)


def _drift(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """What changed at the site in the last week, one problem for each day."""
    certificates = [day.certificate for day in status.days if day.certificate]
    by_day = attrgetter("first")
    for first, changes in groupby(sorted(recent_drift(status.source, certificates, now), key=by_day), key=by_day):
        reasons = (
            f"{change.field}: {change.description}" if change.field else change.description for change in changes
        )
        yield Problem(str(status.series), first, "drift", f"{'; '.join(reasons)}; see dailypapers drift")


def _day_problem(day: DayStatus) -> Problem | None:
    if day.unreadable is not None:
        return Problem(str(day.series), day.day, "unreadable", day.unreadable)
    if day.alarm is not None:
        return Problem(str(day.series), day.day, day.alarm.kind, day.alarm.reason)
    if day.lost:
        return Problem(str(day.series), day.day, "lost", f"built without {', '.join(day.lost)}")
    return None


def _late_reason(status: SeriesStatus, now: datetime) -> str:
    since = f"not fetched since {status.fetched:%Y-%m-%d %H:%M} UTC, due since {status.due_since(now):%Y-%m-%d %H:%M}"
    return f"{since}; make sure that dailypapers run is started regularly, for instance by cron"
