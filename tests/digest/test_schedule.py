"""When an issue is due: once a local day, in each zone, through changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailypapers.digest.issues import due_issue, parse_time, parse_zone
from dailypapers.digest.model import InvalidValueError, Subscription
from dailypapers.snapshots.store.layout import Series

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]
CREATED = datetime(2025, 3, 1, tzinfo=UTC)


def subscription(at: str, zone: str, last_cut: datetime | None = None, created: datetime = CREATED) -> Subscription:
    return Subscription(
        id="0" * 32,
        number=1,
        address="ann@example.org",
        series=Series("hf-daily"),
        search=None,
        at=parse_time(at),
        zone=zone,
        always=False,
        state="active",
        created=created,
        refusals=0,
        cursor=None,
        last_cut=last_cut,
    )


def cuts(at: str, zone: str, first: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """The issues that are made if one looks this often."""
    made: list[datetime] = []
    now = first
    while now < until:
        due = due_issue(subscription(at, zone, made[-1] if made else None, first), now)
        made += [due.cut] if due else []
        now += step
    return made


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda each: f"{each:%H:%M}"),
    st.datetimes(datetime(2011, 12, 1), datetime(2026, 12, 1)),
    st.integers(20, 200),
)
def test_there_is_one_issue_a_local_day(zone: str, at: str, first: datetime, minutes: int) -> None:
    begin = first.replace(tzinfo=UTC, second=0, microsecond=0)
    made = cuts(at, zone, begin, begin + timedelta(days=8), timedelta(minutes=minutes))
    days = [cut.astimezone(parse_zone(zone)).date() for cut in made]
    assert days == sorted(set(days))
    assert len(days) >= 6
    # Samoa had no 30 December 2011.
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    assert {days[0] + timedelta(days=number) for number in range((days[-1] - days[0]).days)} - set(days) <= skipped


def test_a_time_that_the_clock_skips_or_repeats() -> None:
    zone, every = "Europe/Berlin", timedelta(minutes=10)
    spring = cuts("02:30", zone, datetime(2025, 3, 29, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC), every)
    assert [f"{cut:%d %H:%M}" for cut in spring] == ["29 01:30", "30 01:30", "31 00:30"]
    autumn = cuts("02:30", zone, datetime(2025, 10, 25, 12, tzinfo=UTC), datetime(2025, 10, 28, tzinfo=UTC), every)
    assert [f"{cut:%d %H:%M}" for cut in autumn] == ["26 00:30", "27 01:30"]


def test_the_first_issue_comes_after_the_subscription() -> None:
    new = subscription("07:00", "UTC", created=datetime(2025, 3, 1, 7, tzinfo=UTC))
    assert due_issue(new, datetime(2025, 3, 1, 23, tzinfo=UTC)) is None
    due = due_issue(new, datetime(2025, 3, 2, 7, tzinfo=UTC))
    assert due is not None
    assert (due.cut.day, due.missed) == (2, ())


def test_missed_days_are_named_35_at_most() -> None:
    last = datetime(2025, 3, 1, 7, tzinfo=UTC)
    due = due_issue(subscription("07:00", "UTC", last), datetime(2025, 3, 5, 8, tzinfo=UTC))
    assert due is not None
    assert [day.day for day in due.missed] == [2, 3, 4]
    due = due_issue(subscription("07:00", "UTC", last), datetime(2026, 3, 5, 8, tzinfo=UTC))
    assert due is not None
    assert (len(due.missed), due.missed[-1]) == (35, date(2026, 3, 4))


@pytest.mark.parametrize("text", ["7:00", "24:00", "07:60", "07:00:00", "", "٠٧:٠٠", "noon"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidValueError, match="write it like 07:00"):
        parse_time(text)


def test_a_time() -> None:
    assert parse_time("23:59") == time(23, 59)


@pytest.mark.parametrize("name", ["", "Berlin", "../etc/passwd", "/etc/localtime", "Europe", "x\0y"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(InvalidValueError, match="Europe/Berlin"):
        parse_zone(name)
