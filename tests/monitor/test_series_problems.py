"""Which problems the days of a series are: an outage is one, and so is a series that nobody fetches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dailypapers.ingest.monitor.problems import series_problems
from dailypapers.ingest.monitor.status import DayStatus, SeriesStatus
from dailypapers.ingest.plan.revisit import Alarm, DayHistory
from dailypapers.ingest.sources.model import bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.store.layout import Series

NOW = datetime(2025, 12, 19, 12, tzinfo=UTC)
DAY = date(2025, 12, 10)
HOUR = timedelta(hours=1)
DOUBT, UNANSWERED = Alarm("doubt", "html failed"), Alarm("unanswered", "nobody answers")
COUNTS: Any = {"papers": 1, "gone": 0, "rejects": 0, "as_of": "", "lost": ["a.warc.gz", "b.warc.gz"], "fetches": 1}


def day(number: int = 0, *, passes: dict[int, str] | None = None, name: str = "hf-daily", **facts: Any) -> DayStatus:
    """A day with passes that nobody answered, given as hours before now with the reasons."""
    source, of = SOURCES[name], DAY + timedelta(days=number)
    unanswered = [
        FetchSummary(NOW - hours * HOUR, whole=False, doubt="unanswered", reason=reason, papers=0, new=0)
        for hours, reason in (passes or {}).items()
    ]
    history = DayHistory(source.period, of, bounds_of(source, of), [], unanswered)
    facts = {"tried": max((each.at for each in unanswered), default=None), "history": history} | facts
    return DayStatus(Series(name), of, **facts)


def found(*days: DayStatus, name: str = "hf-daily") -> list[tuple[date | None, str, str]]:
    status = SeriesStatus(SOURCES[name], Series(name), days)
    return [(each.day, each.kind, each.reason) for each in series_problems(status, NOW)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"alarm": DOUBT}, [(DAY, "doubt", "html failed")]),
        ({"alarm": DOUBT, "is_gap": True}, []),
        ({"alarm": DOUBT, "is_waived": True}, []),
        ({"counts": COUNTS}, [(DAY, "lost", "built without a.warc.gz, b.warc.gz")]),
        ({"counts": COUNTS, "alarm": DOUBT}, [(DAY, "doubt", "html failed")]),
        ({"counts": COUNTS, "alarm": DOUBT, "is_waived": True}, [(DAY, "lost", "built without a.warc.gz, b.warc.gz")]),
        ({"unreadable": "not JSON", "alarm": DOUBT, "is_gap": True}, [(DAY, "unreadable", "not JSON")]),
    ],
)
def test_a_day_is_one_problem_at_most(facts: dict[str, Any], expected: list[tuple[date, str, str]]) -> None:
    assert found(day(**facts)) == expected


@pytest.mark.parametrize(
    ("looks", "then"),
    [
        ([None, None], "the next run will try again"),
        ([NOW, NOW + HOUR], "the next run will try again"),
        ([None, NOW + timedelta(minutes=1)], "next fetch 2025-12-19 12:01 UTC"),
        ([NOW + 26 * HOUR, NOW + 3 * HOUR], "next fetch 2025-12-19 15:00 UTC"),
    ],
)
def test_an_outage_has_its_beginning_the_newest_reason_and_the_next_fetch(
    looks: list[datetime | None], then: str
) -> None:
    first, second = looks
    days = [
        day(0, passes={5: "refused", 2: "timed out"}, next_look=first),
        day(1, passes={9: "no route", 3: "reset"}, next_look=second),
        day(2),
    ]
    assert found(*days) == [
        (None, "unanswered", f"no answer since 2025-12-19 03:00 UTC (timed out); 2 days wait; {then}")
    ]


def test_a_series_that_was_fetched_has_an_outage_only_with_the_alarm_of_a_day() -> None:
    fetched = day(0, fetched=NOW - 8 * HOUR, tried=NOW - 8 * HOUR)
    waiting: dict[str, Any] = {"passes": {6: "refused", 1: "refused"}}
    assert found(fetched, day(1, **waiting)) == []
    assert found(fetched, day(1, **waiting, alarm=UNANSWERED)) == [
        (
            None,
            "unanswered",
            "no answer since 2025-12-19 06:00 UTC (refused); 1 day waits; the next run will try again",
        )
    ]


def test_a_day_that_alone_is_not_answered_is_a_problem_of_its_own() -> None:
    """The site answered for another day since."""
    days = [day(0, passes={6: "refused"}, alarm=UNANSWERED), day(1, fetched=NOW - HOUR, tried=NOW - HOUR)]
    assert found(*days) == [(DAY, "unanswered", "nobody answers")]
    # Of a list without past days, the newer one has its place.
    name = "hf-trending"
    days = [day(0, name=name, passes={6: "refused"}, alarm=UNANSWERED), day(1, name=name, fetched=NOW, tried=NOW)]
    assert found(*days, name=name) == []


def test_a_fetch_at_the_time_of_the_newest_pass_ends_an_outage() -> None:
    days = [day(0, passes={6: "refused"}, alarm=UNANSWERED), day(1, fetched=NOW - 6 * HOUR, tried=NOW - 6 * HOUR)]
    assert [kind for _, kind, _ in found(*days)] == ["unanswered"]
    assert found(*days)[0][0] == DAY
    assert found(day(0, passes={6: "refused"}, fetched=NOW - 6 * HOUR)) == []


@pytest.mark.parametrize(("hours", "is_late"), [(30, False), (31, True)])
def test_a_late_series_is_one_problem_instead_of_one_for_each_day(hours: int, is_late: bool) -> None:
    begin = NOW - hours * HOUR
    days = [
        day(0, fetched=begin - HOUR, tried=begin - HOUR, next_look=begin, alarm=DOUBT),
        day(1, alarm=Alarm("overdue", "due")),
        day(2, alarm=Alarm("missing", "never fetched")),
    ]
    of_days = [(DAY, "doubt", "html failed")]
    if not is_late:
        of_days += [
            (DAY + timedelta(days=1), "overdue", "due"),
            (DAY + timedelta(days=2), "missing", "never fetched"),
        ]
    assert found(*days)[is_late:] == of_days
    if is_late:
        assert found(*days)[0] == (
            None,
            "late",
            "not fetched since 2025-12-18 04:00 UTC, due since 2025-12-18 05:00; make sure that dailypapers run is "
            "started regularly, for instance by cron",
        )
