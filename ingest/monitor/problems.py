"""Problems that need a human, computed from the certificates, for `status`, the metrics and the jobs of cron.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from dailypapers.ingest.plan.gaps import Gap
from dailypapers.ingest.plan.inventory import all_stored_series
from dailypapers.ingest.plan.revisit import OVERDUE
from dailypapers.ingest.sources.calendars import Period
from dailypapers.snapshots.errors import CertificateError
from dailypapers.snapshots.store.layout import Store

from .drift import recent_drift
from .status import DayStatus, SeriesStatus, series_status

KINDS: Final = ("late", "unanswered", "doubt", "overdue", "missing", "gap", "unreadable", "lost", "drift")


class Problem(NamedTuple):
    """One thing that needs a human, until it ends."""

    series: str
    day: date | None
    """None for a problem of the whole series."""
    kind: str
    """`late`: the series is no longer fetched; `unanswered`: its site does not answer; `doubt`, `overdue` or `missing`:
    the alarm of a day; `gap`: days that are not closed and that no run will fetch again; `unreadable`: a certificate;
    `lost`: a day was built without some of its archive files; `drift`: the site changed on that day.
    """
    reason: str
    """For people; its numbers may change while the problem stays the same."""
    until: date | None = None
    """The last day of a range that begins with `day`."""
    command: tuple[str, ...] = ()
    """The command that ends it, if one does: the words after `dailypapers`."""

    @property
    def identity(self) -> str:
        """The same for the same problem, whatever its reason says now."""
        return f"{self.series} {self.day.isoformat()} {self.kind}" if self.day else f"{self.series} {self.kind}"

    @property
    def raises_alarm(self) -> bool:
        """Whether `status` exits with 1; lost archive files are reported, but nothing new can be done about them."""
        return self.kind != "lost"

    def words(self, store: Path | None = None) -> list[str]:
        """The command that ends it, with `--store` if a store is given; empty if there is none."""
        options = ("--store", f"{store}") if store is not None else ()
        return ["dailypapers", *options, *self.command] if self.command else []

    def explain(self, store: Path | None = None) -> str:
        """Its reason, and the command that ends it."""
        if not self.command:
            return self.reason
        import shlex  # noqa: PLC0415 - slow to load, and most problems have no command

        return f"{self.reason}; run: {shlex.join(self.words(store))}"

    def describe(self, store: Path | None = None) -> str:
        """The problem in one line."""
        place = f"{self.series} {self.day}" if self.day else self.series
        if self.until not in {None, self.day}:
            place += f" to {self.until}"
        return f"{place}: {self.kind}: {self.explain(store)}"

    def __str__(self) -> str:
        return self.describe()


def problems(store: Store, now: datetime) -> list[Problem]:
    """The current problems of a store, by series and day; none if there is no store."""
    statuses = (series_status(store, stored, now) for stored in all_stored_series(store))
    return [problem for status in statuses for problem in series_problems(status, now)]


def series_problems(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """The problems of one series. If it is late, that is one problem, without its overdue and missing days."""
    is_late = status.late(now) > OVERDUE
    if is_late:
        yield Problem(str(status.series), None, "late", _late_reason(status, now))
    outage = _outage(status, now)
    if outage is not None:
        yield outage
    for day in status.days:
        problem = _day_problem(status, day)
        if problem is not None and not (is_late and problem.kind in {"overdue", "missing"}):
            yield problem
    yield from (gap_problem(gap, now) for gap in status.gaps)
    yield from _drift(status, now)


def gap_problem(gap: Gap, now: datetime) -> Problem:
    """The problem that a gap is until it is closed or waived."""
    return Problem(str(gap.series), gap.since, "gap", gap.describe(now), gap.until, gap.command)


def _outage(status: SeriesStatus, now: datetime) -> Problem | None:
    """The site has not answered any pass since the newest fetch, for some hours; or it never has."""
    days = [day for day in status.days if _is_waiting(status, day)]
    if not days or (status.fetched is not None and not any(map(_is_unanswered, days))):
        return None
    passes = [each for day in days if day.history is not None for each in day.history.unanswered]
    since, reason = min(each.at for each in passes), max(passes, key=attrgetter("at")).reason
    waiting = f"{len(days)} days wait" if len(days) > 1 else "1 day waits"
    due = min((day.next_look for day in days if day.next_look), default=now)
    then = f"next fetch {due:%Y-%m-%d %H:%M} UTC" if due > now else "the next run will try again"
    return Problem(
        str(status.series),
        None,
        "unanswered",
        f"no answer since {since:%Y-%m-%d %H:%M} UTC ({reason}); {waiting}; {then}",
    )


def _is_waiting(status: SeriesStatus, day: DayStatus) -> bool:
    """Whether its newest pass had no answer, and no other day had one since."""
    if day.tried is None or day.tried == day.fetched:
        return False
    return status.fetched is None or day.tried > status.fetched


def _is_unanswered(day: DayStatus) -> bool:
    return day.alarm is not None and day.alarm.kind == "unanswered"


def _drift(status: SeriesStatus, now: datetime) -> Iterator[Problem]:
    """What changed at the site in the last week, one problem for each day."""
    certificates = [day.certificate for day in status.days if day.certificate]
    by_day = attrgetter("first")
    try:
        found = sorted(recent_drift(status.source, certificates, now), key=by_day)
    except CertificateError as error:
        yield Problem(str(status.series), None, "unreadable", str(error))
        return
    for first, changes in groupby(found, key=by_day):
        reasons = (
            f"{change.field}: {change.description}" if change.field else change.description for change in changes
        )
        yield Problem(str(status.series), first, "drift", f"{'; '.join(reasons)}; see dailypapers drift")


def _day_problem(status: SeriesStatus, day: DayStatus) -> Problem | None:
    if day.unreadable is not None:
        return Problem(str(day.series), day.day, "unreadable", day.unreadable)
    # An outage is one problem of the series, a gap one of its range.
    is_covered = _is_unanswered(day) and (_is_waiting(status, day) or status.source.period is Period.NOW)
    if day.alarm is not None and not (is_covered or day.is_gap or day.is_waived):
        return Problem(str(day.series), day.day, day.alarm.kind, day.alarm.reason)
    if day.lost:
        return Problem(str(day.series), day.day, "lost", f"built without {', '.join(day.lost)}")
    return None


def _late_reason(status: SeriesStatus, now: datetime) -> str:
    since = f"not fetched since {status.tried:%Y-%m-%d %H:%M} UTC, due since {status.due_since(now):%Y-%m-%d %H:%M}"
    return f"{since}; make sure that dailypapers run is started regularly, for instance by cron"
