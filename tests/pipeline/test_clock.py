"""Times as commands read and write them, and the folder of what belongs to no store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from dailypapers.ingest.clock import Clock, parse_day, parse_instant
from dailypapers.ingest.errors import UsageError
from dailypapers.ingest.state_dir import state_folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-12-08T10:00:00Z", datetime(2025, 12, 8, 10, tzinfo=UTC)),
        ("2025-12-08T10:00:00.999999+00:00", datetime(2025, 12, 8, 10, tzinfo=UTC)),
        ("2025-12-08T01:30:00+05:30", datetime(2025, 12, 7, 20, tzinfo=UTC)),
        ("2025-12-08 10:00", datetime(2025, 12, 8, 10, tzinfo=UTC)),
        ("2025-12-08", datetime(2025, 12, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_utc_and_whole_seconds(text: str, expected: datetime) -> None:
    instant = parse_instant(text)
    assert (instant, instant.tzinfo) == (expected, UTC)


@pytest.mark.parametrize("text", ["noon", "", "2025-13-01", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_what_is_not_a_time_is_named_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_instant(text)
    assert str(raised.value) == f"{text!r} is not a time; write it like 2025-12-08T10:00:00Z"


def test_a_day_is_read_and_anything_else_is_named_with_an_example() -> None:
    assert parse_day("2025-12-08") == date(2025, 12, 8)
    for text in ("tomorrow", "2025-02-29", "2025-12-08T10:00"):
        with pytest.raises(UsageError) as raised:
            parse_day(text)
        assert str(raised.value) == f"{text!r} is not a day; write it like 2025-12-08"


def test_a_fixed_clock_stands_still_in_whole_seconds_and_counts_days_as_it_was_given() -> None:
    clock = Clock(datetime(2025, 12, 8, 23, 59, 59, 999999, tzinfo=UTC))
    assert clock.now() == datetime(2025, 12, 8, 23, 59, 59, tzinfo=UTC)
    assert clock.today() == date(2025, 12, 8)


def test_the_clock_of_the_machine_is_read_in_utc() -> None:
    before = datetime.now(timezone(timedelta(hours=14))) - timedelta(seconds=1)
    now = Clock().now()
    assert before <= now <= datetime.now(UTC)
    assert (now.tzinfo, now.microsecond) == (UTC, 0)


def test_the_state_folder_is_where_the_first_of_the_variables_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder("here", "/xdg") == Path("here")
    assert state_folder("", "/xdg") == state_folder(None, "/xdg") == Path("/xdg/dailypapers")
    assert state_folder(None, "") == state_folder(None, None) == tmp_path / ".local" / "state" / "dailypapers"
