"""One budget for all sources of arXiv, whichever host they go to, over five processes: the site's log, in real time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from tests.papersite.arxiv.site import ArxivSite

ROOT = Path(__file__).parents[2]
PERIOD = 0.3
NOW = datetime(2026, 8, 14, 1, 30, tzinfo=UTC)
COMMANDS = (
    ("run", "arxiv-new", "--query", "cs.CL"),
    ("run", "arxiv-new", "--query", "hep-th"),
    ("run", "arxiv-catchup", "--query", "cs.LG", "--day", "2026-08-12"),
    ("run", "arxiv-api", "--query", "cat:cs.CV", "--day", "2026-08-11"),
    ("run", "arxiv-oai", "--day", "2026-08-12"),
)


def test_no_process_and_no_source_is_faster_than_the_rule(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DAILYPAPERS_STATE": str(tmp_path / "state"),
        "DAILYPAPERS_BUDGET": f"arxiv=1/{PERIOD}",
    }
    with ArxivSite(now=NOW, records_per_page=100) as site:
        options = ["--store", str(tmp_path / "store"), "--now", NOW.isoformat(), "--endpoint", f"arxiv={site.url}"]
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dailypapers", *command, *options],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for command in COMMANDS
        ]
        outputs = [process.communicate()[0] for process in processes]
        requests = [(line.ticks, line.target) for line in site.log]
    assert [process.returncode for process in processes] == [0] * 5, outputs
    assert all(
        any(target.startswith(start) for _, target in requests) for start in ("/list", "/rss", "/catchup", "/oai")
    )
    times = sorted(ticks for ticks, _ in requests)
    assert len(times) >= 10
    # A request may arrive late, so that the next one follows it sooner than that; three in a row cannot.
    assert min(later - earlier for earlier, later in zip(times, times[3:], strict=False)) > 2 * PERIOD
    assert times[-1] - times[0] > PERIOD * (len(times) - 2)
    assert all(earlier < later for earlier, later in pairwise(times))
