"""Drift of a series, from its certificates and its calendar: a gap counts only days on which the site lists papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from dailypapers.ingest.sources.calendars import Period
from dailypapers.ingest.sources.model import Source
from dailypapers.snapshots.certificate import Certificate
from dailypapers.snapshots.drift.detect import Change, changes
from dailypapers.snapshots.errors import CertificateError

RECENT: Final = timedelta(days=7)
"""How long a change raises the alarm; every scheduled job has seen it by then."""
PAST: Final = timedelta(days=75)
"""The days that alarms are computed from."""


def drift(source: Source, certificates: Sequence[Certificate]) -> list[Change]:
    """All changes, the most certain first. Raises CertificateError for one with counts that no build writes."""
    stored = {date.fromisoformat(certificate["day"]) for certificate in certificates}
    rests = source.calendar if source.period is Period.DAY else lambda _: False

    @cache
    def gap(last: date, first: date) -> int:
        days = (last + timedelta(days=number) for number in range(1, (first - last).days))
        return sum(1 for day in days if day not in stored and not rests(day))

    try:
        return changes(certificates, gap)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        from dailypapers.snapshots.drift.facts import has_valid_facts  # noqa: PLC0415 - hardly ever needed

        for certificate in certificates:
            if not has_valid_facts(certificate):
                day = f"{certificate['source']} {certificate['day']}"
                problem = f"{day}: its certificate has counts that no build writes; run dailypapers build --all"
                raise CertificateError(problem) from error
        raise


def recent_drift(source: Source, certificates: Sequence[Certificate], now: datetime) -> list[Change]:
    """The changes of the last week, without those of confidence `perhaps`."""
    since = (now - PAST).date()
    recent = [certificate for certificate in certificates if date.fromisoformat(certificate["day"]) >= since]
    return [change for change in drift(source, recent) if raises_alarm(change, now)]


def raises_alarm(change: Change, now: datetime) -> bool:
    """Whether a change began in the last week and its confidence is not `perhaps`."""
    return change.first > (now - RECENT).date() and change.confidence != "perhaps"
