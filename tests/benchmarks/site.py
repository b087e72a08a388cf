"""Row 18: `dailypapers site`: all pages of 560 days from nothing, and a new day by the days that the store has.

Both are without the search index, which Pagefind's program makes. Times are CPU seconds of the whole process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import orjson

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.feeds import PAPERS_OF_A_DAY, SAMPLES, fill_days
from tests.benchmarks.table import Figure, Table, Target
from tests.product import SERIES
from tests.support.large_store import fill

ROW: Final = 18
DAYS: Final = 565
"""With 17 papers a day, 9,605 papers."""
FEW_DAYS, MANY_DAYS = 100, 2000
MAX_BY_DAYS: Final = 1.3
MAX_SECONDS: Final = 3.0
MAX_MEBIBYTES: Final = 60.0
TURNS: Final = 5
LIMIT: Final = "limit"
LAUNCHER: Final = Path(__file__).parent / "crawlers" / "launcher.py"


class Cost(NamedTuple):
    """What a process took."""

    milliseconds: float
    mebibytes: float


def measure() -> list[Table]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "samples", SAMPLES, None)
        samples = list(read_range(Store(folder / "samples"), SERIES))
        return [*from_nothing(folder, samples), by_days(folder, samples)]


def from_nothing(folder: Path, samples: Sequence[Paper]) -> list[Table]:
    """All pages and feeds into an empty folder: CPU time, and the largest memory."""
    store, number = fill_days(Store(folder / "all"), samples, range(DAYS)), count()
    # The first one compiles the modules, and is not counted.
    costs = [_site(store, folder / f"site-{next(number)}") for _ in range(1 + TURNS)][1:]
    work = f"site of {DAYS * PAPERS_OF_A_DAY:,} papers and {DAYS} days"
    times = Figure("ours", "all pages", tuple(cost.milliseconds for cost in costs))
    sizes = Figure("ours", "all pages", tuple(cost.mebibytes for cost in costs), "MiB")
    return [
        Table(ROW, f"{work}: CPU time of the process", (times, _limit(1000 * MAX_SECONDS)), (Target(LIMIT, 1.0),)),
        Table(ROW, f"{work}: memory", (sizes, _limit(MAX_MEBIBYTES, "MiB")), (Target(LIMIT, 1.0),)),
    ]


def by_days(folder: Path, samples: Sequence[Paper]) -> Table:
    """The command each time after one more day."""
    few, many = (_growing(folder, samples, days) for days in (FEW_DAYS, MANY_DAYS))
    turns = [(next(few), next(many)) for _ in range(TURNS)]
    names = f"{MANY_DAYS:,} days", f"{FEW_DAYS} days"
    figures = (
        Figure("ours", names[0], tuple(many.milliseconds for _, many in turns)),
        Figure("floor", names[1], tuple(few.milliseconds for few, _ in turns)),
    )
    work = "site after one new day, by the days in the store: CPU time of the process"
    return Table(ROW, work, figures, (Target(names[1], MAX_BY_DAYS),))


def _limit(most: float, unit: str = "ms") -> Figure:
    return Figure("limit", LIMIT, (most,) * TURNS, unit)


def _growing(folder: Path, samples: Sequence[Paper], days: int) -> Iterator[Cost]:
    """The cost of the command after each new day; the first one is not counted."""
    store = fill_days(Store(folder / f"{days}"), samples, range(days))
    for number in range(TURNS + 1):
        cost = _site(store, folder / f"{days}-site")
        if number:
            yield cost
        fill_days(store, samples, [days + number])


def _site(store: Store, out: Path) -> Cost:
    program = f"{Path(sys.executable).with_name('dailypapers')}"
    words = [program, "--store", f"{store.root}", "--quiet", "site", "--no-search", "--out", f"{out}"]
    command = [sys.executable, "-I", f"{LAUNCHER}", *words]
    done = subprocess.run(command, env=_environment(out.parent), check=True, capture_output=True)
    took = orjson.loads(done.stdout)
    if took["status"] != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {took['status']}: {took['said']}")
    return Cost(1000 * took["cpu"], took["mebibytes"])


def _environment(folder: Path) -> dict[str, str]:
    """Compiled modules are cached, as after any installation, but outside the tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONPYCACHEPREFIX": f"{folder / 'compiled'}"}
