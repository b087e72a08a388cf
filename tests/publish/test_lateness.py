"""How late a paper is: the same words in feeds, mails and pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dailypapers.publish.lateness import format_delay


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
