"""Gaps as ranges: the same days as one by one, at a cost that does not depend on how long a gap is."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dailypapers.ingest.plan.gaps import gaps, unwaived
from dailypapers.ingest.plan.revisit import DayHistory, is_beyond_run, next_look
from dailypapers.ingest.plan.waived import Waiver
from dailypapers.ingest.sources.model import SourceSeries, bounds_of
from dailypapers.ingest.sources.registry import SOURCES
from dailypapers.snapshots.completeness.state import FetchSummary
from dailypapers.snapshots.store.layout import Series

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOURS = {"closed": (30, 60), "settling": (30,), "open": (1,), "never fetched": ()}
"""Hours after the end of a listing at which it was fetched whole."""


def series_of(name: str) -> SourceSeries:
    return SourceSeries(SOURCES[name], Series(name))


def history(source_series: SourceSeries, day: date, state: str) -> DayHistory | None:
    if state == "unreadable":
        return None
    source = source_series.source
    bounds = bounds_of(source, day)
    begin = datetime.combine(day, time(), UTC) if state == "open" else bounds.end
    looks = [FetchSummary(begin + timedelta(hours=each), True, None, None, 3, 3 - each % 4) for each in HOURS[state]]
    return DayHistory(source.period, day, bounds, looks)


def one_by_one(
    source_series: SourceSeries, histories: Mapping[date, DayHistory | None], waived: Sequence[Waiver]
) -> list[list[DayHistory]]:
    """The listings of each gap, judged one by one."""
    source, found = source_series.source, list[list[DayHistory]]()
    day = min((day for day, known in histories.items() if known and known.looks), default=date.max)
    while day <= NOW.date():
        listed = histories.get(day, DayHistory(source.period, day, bounds_of(source, day), ()))
        if listed and is_beyond_run(listed, NOW) and not any(each.covers(source_series.series, day) for each in waived):
            if not found or source.period.after(found[-1][-1].first) < day:
                found.append([])
            found[-1].append(listed)
        day = source.period.after(day)
    return found


dates = st.integers(0, 150).map(lambda number: NOW.date() - timedelta(days=number))
ranges = st.lists(st.tuples(dates, dates).map(sorted), max_size=4)
known = st.dictionaries(dates, st.sampled_from([*HOURS, "unreadable"]), max_size=25)


@settings(max_examples=40)
@given(st.sampled_from(["hf-daily", "hf-weekly", "hf-monthly"]), known, ranges)
def test_the_ranges_hold_the_days_that_are_out_of_reach_and_no_other(
    name: str, states: dict[date, str], waived_ranges: list[list[date]]
) -> None:
    source_series = series_of(name)
    period = source_series.source.period
    states = {period.first_day(day): state for day, state in states.items()}
    histories = {day: history(source_series, day, state) for day, state in states.items()}
    waived = [Waiver(name, since, until, "gone") for since, until in waived_ranges]
    waived += [Waiver("hf-trending", date.min, date.max, "another series")]
    found = unwaived(gaps(source_series, histories, NOW), waived)
    for gap, days in zip(found, one_by_one(source_series, histories, waived), strict=True):
        assert [*gap.listings()] == [day.first for day in days]
        assert (gap.size, gap.until) == (len(days), days[-1].first)
        assert [*gap.known] == [day for day in days if day.first in histories]
        assert gap.next_look(NOW) == min(max(next_look(day, NOW) or NOW, NOW) for day in days)


def calls(since: date) -> int:
    """The functions that are called to describe the gap after one fetched day.

    They are counted in a thread of their own, where nobody else counts.
    """
    source_series, called = series_of("hf-daily"), list[str]()
    histories = {since: history(source_series, since, "closed")}

    def count() -> None:
        sys.setprofile(lambda _frame, event, _value: called.append(event))
        (gap,) = unwaived(gaps(source_series, histories, NOW), [Waiver("hf-daily", since, since, "x")])
        said = gap.describe(NOW)
        sys.setprofile(None)
        assert said == f"{gap.size} days are not closed ({gap.size} never fetched) and out of reach of run"

    with ThreadPoolExecutor(1) as thread:
        thread.submit(count).result()
    return called.count("call")


def test_a_gap_of_ten_years_costs_as_much_as_one_of_a_week() -> None:
    assert calls(date(2016, 1, 1)) == calls(date(2026, 1, 20))
