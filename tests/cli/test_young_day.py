"""What `status` says of a day that is not over, from a store with weeks of days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from dailypapers.snapshots.store.layout import Store
from tests.papersite import Moving, PaperSite
from tests.papersite.periods import midnight
from tests.product import SERIES
from tests.support.scripted_month import FIRST, HOUR, at, pointed_at, run_command

DAYS = [FIRST + timedelta(days=number) for number in range(36)]
TODAY = DAYS[-1]


def test_status_says_how_complete_today_usually_is(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with PaperSite(script=Moving(7, 5), now=at(DAYS[0], 1)) as site, pointed_at(site, tmp_path):
        # Twice in the day, a little apart, and late enough to close the days before.
        for day in DAYS:
            for hours in (9, 14):
                site.now = at(day, hours)
                run_command(store, site.now, "run")
        said = run_command(store, site.now, "status").out
        today = orjson.loads(run_command(store, site.now, "--json", "status").out)["days"]
        assert "so far" not in run_command(store, at(TODAY, 30), "status").out
    share, papers = first_seen_share(Store(store))
    line = f"  {TODAY}  {papers} papers so far; by 14:00 UTC {round(100 * share)} % of a day's papers"
    assert f"{line} have usually been listed\n" in said
    shares = {row["day"]: row["usual_share"] for row in today}
    assert shares[f"{TODAY}"] == pytest.approx(share)
    assert {value for day, value in shares.items() if day != f"{TODAY}"} == {None}


def first_seen_share(store: Store) -> tuple[float, int]:
    """The median share of papers with a `first_seen` by 14:00, over the closed weekdays, and the papers of today."""
    shares = []
    for day in DAYS:
        rows = list(map(orjson.loads, store.papers(SERIES, day).read_bytes().splitlines()))
        limit = f"{midnight(day) + 14 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
        closed = b'"state": "closed"' in store.certificate(SERIES, day).read_bytes()
        if day.weekday() < 5 and closed:
            shares.append(sum(row["first_seen"] <= limit for row in rows) / len(rows))
    assert len(shares) >= 20
    ordered, middle = sorted(shares), len(shares) // 2
    return (ordered[middle] if len(shares) % 2 else sum(ordered[middle - 1 : middle + 1]) / 2), len(rows)
