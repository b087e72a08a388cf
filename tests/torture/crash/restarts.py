"""Three hundred items, killed at random and restarted: what is lost, duplicated, or fetched again.

The same was measured for Scrapy with JOBDIR and for crawlee-python; docs/reliability.md compares the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

import orjson

from tests.torture.crash.bench import Bench, Scenario, files
from tests.torture.crash.fork_server import At
from tests.torture.crash.shim import Mode

PAPERS, KILLS = 30, 64
FIRST, LAST = date(2025, 12, 1), date(2025, 12, 12)
ITEMS = 300
"""Ten working days with thirty papers each."""
BACKFILL = Scenario("300 items", ["backfill", "hf-daily", "--since", f"{FIRST}", "--until", f"{LAST}"])
FURTHEST = 120
"""The maximum number of calls before a run is killed: those of nearly three days."""


@dataclass(frozen=True)
class Resumed:
    """The result of the kills."""

    kills: int
    backfills: int
    lost: int
    doubles: int
    unlike: int
    """Files that differ from those of the undisturbed backfill."""
    pages_again: int


def resumed(kills: int = KILLS, seed: int = 1) -> Resumed:
    """Backfills with some number of kills in total, each restarted until it is done."""
    rng = Random(seed)
    with Bench(papers=PAPERS, bad_items=False) as bench:
        calm = bench.undisturbed(BACKFILL)
        needed = len(bench.site.log)
        killed = again = 0
        found: list[dict[str, bytes]] = []
        while killed < kills:
            disk = bench.disk()
            bench.site.log.clear()
            while bench.run(disk, BACKFILL.words, At(rng.randint(1, FURTHEST), Mode.KILL)).status != 0:
                killed += 1
            again += len(bench.site.log) - needed
            found.append(files(disk))
    keys = [_keys(one) for one in found]
    return Resumed(
        killed,
        len(found),
        sum(ITEMS - len(set(one)) for one in keys),
        sum(len(one) - len(set(one)) for one in keys),
        sum(one.get(name) != calm.files.get(name) for one in found for name in one.keys() | calm.files.keys()),
        again,
    )


def _keys(found: dict[str, bytes]) -> Sequence[str]:
    days = (content for name, content in found.items() if name.startswith("store/snapshots/") and name.count(".") == 1)
    return [orjson.loads(line)["key"] for content in days for line in content.splitlines()]
