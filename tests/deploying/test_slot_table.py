"""The table of slots is what Debian's cron does: two of its days recorded again."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.cron.debian_slots import recorded
from tests.cron.record_debian_slots import LIBRARY, SCHEDULES, Window, record
from tests.deploying.image import can_be_apart

MISSING = [
    name
    for name, there in {
        "cron": shutil.which("cron"),
        "libfaketime": LIBRARY.exists(),
        "a mount namespace (root on Linux)": os.geteuid() == 0 and can_be_apart(),
    }.items()
    if not there
]


def minute(instant: datetime) -> int:
    """The minutes since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=1)


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not here: {', '.join(MISSING)}")
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"], ids=["skips an hour", "repeats an hour"])
def test_a_day_recorded_again_is_the_same(day: str) -> None:
    after = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    window = Window("Europe/Berlin", day, after)
    rows = [row for row in recorded() if row.zone == window.zone]
    table = [(SCHEDULES.index(row.schedule), minute(slot)) for row in rows for slot in row.slots]
    assert sorted(record(window)) == sorted(one for one in table if one[1] in window.minutes)
