"""Row 14: `dailypapers export` of a store with a million papers, as a process, against the limits that it has to keep.

The peer is pandas on some of the same day files: it infers the types and verifies nothing.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from dailypapers.parsers.model import Paper
from dailypapers.snapshots.reader import read_range
from dailypapers.snapshots.store.layout import Store
from tests.benchmarks.crawlers import launcher
from tests.benchmarks.table import Figure, Table, Target
from tests.benchmarks.turns import NotMeasuredError
from tests.product import SERIES
from tests.support.large_store import fill
from tests.support.written_days import write_day

ROW: Final = 14
PAPERS: Final = 1_000_000
PAPERS_OF_A_DAY: Final = 1_400
"""As on a working day of arXiv."""
SAMPLES: Final = 150
"""Days of invented papers, which are repeated under other dates; no paper comes twice in a row group."""
FIRST: Final = date(2024, 1, 1)
LEAST_PER_SECOND: Final = 15_000
MAX_MEMORY: Final = 400.0
OURS: Final = "dailypapers export"
PEER: Final = "pandas, by its time per paper"
PEER_DAYS: Final = 10
LIMIT: Final = "limit"

PANDAS: Final = """
import sys
import pandas as pd
frames = [pd.read_json(path, lines=True, dtype=False) for path in sys.argv[2:]]
pd.concat(frames).to_parquet(sys.argv[1], compression="zstd")
"""


def measure(papers: int = PAPERS) -> list[Table]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        stored = fill_store(Store(folder / "store"), papers)
        words = ["--store", f"{folder / 'store'}", "--quiet", "export", "--out", f"{folder / 'out'}"]
        ours = launch([f"{Path(sys.executable).with_name('dailypapers')}", *words])
        days = [f"{Store(folder / 'store').papers(SERIES, FIRST + timedelta(number))}" for number in range(PEER_DAYS)]
        peer = launch([sys.executable, "-c", PANDAS, f"{folder / 'pandas.parquet'}", *days])
    work = f"export of {stored:,} papers, {PAPERS_OF_A_DAY:,} a day"
    times = (
        Figure("ours", OURS, (ours[0],), "s"),
        Figure("peer", PEER, (peer[0] * stored / (PEER_DAYS * PAPERS_OF_A_DAY),), "s"),
        Figure("limit", LIMIT, (stored / LEAST_PER_SECOND,), "s"),
    )
    memory = (Figure("ours", OURS, (ours[1],), "MiB"), Figure("limit", LIMIT, (MAX_MEMORY,), "MiB"))
    return [
        Table(ROW, f"{work}: wall time of the process", times, (Target(LIMIT, 1.0),)),
        Table(ROW, f"{work}: its peak memory", memory, (Target(LIMIT, 1.0),)),
    ]


def fill_store(store: Store, papers: int) -> int:
    """Write days of invented papers, at least so many; returns their number."""
    days = -(-papers // PAPERS_OF_A_DAY)
    with TemporaryDirectory() as name:
        fill(Path(name), SAMPLES, None)
        samples = cycle(list(read_range(Store(Path(name)), SERIES)))
        for number in range(days):
            day = FIRST + timedelta(days=number)
            write_day(store, list(_renamed(islice(samples, PAPERS_OF_A_DAY), number)), day=day)
    return days * PAPERS_OF_A_DAY


def _renamed(papers: Iterator[Paper], number: int) -> Iterator[Paper]:
    for place, paper in enumerate(papers):
        yield paper.model_copy(update={"key": f"arxiv:{number:04}.{place:05}"})


def launch(command: list[str]) -> tuple[float, float]:
    """Run a program; returns its seconds and its peak memory in MiB. Raises NotMeasuredError if it fails."""
    done = subprocess.run([sys.executable, "-I", f"{launcher.__file__}", *command], check=True, capture_output=True)
    result = orjson.loads(done.stdout)
    if result["status"] != 0:
        raise NotMeasuredError(f"row {ROW}: {command[0]} exits with {result['status']}: {result['said']}")
    return result["seconds"], result["mebibytes"]
