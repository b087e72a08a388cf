"""Senders that are killed, each in a process of its own."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.torture.mail import killed_sends


def test_senders_that_are_killed_lose_no_mail(tmp_path: Path) -> None:
    """A sample of `python -m tests.torture --only killed`."""
    verdicts = killed_sends(kills=15, subscribers=12, random=Random(1), folder=tmp_path)
    assert [verdict for verdict in verdicts if not verdict.passed] == []
