"""A harvest of OAI-PMH that is killed again and again ends complete, and costs only the pages on their way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dailypapers.snapshots.store.layout import Series, Store
from tests.papersite import Switch
from tests.papersite.arxiv.site import ArxivSite
from tests.papersite.faults_wire import silent
from tests.papersite.switches import when

ROOT = Path(__file__).parents[2]
SERIES = Series("arxiv-oai")
SINCE, UNTIL = date(2026, 8, 10), date(2026, 8, 18)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)  # so long after that one look at a day is enough
KILLED_AFTER = (4, 9, 16)  # requests


def backfill(folder: Path, site: ArxivSite) -> subprocess.Popen[str]:
    words = ["backfill", "arxiv-oai", "--since", f"{SINCE}", "--until", f"{UNTIL}"]
    options = ["--store", str(folder / "store"), "--now", NOW.isoformat(), "--endpoint", f"arxiv={site.url}"]
    return subprocess.Popen(
        [sys.executable, "-m", "dailypapers", *words, *options],
        cwd=ROOT,
        env={**os.environ, "DAILYPAPERS_STATE": str(folder / "state"), "DAILYPAPERS_BUDGET": "arxiv=50/0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def files(store: Store) -> dict[str, bytes]:
    paths = (path for path in store.root.rglob("*") if path.is_file() and path.name != ".lock")
    found = {path.relative_to(store.root): path.read_bytes() for path in paths}
    return {f"{name}": content for name, content in found.items() if name.parts[0] != "runs"}


def silent_from(site: ArxivSite, number: int) -> Switch:
    """The site leaves this request, of all that were ever sent, and later ones unanswered."""
    return when(lambda _: len(site.log) >= number - 1, silent("/"))


def test_a_harvest_that_is_killed_ends_complete_and_costs_the_pages_on_their_way(tmp_path: Path) -> None:
    with ArxivSite(now=NOW, records_per_page=100) as site:
        for requests in KILLED_AFTER:
            site.switches[:] = [silent_from(site, requests)]
            process = backfill(tmp_path, site)
            while len(site.log) < requests and process.poll() is None:
                time.sleep(0.01)
            assert process.poll() is None, process.communicate()[0]
            process.kill()
            process.communicate()
        site.switches.clear()
        last = backfill(tmp_path, site)
        output = last.communicate()[0]
        assert last.returncode == 0, output
        store, days = Store(tmp_path / "store"), [SINCE + timedelta(days=number) for number in range(9)]
        for day in days:
            found = {json.loads(row)["arxiv_id"] for row in store.papers(SERIES, day).read_text().splitlines()}
            assert found == {paper.id for paper in site.changed(day)}, day
            state = json.loads(store.certificate(SERIES, day).read_bytes())["state"]
            assert state == ("closed" if found else "empty"), day
        times = Counter(line.target for line in site.log if line.path == "/oai")
        assert sum(times.values()) - len(times) <= len(KILLED_AFTER)
        undisturbed = backfill(tmp_path / "undisturbed", site)
        undisturbed.communicate()
        assert undisturbed.returncode == 0
        assert files(store) == files(Store(tmp_path / "undisturbed" / "store"))
