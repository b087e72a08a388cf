"""How late a paper is: the same words in feeds, mails and pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dailypapers.outputs.words import format_delay, lateness


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (timedelta(0), "less than 1 h"),
        (timedelta(minutes=59, seconds=59), "less than 1 h"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=32, hours=23), "32 days"),
    ],
)
def test_a_delay_is_rounded_down(delay: timedelta, words: str) -> None:
    assert format_delay(delay) == words


def test_a_paper_is_late_after_the_end_and_after_an_earlier_fetch() -> None:
    end, hour = datetime(2025, 12, 11, tzinfo=UTC), timedelta(hours=1)
    assert lateness(end, end, end - hour) == timedelta(0)
    assert lateness(end + hour, end, end - hour) == hour
    assert lateness(end + hour, end, end) == hour
    assert lateness(end - hour, end, end - 2 * hour) is None
    assert lateness(end + hour, end, end + hour) is None
